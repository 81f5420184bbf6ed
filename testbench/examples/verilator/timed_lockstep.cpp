// The register file, verilated as a SystemC module, beside the timed core: the same random
// operations to both, all that can be seen compared after each, and the signals of both in one VCD.
//
//   timed_lockstep [OPERATIONS [PLANTED [VCD]]]      PLANTED as in debug_registers.sv
#include <icebp/model/debug_core.h>

#include <systemc>

#include <Vdebug_registers.h> // made by Verilator
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

class Lockstep : public sc_core::sc_module {
public:
  int operations = 20000;
  int differences = 0;

  explicit Lockstep(const sc_core::sc_module_name& name) : sc_module(name) {
    rtl.clk(clk);
    rtl.rst(rst);
    rtl.start(start);
    rtl.int1(int1);
    rtl.write(write);
    rtl.dr(dr);
    rtl.cpl(cpl);
    rtl.cr4_de(cr4_de);
    rtl.long_mode(long_mode);
    rtl.operand(operand);
    rtl.planted(planted);
    rtl.done(done);
    rtl.exception(exception);
    rtl.result(result);
    rtl.dr0(registers[0]);
    rtl.dr1(registers[1]);
    rtl.dr2(registers[2]);
    rtl.dr3(registers[3]);
    rtl.dr6(registers[6]);
    rtl.dr7(registers[7]);
    SC_HAS_PROCESS(Lockstep);
    SC_THREAD(run);
  }

  void plant(unsigned number) { planted.write(number); }

  void trace(sc_core::sc_trace_file* file) const override {
    core.trace(file);
    const auto add = [&](const auto& signal) { sc_core::sc_trace(file, signal, signal.name()); };
    for (const auto* bit : {&rst, &start, &int1, &write, &cr4_de, &long_mode, &done})
      add(*bit);
    for (const auto* small : {&dr, &cpl, &exception})
      add(*small);
    for (const auto* wide : {&operand, &result, &registers[0], &registers[1], &registers[2],
                             &registers[3], &registers[6], &registers[7]})
      add(*wide);
    add(differs);
  }

private:
  // Numbers that are the same everywhere (xorshift, G. Marsaglia 2003).
  std::uint32_t next() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    return random_;
  }
  bool one_in(std::uint32_t of) { return (next() >> 8) % of == 0; }

  icebp::Request choose() {
    icebp::Request request;
    request.operation = one_in(16)  ? icebp::Operation::int1
                        : one_in(2) ? icebp::Operation::mov_to_dr
                                    : icebp::Operation::mov_from_dr;
    request.dr = static_cast<std::uint8_t>(next() >> 8 & 7);
    request.context.cpl = static_cast<std::uint8_t>(one_in(4) ? next() >> 8 & 3 : 0);
    request.context.cr4_de = one_in(2);
    if (one_in(4))
      request.context.mode = icebp::Mode::protected_mode;
    request.value = next() | (one_in(8) ? std::uint64_t{next()} << 32 : 0);
    if (!one_in(4))
      request.value &= ~std::uint64_t{0x2000}; // GD
    return request;
  }

  void run() {
    rst.write(true);
    wait(2 * clk.period());
    rst.write(false);
    for (int n = 1; n <= operations && differences == 0; ++n) {
      const icebp::Request request = choose();
      put_to_rtl(request);
      core.issue(request);
      wait(done.posedge_event());
      start.write(false);
      if (!core.idle()) // it has the cycles of a CPU, more than this register file
        wait(core.finished());
      wait(clk.negedge_event());
      compare(n, request);
    }
    wait(clk.period());
    sc_core::sc_stop();
  }

  void put_to_rtl(const icebp::Request& request) {
    int1.write(request.operation == icebp::Operation::int1);
    write.write(request.operation == icebp::Operation::mov_to_dr);
    dr.write(request.dr);
    cpl.write(request.context.cpl);
    cr4_de.write(request.context.cr4_de);
    long_mode.write(request.context.is_64_bit());
    operand.write(request.value);
    start.write(true);
  }

  void compare(int n, const icebp::Request& request) {
    const icebp::Outcome& outcome = core.outcome();
    bool same = exception.read() == static_cast<std::uint32_t>(outcome.vector) &&
                result.read() == outcome.value();
    for (const unsigned number : {0, 1, 2, 3, 6, 7})
      same = same && registers[number].read() == core.state().dr[number];
    if (same)
      return;
    ++differences;
    differs.write(true);
    std::cout << sc_core::sc_time_stamp() << ", operation " << n << ": " << request.operation
              << " differs: DR" << int{request.dr} << ", CPL " << int{request.context.cpl}
              << std::hex << ", operand " << request.value << "; exception " << exception.read()
              << ", DR6 " << registers[6].read() << ", DR7 " << registers[7].read()
              << "; the model has " << outcome.vector << " by " << outcome.cause << ", DR6 "
              << core.state().dr[6] << ", DR7 " << core.state().dr[7] << std::dec << '\n';
  }

  template <typename T>
  using Signal = sc_core::sc_signal<T>;

  sc_core::sc_clock clk{"clk", sc_core::sc_time(1, sc_core::SC_NS), 0.5,
                        sc_core::sc_time(1, sc_core::SC_NS)}; // as the core's: edges at n ns
  Signal<bool> rst{"rst"}, start{"start"}, int1{"int1"}, write{"write"}, cr4_de{"cr4_de"},
      long_mode{"long_mode"}, done{"done"}, differs{"differs"};
  Signal<std::uint32_t> dr{"dr"}, cpl{"cpl"}, exception{"exception"}, planted{"planted"};
  Signal<std::uint64_t> operand{"operand"}, result{"result"};
  sc_core::sc_vector<Signal<std::uint64_t>> registers{"register", 8};
  Vdebug_registers rtl{"rtl"};
  icebp::DebugCore core{"core", icebp::make_cpu_model("intel-skylake"),
                        icebp::CoreClock(1, sc_core::SC_NS)};
  std::uint32_t random_ = 1;
};

int sc_main(int argc, char** argv) {
  Lockstep lockstep("lockstep");
  if (argc > 1)
    lockstep.operations = std::atoi(argv[1]);
  const int planted = argc > 2 ? std::atoi(argv[2]) : 0;
  lockstep.plant(static_cast<unsigned>(planted));
  sc_core::sc_trace_file* waves = argc > 3 ? sc_core::sc_create_vcd_trace_file(argv[3]) : nullptr;
  if (waves)
    lockstep.trace(waves);
  sc_core::sc_start();
  if (waves)
    sc_core::sc_close_vcd_trace_file(waves);
  std::cout << "seed 1, fault " << planted << ": " << lockstep.operations << " operations, "
            << (lockstep.differences == 0 ? "no difference" : "a difference") << '\n';
  return lockstep.differences == 0 ? 0 : 1;
}
