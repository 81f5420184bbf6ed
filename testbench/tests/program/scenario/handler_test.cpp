// Entry into a handler, and IRET out of it, as a scenario's core does them. An exception clears TF,
// RF and VM behind the push (SDM vol. 3 6.12.1), leaves V86 for protected mode (20.3.1) and
// compatibility mode for 64-bit mode (6.14).
#include <icebp/testbench/program/core/untimed_port.h>
#include <icebp/testbench/program/scenario/step_player.h>
#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

// A core through a scenario's steps: the machine as each step found it.
std::vector<Machine> machines_of(const std::string& machine, const std::string& steps) {
  const Scenario scenario = read_scenario(
      R"({"title":"","machine":{)" + machine + R"(},"steps":[)" + steps + "]}", profiles());
  const auto cpu = cpu_named("intel-skylake");
  UntimedPort port(cpu);
  StepPlayer player(scenario.cores[0], cpu, port);
  std::vector<Machine> machines;
  std::uint64_t now = 0;
  for (const ScenarioStep& step : scenario.steps) {
    machines.push_back(player.begin(step, "", now++).machine);
    player.play(step, "");
  }
  return machines;
}

struct ModeOfHandler {
  const char* mode;
  unsigned cpl;
  Mode interrupted;
  Mode handler;
  bool vm;
};
constexpr ModeOfHandler modes[] = {
    {"real", 0, Mode::real, Mode::real, false},
    {"v86", 3, Mode::v86, Mode::protected_mode, true},
    {"protected", 0, Mode::protected_mode, Mode::protected_mode, false},
    {"protected", 3, Mode::protected_mode, Mode::protected_mode, false},
    {"compat", 0, Mode::compatibility, Mode::long_mode, false},
    {"compat", 3, Mode::compatibility, Mode::long_mode, false},
    {"long", 0, Mode::long_mode, Mode::long_mode, false},
    {"long", 3, Mode::long_mode, Mode::long_mode, false},
};

// What brings the core into a handler.
struct Entry {
  const char* step;
  std::uint64_t handler;
  std::uint64_t returns_to;
  bool pushes_rf; // SDM vol. 3 17.3.1.1: faults but #DB do
};
constexpr Entry entries[] = {
    {R"({"code":"f1"})", 0x100010, 0x1001, false},
    {R"({"code":"0f 32","gpr":{"rcx":"0x12345"}})", 0x1000D0, 0x1000, true},
    {R"({"code":"cc","does":{"interrupt":3}})", 0x100030, 0x1001, false},
    {R"({"event":"page_fault","address":"0x5000","error_code":0})", 0x1000E0, 0x1000, true},
};

constexpr std::uint64_t of_entry = 0x30100; // VM, RF, TF
constexpr std::uint64_t status = 0x44;      // ZF, PF: no exception changes them
constexpr std::uint64_t others = 0x202 | status;

std::string text_of(std::uint64_t value) { return std::to_string(value); }

TEST(Handler, IsEnteredAndLeft) {
  for (const ModeOfHandler& mode : modes)
    for (const Entry& entry : entries) {
      const std::string what = std::string(mode.mode) + ' ' + text_of(mode.cpl) + ' ' + entry.step;
      const std::uint64_t vm = mode.vm ? 0x20000 : 0;
      const auto machines =
          machines_of(R"("mode":")" + std::string(mode.mode) + R"(","cpl":)" + text_of(mode.cpl) +
                          R"(,"rflags":)" +
                          text_of(others | 0x10000), // RF, which the image has by its own rule
                      std::string(entry.step) + R"(,{"event":"handler_returns"},{"code":"f1"})");
      const Machine& handler = machines[1];
      EXPECT_EQ(handler.mode, mode.handler) << what;
      EXPECT_EQ(handler.cpl, 0) << what;
      EXPECT_EQ(handler.rip, entry.handler) << what;
      EXPECT_EQ(handler.rflags & (of_entry | status), status) << what;
      const Machine& back = machines[2];
      EXPECT_EQ(back.mode, mode.interrupted) << what;
      EXPECT_EQ(back.cpl, mode.cpl) << what;
      EXPECT_EQ(back.rip, entry.returns_to) << what;
      EXPECT_EQ(back.rflags, others | vm | (entry.pushes_rf ? 0x10000 : 0)) << what;
    }
}

// The handler runs without TF, and IRET brings it back.
TEST(Handler, RunsWithoutTf) {
  for (const ModeOfHandler& mode : modes) {
    const auto machines =
        machines_of(R"("mode":")" + std::string(mode.mode) + R"(","cpl":)" + text_of(mode.cpl) +
                        R"(,"rflags":)" + text_of(others | 0x100),
                    R"({"code":"90","does":{}},{"event":"handler_returns"},{"code":"f1"})");
    EXPECT_EQ(machines[1].rip, 0x100010u) << mode.mode; // #DB of the single step
    EXPECT_EQ(machines[1].rflags & of_entry, 0u) << mode.mode;
    EXPECT_EQ(machines[2].rflags & of_entry, 0x100u | (mode.vm ? 0x20000 : 0)) << mode.mode;
  }
}

// RF of the interrupted code is in no handler; a handler that sets RF in the image has it behind
// IRET, else it is as pushed.
TEST(Handler, ClearsRfAndIretSetsIt) {
  for (const bool rf : {false, true}) {
    const auto machines = machines_of(
        R"("rflags":"0x10002")", R"({"code":"f1"},{"event":"handler_returns","rf":)" +
                                     std::string(rf ? "true" : "false") + R"(},{"code":"f1"})");
    EXPECT_EQ(machines[1].rflags, 2u);
    EXPECT_EQ(machines[2].rflags, rf ? 0x10002u : 2u);
  }
}

// A handler within a handler: the last one entered is left first.
TEST(Handler, OfAHandler) {
  const auto machines = machines_of(R"("mode":"v86","rip":"0x1234")",
                                    R"({"code":"f1"},{"code":"0f 32","gpr":{"rcx":"0x12345"}},
         {"event":"handler_returns"},{"event":"handler_returns"},{"code":"f1"})");
  EXPECT_EQ(machines[2].rip, 0x1000D0u);
  EXPECT_EQ(machines[3].rip, 0x100010u); // the #GP's return to the #DB's handler
  EXPECT_EQ(machines[3].mode, Mode::protected_mode);
  EXPECT_EQ(machines[3].rflags, 0x10002u); // pushed with RF
  EXPECT_EQ(machines[4].rip, 0x1235u);
  EXPECT_EQ(machines[4].mode, Mode::v86);
  EXPECT_EQ(machines[4].rflags, 0x20002u);
}

// What is not in the image stays as the handler left it.
TEST(Handler, LeavesItsRegistersBehind) {
  const auto machines =
      machines_of(R"("gpr":{"rbx":1})",
                  R"({"code":"f1"},{"code":"0f 32","gpr":{"rcx":"0x12345","rbx":2},"cr4":"0x6f8"},
         {"event":"handler_returns"},{"event":"handler_returns"},{"code":"f1"})");
  EXPECT_EQ(machines[4][Gpr::rbx], 2u);
  EXPECT_EQ(machines[4].cr4, 0x6F8u);
}

TEST(Handler, OfDebugFirmware) {
  const auto machines =
      machines_of(R"("mode":"v86","rip":"0x1234","redirect_db":true)",
                  R"({"code":"f1"},{"event":"firmware_resumes","verb":"skip"},{"code":"f1"})");
  EXPECT_EQ(machines[1].rip, 0xF0000u);
  EXPECT_EQ(machines[1].mode, Mode::protected_mode);
  EXPECT_EQ(machines[1].cpl, 0);
  EXPECT_EQ(machines[2].rip, 0x1235u);
  EXPECT_EQ(machines[2].mode, Mode::v86);
  EXPECT_EQ(machines[2].cpl, 3);
}

// A handler is left while it runs, by its own kind of return, and RESET and INIT leave all.
TEST(Handler, IsLeftWhereItRuns) {
  constexpr const char* handler = R"({"event":"handler_returns"})";
  constexpr const char* firmware = R"({"event":"firmware_resumes","verb":"skip"})";
  const std::string no_handler = "/event: a handler is not running on core \"core\"; such an event "
                                 "follows the exception that it ends";
  const std::string no_firmware = "/event: debug firmware is not running on core \"core\"; such an "
                                  "event follows the exception that it ends";
  const auto error = [](const char* machine, const std::string& steps) {
    return error_of([&] { machines_of(machine, steps); });
  };
  const char* const redirected = R"("redirect_db":true)";
  const std::string int1 = R"({"code":"f1"},)";
  EXPECT_EQ(error("", handler), no_handler);
  EXPECT_EQ(error("", firmware), no_firmware);
  EXPECT_EQ(error("", int1 + handler), "no error");
  EXPECT_EQ(error(redirected, int1 + firmware), "no error");
  EXPECT_EQ(error("", int1 + firmware), no_firmware);
  EXPECT_EQ(error(redirected, int1 + handler), no_handler);
  EXPECT_EQ(error("", int1 + handler + ',' + handler), no_handler);
  for (const char* restart : {R"({"event":"reset"},)", R"({"event":"init"},)"}) {
    EXPECT_EQ(error("", int1 + restart + handler), no_handler) << restart;
    EXPECT_EQ(error(redirected, int1 + restart + firmware), no_firmware) << restart;
  }
}

// An RTM region that is aborted enters no handler: the core goes on at the fallback address, with
// its registers as they were when the region began (SDM vol. 1 16.3.7, 16.3.8.2).
constexpr const char* aborts[] = {
    R"({"code":"f1"})",
    R"({"code":"0f 32","gpr":{"rcx":"0x12345"}})",
    R"({"code":"cc","does":{"interrupt":3}})",
    R"({"code":"cd 80","does":{"interrupt":128}})",
    R"({"code":"cf","does":{"task_switch":true}})",
    R"({"code":"90","rflags":"0x102","does":{}})",
    R"({"code":"f3 aa","gpr":{"rcx":2},"does":{"repeats":true,"accesses":[{"write":"0x5000","size":1}]}})",
    R"({"event":"page_fault","address":"0x5000","error_code":0})",
};

// EAX[4]: #DB and #BP (SDM vol. 1 16.3.7, table 16-1): INT1, INT3, a step, a breakpoint.
bool is_debug_event(std::string_view abort) {
  for (const char* what : {"\"f1\"", "\"cc\"", "0x102", "accesses"})
    if (abort.find(what) != abort.npos)
      return true;
  return false;
}

TEST(AbortedRegion, GoesOnAtTheFallbackAddress) {
  const std::string region = R"("rtm":{"xbegin":"0x800","fallback":"0x900"})";
  for (const char* abort : aborts) {
    const auto machines =
        machines_of(R"("rflags":"0x10202","gpr":{"rcx":7},"dr":["0x5000",0,0,0],"dr7":"0x10401")",
                    R"({"code":"90",)" + region + R"(,"does":{"rflags":"0x246"}},)" + abort +
                        R"(,{"code":"f1"})");
    EXPECT_NE(machines[1].rtm, nullptr) << abort;
    EXPECT_EQ(machines[2].rip, 0x900u) << abort;
    EXPECT_EQ(machines[2].rflags, 0x202u) << abort;
    EXPECT_EQ(machines[2][Gpr::rcx], 7u) << abort;
    EXPECT_EQ(machines[2][Gpr::rax], is_debug_event(abort) ? 0x10u : 0u) << abort;
    EXPECT_EQ(machines[2].rtm, nullptr) << abort;
  }
}

// With advanced debugging INT3 is a #DB at XBEGIN; INT n, which is no debug event, is not.
TEST(AbortedRegion, OfInt3AndIntN) {
  for (const bool int3 : {false, true}) {
    const auto machines = machines_of(
        R"("dr7":"0xc00","msr":{"0x1d9":"0x8000"},"rtm":{"xbegin":"0x800","fallback":"0x900"})",
        int3 ? R"({"code":"cc","does":{"interrupt":3}},{"code":"90","does":{}})"
             : R"({"code":"cd 80","does":{"interrupt":128}},{"code":"90","does":{}})");
    EXPECT_EQ(machines[1].rip, int3 ? 0x100010u : 0x900u);
  }
}

// The instruction of `rtm_abort` is in a region of its own; without `to` that ends where it began.
TEST(AbortedRegion, OfOneInstruction) {
  const auto machines =
      machines_of(R"("gpr":{"rcx":7})", R"({"code":"90","does":{"rtm_abort":"0x800","to":"0x900"}},
                                           {"code":"90","does":{"rtm_abort":"0x800"}},{"code":"f1"})");
  EXPECT_EQ(machines[1].rip, 0x900u);
  EXPECT_EQ(machines[2].rip, 0x800u);
  EXPECT_EQ(machines[2].rtm, nullptr);
}

// XEND: the registers stay.
TEST(AbortedRegion, NotIfItEnds) {
  const auto machines =
      machines_of("", R"({"code":"90","rtm":{"xbegin":1,"fallback":2},"does":{"rflags":"0x46"}},
             {"code":"0f 01 d5","rtm":null,"does":{}},{"code":"f1"})");
  EXPECT_EQ(machines[2].rip, 0x1004u);
  EXPECT_EQ(machines[2].rflags, 0x46u);
}

} // namespace
} // namespace icebp
