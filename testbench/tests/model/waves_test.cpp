// The values of the waves, read back from the VCD. Cycles are those of `distinct_cycles`: issue 2,
// check 3, retire 5, fault 7, deliver 11, exit 13; a clock of 1 ns, times in ns.

#include <icebp/model/report_ids.h>
#include <icebp/testbench/program/scenario/vcd_reader.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

namespace icebp {
namespace {

using test::mov_from_dr;
using test::mov_to_dr;
using test::msr_access;
using test::ns;

// A traced core and a thread that runs `script`.
struct TracedBench : sc_core::sc_module {
  InstructionInitiator initiator{"initiator"};
  DebugCoreTarget core;
  InstructionWaves instruction;
  std::function<void(TracedBench&)> script;

  TracedBench(sc_core::sc_trace_file* file, std::function<void(TracedBench&)> body)
      : sc_module(sc_core::sc_module_name("bench")),
        core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS)),
        instruction(file, core.name(), core.clock()), script(std::move(body)) {
    initiator.socket.bind(core.instruction);
    core.trace(file);
    SC_HAS_PROCESS(TracedBench);
    SC_THREAD(run);
  }

  Outcome operator()(const Request& request) {
    sc_core::sc_time delay;
    EXPECT_EQ(initiator.execute(request, delay), ::tlm::TLM_OK_RESPONSE);
    return initiator.outcome();
  }

  void run() {
    script(*this);
    sc_core::wait(ns(5));
    sc_core::sc_stop();
  }
};

class Waves {
public:
  explicit Waves(const std::function<void(TracedBench&)>& script) {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("waves_test." + std::to_string(getpid())))
            .string();
    sc_core::sc_trace_file* file = sc_core::sc_create_vcd_trace_file(path.c_str());
    file->set_time_unit(1, sc_core::SC_PS);
    TracedBench bench(file, script);
    sc_core::sc_start();
    sc_core::sc_close_vcd_trace_file(file);
    std::ifstream in(path + ".vcd");
    vcd_ = read_vcd(in);
    std::filesystem::remove(path + ".vcd");
  }

  // Of "cause" or "debug_unit.dr6" in the cycle that begins at `time`.
  std::string at(unsigned time, const std::string& signal) const {
    std::string value = "no such signal";
    for (const VcdChange& change : vcd_.changes)
      if (change.signal == prefix + signal && change.time <= 1000 * std::uint64_t{time})
        value = change.value;
    return value;
  }
  template <typename E>
  std::string_view name_at(unsigned time, const std::string& signal) const {
    return name_of(static_cast<E>(std::stoul(at(time, signal), nullptr, 16)));
  }
  unsigned width(const std::string& signal) const { return vcd_.widths.at(prefix + signal); }

private:
  static inline const std::string prefix = "SystemC.core.";
  Vcd vcd_;
};

// A core may be traced into any number of files, once into each.
TEST(Waves, GoIntoSeveralFiles) {
  const std::string path = testing::TempDir() + "icebp_waves_" + std::to_string(getpid());
  {
    DebugCore core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
    sc_core::sc_trace_file* files[] = {sc_core::sc_create_vcd_trace_file((path + "_0").c_str()),
                                       sc_core::sc_create_vcd_trace_file((path + "_1").c_str())};
    for (sc_core::sc_trace_file* file : files)
      core.trace(file);
    for (sc_core::sc_trace_file* file : files)
      EXPECT_EQ(test::message_of([&] { core.trace(file); }),
                "core: the core is traced into this file already");
    sc_core::sc_start(ns(10));
    core.issue(mov_to_dr(0, 0x1111));
    sc_core::sc_start(ns(50));
    for (sc_core::sc_trace_file* file : files)
      sc_core::sc_close_vcd_trace_file(file);
  }
  Vcd waves[2];
  for (unsigned n = 0; n < 2; ++n) {
    const std::string name = path + "_" + std::to_string(n) + ".vcd";
    std::ifstream in(name);
    waves[n] = read_vcd(in);
    std::filesystem::remove(name);
  }
  EXPECT_EQ(waves[0].widths, waves[1].widths);
  ASSERT_EQ(waves[0].changes.size(), waves[1].changes.size());
  EXPECT_GT(waves[0].changes.size(), 40U);
  for (std::size_t n = 0; n < waves[0].changes.size(); ++n) {
    EXPECT_EQ(waves[0].changes[n].signal, waves[1].changes[n].signal);
    EXPECT_EQ(waves[0].changes[n].value, waves[1].changes[n].value);
    EXPECT_EQ(waves[0].changes[n].time, waves[1].changes[n].time);
  }
}

// The VCD of what `make` builds, which `run` runs.
Vcd vcd_of(const std::function<std::function<void()>(sc_core::sc_trace_file*)>& make) {
  const std::string path = testing::TempDir() + "icebp_vcd_of_" + std::to_string(getpid());
  sc_core::sc_trace_file* file = sc_core::sc_create_vcd_trace_file(path.c_str());
  file->set_time_unit(1, sc_core::SC_PS);
  const std::function<void()> run = make(file);
  run();
  sc_core::sc_close_vcd_trace_file(file);
  std::ifstream in(path + ".vcd");
  Vcd vcd = read_vcd(in);
  std::filesystem::remove(path + ".vcd");
  return vcd;
}

// SystemC's writer would warn of each signal, and write `core(0)`.
TEST(Waves, ScopesOfNamesWithBracketsAreNamedAsInAnScVector) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  const auto cpu = test::cpu_model("intel-skylake");
  const auto make = [&cpu](const char* name, std::size_t) {
    return new DebugCore(name, cpu, CoreClock(1, sc_core::SC_NS));
  };
  DebugCore bracketed("core[0]", cpu, CoreClock(1, sc_core::SC_NS));
  DebugCore twice("tile[1][2]", cpu, CoreClock(1, sc_core::SC_NS));
  DebugCore taken("core_7", cpu, CoreClock(1, sc_core::SC_NS));
  DebugCore beside("core[7]", cpu, CoreClock(1, sc_core::SC_NS));
  sc_core::sc_vector<DebugCore> cores("cores", 2, make);
  std::unique_ptr<InstructionWaves> instruction;
  const Vcd vcd = vcd_of([&](sc_core::sc_trace_file* file) {
    for (const DebugCore* core : {&bracketed, &twice, &taken, &beside, &cores[0], &cores[1]})
      core->trace(file);
    instruction = std::make_unique<InstructionWaves>(file, bracketed.name(), bracketed.clock());
    return [] { sc_core::sc_start(ns(10)); };
  });
  EXPECT_EQ(vcd.widths.count("SystemC.core_0.instruction"), 1U);
  for (const char* scope : {"core_0", "tile_1_2", "core_7", "core_7_", "cores_0", "cores_1"})
    for (const char* signal : {"phase", "debug_unit.dr7", "msr_block.efer", "exception_unit.cr2"}) {
      const std::string path = std::string("SystemC.") + scope + '.' + signal;
      EXPECT_EQ(vcd.widths.count(path), 1U) << path;
    }
}

// The values of a signal, as TIME:VALUE.
std::vector<std::string> changes_of(const Vcd& vcd, const std::string& signal) {
  std::vector<std::string> changes;
  for (const VcdChange& change : vcd.changes)
    if (change.signal == "SystemC.core." + signal)
      changes.push_back(std::to_string(change.time / 1000) + ':' + change.value);
  return changes;
}

// What a call leaves, at the time of the call; phases where the core is timed.
TEST(Waves, OfALooselyTimedCoreShowWhatACallLeaves) {
  sc_core::sc_report_handler::set_actions(report::trace_without_phases, sc_core::SC_INFO,
                                          sc_core::SC_THROW);
  DebugCore core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS),
                 Timing::loosely_timed);
  const Vcd vcd = vcd_of([&core](sc_core::sc_trace_file* file) {
    EXPECT_EQ(test::report_of([&] { core.trace(file); }), report::trace_without_phases);
    sc_core::sc_report_handler::set_actions(report::trace_without_phases, sc_core::SC_INFO,
                                            sc_core::SC_DO_NOTHING);
    core.trace(file);
    return [&core] {
      sc_core::sc_start(ns(10));
      core.execute(mov_to_dr(0, 0x8000));
      sc_core::sc_start(ns(10));
      core.execute(mov_to_dr(7, 0xD0401)); // 4 bytes written
      core.execute(request_at(Operation::data_write, 0x8000, 4));
      core.execute(request_at(Operation::end_of_instruction, 0x102));
      sc_core::sc_start(ns(10));
      core.execute(mov_from_dr(0, 3));
      sc_core::sc_start(ns(10));
      core.set_timing(Timing::timed);
      core.issue(mov_from_dr(0));
      sc_core::sc_start(ns(30));
    };
  });
  using Changes = std::vector<std::string>;
  EXPECT_EQ(changes_of(vcd, "debug_unit.dr0"),
            (Changes{"0:0000000000000000", "10:0000000000008000"}));
  EXPECT_EQ(changes_of(vcd, "debug_unit.b0"), (Changes{"0:0", "20:1"}));
  EXPECT_EQ(changes_of(vcd, "debug_unit.matches"), (Changes{"0:00000000", "20:00000001"}));
  EXPECT_EQ(changes_of(vcd, "exception_unit.delivered"),
            (Changes{"0:00000000", "20:00000001", "30:00000002"}));
  EXPECT_EQ(changes_of(vcd, "cpl"), (Changes{"0:0", "30:3", "40:0"}));
  EXPECT_EQ(changes_of(vcd, "retired"),
            (Changes{"0:00000000", "10:00000001", "20:00000002", "58:00000003"}));
  EXPECT_EQ(changes_of(vcd, "phase"),
            (Changes{"0:0", "40:1", "42:2", "45:3", "58:4", "63:0"})); // 23 cycles
}

Request write_at(std::uint64_t address, std::uint32_t size) {
  return request_at(Operation::data_write, address, size);
}

constexpr std::uint64_t watch_4_bytes_written_on_dr0 = 0xD0401;

// docs/debug-unit.md 5.5: the payload waits through `fault`; DR6 and GD change at delivery.
TEST(Waves, TellAGeneralDetect) {
  const Waves waves([](TracedBench& bench) {
    bench(mov_to_dr(7, 0x2400)); // 26 cycles
    bench(mov_from_dr(0));
  });
  EXPECT_EQ(waves.name_at<Phase>(27, "phase"), "issue");
  EXPECT_EQ(waves.name_at<Operation>(27, "operation"), "mov_from_dr");
  EXPECT_EQ(waves.name_at<WaveOutcome>(27, "outcome"), "none");
  EXPECT_EQ(waves.name_at<Cause>(27, "cause"), "none");
  EXPECT_EQ(waves.name_at<Phase>(28, "phase"), "check");
  EXPECT_EQ(waves.name_at<WaveOutcome>(28, "outcome"), "fault");
  EXPECT_EQ(waves.name_at<Cause>(28, "cause"), "general_detect");
  EXPECT_EQ(waves.name_at<Vector>(30, "exception_unit.vector"), "none");
  EXPECT_EQ(waves.name_at<Phase>(31, "phase"), "fault");
  EXPECT_EQ(waves.name_at<Vector>(31, "exception_unit.vector"), "#DB");
  EXPECT_EQ(waves.at(31, "exception_unit.payload"), "00002000");
  EXPECT_EQ(waves.at(31, "exception_unit.error_code"), "ffffffff");
  EXPECT_EQ(waves.at(37, "debug_unit.dr6"), "ffff0ff0");
  EXPECT_EQ(waves.at(37, "debug_unit.gd"), "1");
  EXPECT_EQ(waves.name_at<Phase>(38, "phase"), "deliver");
  EXPECT_EQ(waves.at(38, "debug_unit.dr6"), "ffff2ff0");
  EXPECT_EQ(waves.at(38, "debug_unit.bd"), "1");
  EXPECT_EQ(waves.at(38, "debug_unit.gd"), "0");
  EXPECT_EQ(waves.at(38, "exception_unit.delivered"), "00000001");
  EXPECT_EQ(waves.at(38, "retired"), "00000001");
  EXPECT_EQ(waves.name_at<Phase>(49, "phase"), "idle");
  EXPECT_EQ(waves.name_at<WaveOutcome>(49, "outcome"), "none");
}

// Clock edges before the phase, from time 0.
TEST(Waves, CountTheCycle) {
  const Waves waves([](TracedBench& bench) {
    sc_core::wait(ns(100));
    bench(mov_from_dr(0)); // 23 cycles: execute 13
  });
  EXPECT_EQ(waves.at(101, "cycle"), "0000000000000064");
  EXPECT_EQ(waves.at(102, "cycle"), "0000000000000066");
  EXPECT_EQ(waves.at(104, "cycle"), "0000000000000066");
  EXPECT_EQ(waves.at(105, "cycle"), "0000000000000069");
  EXPECT_EQ(waves.at(118, "cycle"), "0000000000000076");
  EXPECT_EQ(waves.at(123, "cycle"), "000000000000007b");
}

TEST(Waves, ShowTheAccessThatMetABreakpointToTheEndOfItsTrap) {
  const Waves waves([](TracedBench& bench) {
    bench(mov_to_dr(0, 0x2000));                       // 25 cycles
    bench(mov_to_dr(7, watch_4_bytes_written_on_dr0)); // 26
    sc_core::wait(ns(9));
    bench(write_at(0x1FFF, 2)); // at 60
    sc_core::wait(ns(4));
    bench(request_at(Operation::end_of_instruction, 0x1003)); // trap 7, deliver 11
  });
  EXPECT_EQ(waves.name_at<Operation>(59, "access"), "none");
  EXPECT_EQ(waves.at(59, "address"), "ffffffffffffffff");
  EXPECT_EQ(waves.at(59, "size"), "ffffffff");
  for (const unsigned time : {60U, 63U, 64U, 81U}) {
    EXPECT_EQ(waves.name_at<Operation>(time, "access"), "data_write") << time;
    EXPECT_EQ(waves.at(time, "address"), "0000000000001fff") << time;
    EXPECT_EQ(waves.at(time, "size"), "00000002") << time;
    EXPECT_EQ(waves.at(time, "debug_unit.matches"), "00000001") << time;
  }
  EXPECT_EQ(waves.at(63, "debug_unit.raised"), "00001");
  EXPECT_EQ(waves.name_at<Phase>(64, "phase"), "trap");
  EXPECT_EQ(waves.name_at<WaveOutcome>(64, "outcome"), "trap");
  EXPECT_EQ(waves.name_at<Cause>(64, "cause"), "data_breakpoint");
  EXPECT_EQ(waves.at(81, "debug_unit.b0"), "1");
  EXPECT_EQ(waves.name_at<Operation>(82, "access"), "none");
  EXPECT_EQ(waves.at(82, "address"), "ffffffffffffffff");
}

// Two accesses in one instant: the last one is seen, and a cycle long.
TEST(Waves, ShowAnAccessThatMeetsNothingForACycle) {
  const Waves waves([](TracedBench& bench) {
    sc_core::wait(ns(10));
    bench(request_at(Operation::data_read, 0x3000, 8));
    bench(request_at(Operation::io_access, 0x3F8, 1));
    bench(request_at(Operation::end_of_instruction, 0x1003));
    sc_core::wait(ns(1));
    bench(request_at(Operation::data_read, 0x4000, 4));
    bench(mov_to_dr(0, 0x2000));
  });
  EXPECT_EQ(waves.name_at<Operation>(9, "access"), "none");
  EXPECT_EQ(waves.name_at<Operation>(10, "access"), "io_access");
  EXPECT_EQ(waves.at(10, "address"), "00000000000003f8");
  EXPECT_EQ(waves.at(10, "size"), "00000001");
  EXPECT_EQ(waves.name_at<Operation>(11, "access"), "data_read");
  EXPECT_EQ(waves.at(11, "address"), "0000000000004000");
  EXPECT_EQ(waves.name_at<Operation>(12, "access"), "none");
  EXPECT_EQ(waves.at(12, "debug_unit.matches"), "00000000");
}

// A change of the state, and a RESET, show the last access no second time.
TEST(Waves, ShowAPokeAtItsInstant) {
  const Waves waves([](TracedBench& bench) {
    sc_core::wait(ns(10));
    bench(request_at(Operation::data_read, 0x3000, 8));
    sc_core::wait(ns(5));
    bench.core.poke_dr(0, 0x1234);
    sc_core::wait(ns(5));
    bench.core.reset();
    sc_core::wait(ns(5));
    bench.core.issue(mov_from_dr(0));
    sc_core::wait(ns(3)); // in phase check
    bench.core.poke_dr(1, 0x5678);
    sc_core::wait(ns(30));
  });
  EXPECT_EQ(waves.name_at<Operation>(10, "access"), "data_read");
  EXPECT_EQ(waves.at(14, "debug_unit.dr0"), "0000000000000000");
  EXPECT_EQ(waves.at(15, "debug_unit.dr0"), "0000000000001234");
  EXPECT_EQ(waves.name_at<Operation>(15, "access"), "none");
  EXPECT_EQ(waves.at(20, "debug_unit.dr0"), "0000000000000000");
  EXPECT_EQ(waves.name_at<Operation>(20, "access"), "none");
  EXPECT_EQ(waves.at(27, "debug_unit.dr1"), "0000000000000000");
  EXPECT_EQ(waves.at(28, "debug_unit.dr1"), "0000000000005678");
  EXPECT_EQ(waves.at(28, "retired"), "00000000");
}

// An instruction breakpoint on 1234h; a fetch has no size.
TEST(Waves, ShowTheFetchThatFaults) {
  const Waves waves([](TracedBench& bench) {
    bench(mov_to_dr(0, 0x1234)); // 25 cycles
    bench(mov_to_dr(7, 0x401));  // 26
    bench(request_at(Operation::fetch, 0x1234));
  });
  EXPECT_EQ(waves.name_at<Phase>(51, "phase"), "fault");
  EXPECT_EQ(waves.name_at<Operation>(51, "access"), "fetch");
  EXPECT_EQ(waves.at(51, "address"), "0000000000001234");
  EXPECT_EQ(waves.at(51, "size"), "ffffffff");
  EXPECT_EQ(waves.name_at<Cause>(51, "cause"), "instruction_breakpoint");
  EXPECT_EQ(waves.name_at<Operation>(68, "access"), "fetch");
  EXPECT_EQ(waves.name_at<Operation>(69, "access"), "none");
}

TEST(Waves, TellAnExitFromARedirection) {
  const Waves waves([](TracedBench& bench) {
    VmxControls vmx;
    vmx.exceptions = 2; // #DB
    Request int1 = test::of(Operation::int1);
    int1.context.guest = &vmx;
    bench(int1); // intercepted: issue 2, check 3, trap 7, exit 13
    sc_core::wait(ns(5));
    int1 = test::of(Operation::int1);
    int1.context.redirect_db = true;
    bench(int1); // at 30
  });
  EXPECT_EQ(waves.name_at<WaveOutcome>(2, "outcome"), "exit");
  EXPECT_EQ(waves.name_at<Phase>(5, "phase"), "trap");
  EXPECT_EQ(waves.at(5, "exception_unit.exit_code"), "ffffffff");
  EXPECT_EQ(waves.name_at<Phase>(12, "phase"), "exit");
  EXPECT_EQ(waves.at(12, "exception_unit.exit_code"), "00000000"); // exception or NMI
  EXPECT_EQ(waves.at(12, "exception_unit.exits"), "00000001");
  EXPECT_EQ(waves.name_at<WaveOutcome>(32, "outcome"), "redirected");
}

// SDM vol. 3 17.4.1: a #DB clears LBR and BTF.
TEST(Waves, ShowDebugctlAndEfer) {
  const Waves waves([](TracedBench& bench) {
    bench(msr_access(Operation::wrmsr, 0x1D9, 3));          // 28 cycles, retires at 23
    bench(msr_access(Operation::wrmsr, 0xC0000080, 0x801)); // NXE, SCE; to 56
    bench(test::of(Operation::int1)); // issue 2, check 3, execute 19, trap 5: delivered at 85
  });
  EXPECT_EQ(waves.at(22, "msr_block.debugctl"), "0000000000000000");
  EXPECT_EQ(waves.at(23, "msr_block.debugctl"), "0000000000000003");
  EXPECT_EQ(waves.at(23, "msr_block.lbr"), "1");
  EXPECT_EQ(waves.at(23, "msr_block.btf"), "1");
  EXPECT_EQ(waves.at(23, "serializing"), "1");
  EXPECT_EQ(waves.at(50, "msr_block.efer"), "0000000000000000");
  EXPECT_EQ(waves.at(51, "msr_block.efer"), "0000000000000801");
  EXPECT_EQ(waves.at(84, "msr_block.debugctl"), "0000000000000003");
  EXPECT_EQ(waves.at(85, "msr_block.debugctl"), "0000000000000000");
  EXPECT_EQ(waves.at(85, "msr_block.lbr"), "0");
  EXPECT_EQ(waves.at(85, "msr_block.btf"), "0");
}

TEST(Waves, ShowTheInstruction) {
  const Waves waves([](TracedBench& bench) {
    sc_core::wait(ns(2));
    bench.instruction.begin(0x1000, "0F 23 F8", "mov dr7, rax");
    sc_core::wait(ns(3));
    bench.instruction.end(0x1003);
    sc_core::wait(ns(5));
    bench.instruction.begin(0x1003, "F4", "(over at once)");
    bench.instruction.end(0x1004);
    sc_core::wait(ns(5));
    bench.instruction.begin(0x1004, "", std::string(48, 'x') + "beyond");
    sc_core::wait(ns(1));
    bench.instruction.end(0x1005);
    bench.instruction.begin(0x1005, "90", "nop"); // at 16: what ended must not take this away
    sc_core::wait(ns(5));
    bench.instruction.end(0x1006);
    bench.instruction.begin(0x1006, "F1", "int1"); // at 21, for a cycle
    sc_core::wait(ns(1));
    bench.instruction.end(0x1007);
    sc_core::wait(ns(5));
  });
  EXPECT_EQ(waves.at(1, "instruction"), "\"\"");
  EXPECT_EQ(waves.at(2, "instruction"), "\"mov dr7, rax\"");
  EXPECT_EQ(waves.at(2, "opcode"), "\"0F 23 F8\"");
  EXPECT_EQ(waves.at(4, "rip"), "0000000000001000");
  EXPECT_EQ(waves.at(5, "rip"), "0000000000001003");
  EXPECT_EQ(waves.at(6, "instruction"), "\"mov dr7, rax\"");
  EXPECT_EQ(waves.at(6, "opcode"), "\"0F 23 F8\"");
  EXPECT_EQ(waves.at(7, "instruction"), "\"\"");
  EXPECT_EQ(waves.at(7, "opcode"), "\"\"");
  EXPECT_EQ(waves.at(10, "instruction"), "\"(over at once)\"");
  EXPECT_EQ(waves.at(10, "rip"), "0000000000001004");
  EXPECT_EQ(waves.at(11, "instruction"), "\"(over at once)\"");
  EXPECT_EQ(waves.at(12, "instruction"), "\"\"");
  EXPECT_EQ(waves.at(15, "instruction"), "\"" + std::string(48, 'x') + "\"");
  EXPECT_EQ(waves.at(20, "instruction"), "\"nop\"");
  EXPECT_EQ(waves.at(23, "instruction"), "\"int1\"");
  EXPECT_EQ(waves.at(24, "instruction"), "\"\"");
}

// Of a signal with names no value is cut off, and an absent value has all ones.
TEST(Waves, HaveTheWidthsOfTheirNames) {
  const Waves waves([](TracedBench&) {});
  const std::map<std::string, unsigned> widths = {{"phase", 4},
                                                  {"operation", 5},
                                                  {"access", 5},
                                                  {"outcome", 3},
                                                  {"cause", 5},
                                                  {"mode", 3},
                                                  {"debug_unit.shadow", 2},
                                                  {"msr_block.cost", 3},
                                                  {"exception_unit.vector", 8},
                                                  {"instruction", 384},
                                                  {"opcode", 352},
                                                  {"rip", 64},
                                                  {"debug_unit.bd", 1},
                                                  {"msr_block.lbr", 1}};
  for (const auto& [signal, width] : widths)
    EXPECT_EQ(waves.width(signal), width) << signal;
  EXPECT_EQ(waves.at(1, "exception_unit.vector"), "ff");
  EXPECT_EQ(waves.at(1, "exception_unit.fault_address"), "ffffffffffffffff");
  EXPECT_EQ(waves.at(1, "msr_block.index"), "ffffffff");
}

} // namespace
} // namespace icebp
