// An x86 core as a vcml processor: MOV DR, RDMSR, WRMSR and INT1 go to a loosely timed debug unit.
//
//   -c platform.cpu.profile=amd-zen1      and dr0, dr7, efer, ... are properties too
#include <icebp/model/debug_core.h>
#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/instruction_loop.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <vcml.h>

class x86_core : public vcml::processor {
public:
  vcml::property<std::string> profile;
  icebp::DebugCore debug;

  explicit x86_core(const sc_core::sc_module_name& name)
      : vcml::processor(name, "i386:x86-64"), profile("profile", "intel-skylake"),
        debug("debug", icebp::make_cpu_model(profile.get()),
              icebp::CoreClock(1, sc_core::SC_NS), // until `clk` says
              icebp::Timing::loosely_timed) {
    for (const std::size_t dr : {0, 1, 2, 3, 6, 7})
      define_cpureg_rw(first_dr + dr, "dr" + std::to_string(dr), 8);
    for (const Msr& msr : msrs)
      if (debug.peek(msr.index))
        define_cpureg_rw(msr.index, msr.name, 8);
  }

  vcml::u64 cycle_count() const override { return cycles; }
  vcml::u64 program_counter() override { return address; }

  // The signal `rst`, and the command of the session. What the configuration sets of registers is
  // written behind it.
  void reset() override {
    debug.reset();
    address = cycles = 0;
    rf = halted = false;
    vcml::processor::reset();
  }

  void handle_clock_update(vcml::hz_t from, vcml::hz_t to) override {
    vcml::processor::handle_clock_update(from, to);
    if (to != 0) // 0 stops this processor
      debug.set_clock(icebp::CoreClock::of_hertz(to));
  }

  // What a debugger reads and writes: no check of privilege, no general detect, no time.
  bool read_reg_dbg(size_t number, void* to, size_t size) override {
    const std::optional<std::uint64_t> value = number >= first_dr
                                                   ? debug.state().dr[number - first_dr]
                                                   : debug.peek(static_cast<std::uint32_t>(number));
    if (!value || size != sizeof *value)
      return false;
    std::memcpy(to, &*value, size);
    return true;
  }
  bool write_reg_dbg(size_t number, const void* from, size_t size) override {
    std::uint64_t value = 0;
    if (size != sizeof value)
      return false;
    std::memcpy(&value, from, size);
    if (number < first_dr)
      return debug.poke(static_cast<std::uint32_t>(number), value);
    return debug.poke_dr(static_cast<unsigned>(number - first_dr), value);
  }

  // Runs `count` cycles. vcml makes time of cycle_count().
  void simulate(size_t count) override {
    Put core{*this};
    for (const vcml::u64 end = cycles + count; cycles < end && !halted; ++cycles)
      icebp::run_instruction(core, *this);
  }

  // ---- What the instruction loop asks of a simulator

  icebp::CoreContext context() const {
    icebp::CoreContext context; // 64-bit mode, CPL 0
    context.rf = rf;
    return context;
  }
  std::uint64_t rip() const { return address; }
  void clear_rf() { rf = false; }

  // The instructions of the model, HLT, and else NOP.
  template <typename Life>
  icebp::Request execute_at_rip(Life& life) {
    std::array<std::uint8_t, 15> code{};
    insn.read(address, code.data(), static_cast<unsigned>(code.size()));
    const auto decoded = icebp::decode(code.data(), code.size(), icebp::Mode::long_mode);
    const bool known = decoded.status == icebp::DecodeStatus::ok ||
                       decoded.status == icebp::DecodeStatus::trailing_bytes;
    if (known) {
      icebp::Request request = decoded.request;
      request.value = gpr[request.gpr];
      const icebp::Outcome outcome = life.put(request);
      if (life.is_over())
        return request; // `take` has been called
      if (request.operation == icebp::Operation::mov_from_dr)
        gpr[request.gpr] = outcome.value();
    }
    halted = code[0] == 0xF4;
    address += known ? decoded.request.length : 1;
    return icebp::request_at(icebp::Operation::end_of_instruction, address);
  }

  void take(const icebp::Delivery& delivery) { // the handler returns at once
    const std::string end(icebp::name_of(delivery.end));
    const std::string cause(icebp::name_of(delivery.outcome.cause));
    log_info("%s by %s, back to 0x%llx", end.c_str(), cause.c_str(),
             static_cast<unsigned long long>(delivery.rip));
    address = delivery.rip;
    rf = delivery.rf;
  }

  std::array<std::uint64_t, 16> gpr{};

private:
  // ... and of a core. What was executed in this quantum counts for the TSC.
  struct Put {
    x86_core& of;
    icebp::Outcome put(const icebp::Request& request) {
      const icebp::Execution execution = of.debug.execute(request, of.local_time());
      of.cycles += execution.cycles;
      return execution.outcome;
    }
    const icebp::CoreState& state() const { return of.debug.state(); }
    const icebp::WatchFilter& watch() const { return of.debug.watch(); }
    const icebp::CpuModel& cpu() const { return of.debug.cpu(); }
  };

  struct Msr {
    std::uint32_t index;
    const char* name;
  };
  static constexpr Msr msrs[] = {
      {0x1D9, "debugctl"}, {0x277, "pat"}, {0xC0000080, "efer"}, {0xC0000082, "lstar"}};
  static constexpr std::size_t first_dr = std::size_t{1} << 32; // behind all MSRs

  vcml::u64 address = 0, cycles = 0;
  bool rf = false, halted = false;
};

class platform : public vcml::system {
public:
  explicit platform(const sc_core::sc_module_name& name) : vcml::system(name) {
    bus.bind(cpu.insn);
    bus.bind(cpu.data);
    bus.bind(memory.in, vcml::range(0, 0xFFF));
    clock.clk.bind(cpu.clk);
    clock.clk.bind(bus.clk);
    clock.clk.bind(memory.clk);
    reset.rst.bind(cpu.rst);
    reset.rst.bind(bus.rst);
    reset.rst.bind(memory.rst);
    // mov dr7, rcx; mov rbx, dr0; hlt
    const std::uint8_t program[] = {0x0F, 0x23, 0xF9, 0x0F, 0x21, 0xC3, 0xF4};
    for (std::size_t at = 0; at < std::size(program); ++at)
      memory[at] = program[at];
    cpu.gpr[1] = 0x2400; // GD: the read is a #DB, and then retires
  }

private:
  x86_core cpu{"cpu"};
  vcml::generic::bus bus{"bus"};
  vcml::generic::memory memory{"memory", 0x1000};
  vcml::generic::clock clock{"clock", 1 * vcml::GHz};
  vcml::generic::reset reset{"reset"};
};

int sc_main(int, char**) {
  platform machine("platform");
  return machine.run();
}
