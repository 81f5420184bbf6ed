// A simulator that knows the instructions of the model and NOP, on a flat memory of its own: how
// the instruction loop is used.

#include <icebp/model/rules/cpu/unknown_profile.h>
#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/instruction_loop.h>

#include <array>
#include <cstdio>

namespace {

// --- shown in README.md
class Simulator {
public:
  icebp::CoreContext context() const {
    icebp::CoreContext context; // 64-bit mode, CPL 0
    context.tf = tf;
    context.rf = rf;
    return context;
  }
  std::uint64_t rip() const { return address; }
  void clear_rf() { rf = false; }

  template <typename Life>
  icebp::Request execute_at_rip(Life& life) {
    const auto decoded =
        icebp::decode(&memory[address], memory.size() - address, icebp::Mode::long_mode);
    const bool known = decoded.status == icebp::DecodeStatus::ok ||
                       decoded.status == icebp::DecodeStatus::trailing_bytes;
    if (known) {
      icebp::Request request = decoded.request;
      request.value = gpr[request.gpr];
      const icebp::Outcome outcome = life.put(request); // RIP is still at the instruction
      if (life.is_over())
        return request; // `take` has been called
      if (request.operation == icebp::Operation::mov_from_dr)
        gpr[request.gpr] = outcome.value();
    }
    address += known ? decoded.request.length : 1; // else a NOP
    return icebp::request_at(icebp::Operation::end_of_instruction, address);
  }

  void take(const icebp::Delivery& delivery) { // the handler returns at once
    address = delivery.rip;
    rf = delivery.rf;
    last = delivery.outcome;
  }
  // --- until here

  std::array<std::uint8_t, 64> memory{};
  std::array<std::uint64_t, 16> gpr{};
  std::uint64_t address = 0;
  bool tf = false, rf = false;
  icebp::Outcome last;
};

} // namespace

int main(int argc, char** argv) {
  const char* name = argc > 1 ? argv[1] : "intel-skylake";
  const icebp::CpuProfile* profile = icebp::find_cpu_profile(name);
  if (profile == nullptr) {
    std::fprintf(stderr, "%s\n", icebp::unknown_profile(name).c_str());
    return 2;
  }
  const icebp::CpuModel cpu(*profile);
  icebp::CoreState state = icebp::power_up(cpu);
  icebp::UntimedCore core(cpu, state);
  Simulator sim;
  sim.memory = {0x0F, 0x23, 0xF9, 0x0F, 0x21, 0xC3, 0x90}; // mov dr7, rcx; mov rbx, dr0; nop
  sim.gpr[1] = 0x2400;                                     // GD
  while (sim.address < 7) {
    const icebp::InstructionEnd end = icebp::run_instruction(core, sim);
    std::printf(
        "%-8.*s rip %02llx  dr6 %08llx  dr7 %08llx\n", static_cast<int>(icebp::name_of(end).size()),
        icebp::name_of(end).data(), static_cast<unsigned long long>(sim.address),
        static_cast<unsigned long long>(state.dr[6]), static_cast<unsigned long long>(state.dr[7]));
  }
}
