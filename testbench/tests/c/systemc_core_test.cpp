// The C interface over a core of a simulation.
#include <icebp/c/icebp_systemc.h>
#include <icebp/testbench/tests/model/bench.h>

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace icebp {
namespace {

using test::Bench;
using test::cpu_model;
using test::ns;

icebp_core* found(const char* name) {
  icebp_core* core = nullptr;
  char message[200];
  EXPECT_EQ(icebp_core_find(name, &core, message, sizeof message), ICEBP_OK) << message;
  return core;
}

icebp_outcome executed(icebp_core* core, icebp_operation operation, std::uint8_t dr,
                       std::uint64_t value, std::uint32_t msr = 0) {
  icebp_request request;
  icebp_request_init(&request, sizeof request, operation);
  request.dr = dr;
  request.msr = msr;
  request.value = value;
  icebp_outcome outcome{};
  outcome.size = sizeof outcome;
  EXPECT_EQ(icebp_execute(core, &request, &outcome), ICEBP_OK) << icebp_problem(core);
  return outcome;
}

TEST(CInterfaceOfSystemC, ExecutesOnTheCoreThatItNames) {
  DebugCore core("core", cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS),
                 Timing::loosely_timed);
  icebp_core* handle = found("core");
  EXPECT_EQ(executed(handle, ICEBP_OP_MOV_TO_DR, 7, 0x2400).cycles, 26U);
  EXPECT_EQ(core.state().dr[7], 0x2400U);
  const icebp_outcome stopped = executed(handle, ICEBP_OP_MOV_FROM_DR, 0, 0);
  EXPECT_EQ(stopped.vector, unsigned{ICEBP_VECTOR_DB});
  EXPECT_EQ(stopped.cycles, 23U); // issue, check, fault, deliver
  EXPECT_EQ(core.state().dr[7], 0x400U);
  EXPECT_EQ(icebp_poke_dr(handle, 0, 0x1000), ICEBP_OK);
  EXPECT_EQ(icebp_poke_dr(handle, 7, 2), ICEBP_OK);
  EXPECT_TRUE(core.watch().may_fetch(0x1000));
  EXPECT_EQ(icebp_may_meet(handle, ICEBP_OP_FETCH, 0x1000, 1), 1);
  EXPECT_EQ(icebp_armed(handle), unsigned{ICEBP_WATCHES_FETCHES});
  EXPECT_EQ(icebp_poke_msr(handle, 0x277, 0x0606060606060606, 0), ICEBP_OK);
  EXPECT_EQ(core.peek(0x277), 0x0606060606060606U);
  std::uint64_t value = 0;
  EXPECT_EQ(icebp_peek_msr(handle, 0x277, 0, &value), ICEBP_OK);
  EXPECT_EQ(value, 0x0606060606060606U);
  icebp_core_delete(handle);
  EXPECT_EQ(core.state().dr[0], 0x1000U); // the core stays
}

// The time is the simulation's, whatever the request says.
TEST(CInterfaceOfSystemC, TimeIsTheSimulations) {
  Bench(
      [](Bench& bench) {
        icebp_core* handle = found(bench.core.name());
        sc_core::wait(ns(100));
        EXPECT_EQ(executed(handle, ICEBP_OP_RDMSR, 0, 0, 0x10).value, 100U);
        std::string text(100000, ' ');
        EXPECT_EQ(icebp_save(handle, 7, text.data(), text.size(), nullptr), ICEBP_OK);
        EXPECT_EQ(std::string(text.c_str()), bench.core.save());
        sc_core::wait(ns(50));
        EXPECT_EQ(icebp_load(handle, 7, text.c_str()), ICEBP_OK);
        EXPECT_EQ(bench.core.tsc(), 100U); // it goes on from the value that was saved
        icebp_core_delete(handle);
      },
      "intel-skylake", Timing::loosely_timed);
}

TEST(CInterfaceOfSystemC, AnotherNameIsToldWithThoseThereAre) {
  icebp_core* core = nullptr;
  char message[200] = "?";
  EXPECT_EQ(icebp_core_find("core", &core, message, sizeof message), ICEBP_NO_CORE);
  EXPECT_STREQ(message, "\"core\" is no loosely timed core; there is none");
  DebugCore first("first", cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS),
                  Timing::loosely_timed);
  DebugCore timed("timed", cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
  DebugCore second("second", cpu_model("amd-zen1"), CoreClock(1, sc_core::SC_NS),
                   Timing::loosely_timed);
  EXPECT_EQ(icebp_core_find("timed", &core, message, sizeof message), ICEBP_NO_CORE);
  EXPECT_STREQ(message, "\"timed\" is no loosely timed core; first, second");
  EXPECT_EQ(icebp_core_find("first.debug_unit", &core, nullptr, 0), ICEBP_NO_CORE);
  EXPECT_EQ(core, nullptr);
  EXPECT_EQ(icebp_core_find(nullptr, &core, message, sizeof message), ICEBP_NULL);
  EXPECT_EQ(icebp_core_find("first", nullptr, message, sizeof message), ICEBP_NULL);
  icebp_core_delete(found("second"));
}

// As over the socket.
TEST(CInterfaceOfSystemC, RESETCancels) {
  DebugCore core("core", cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS),
                 Timing::loosely_timed);
  sc_core::sc_signal<bool> reset("reset");
  core.reset_in(reset);
  reset.write(true);
  sc_core::sc_start(ns(1));
  icebp_core* handle = found("core");
  EXPECT_EQ(executed(handle, ICEBP_OP_MOV_TO_DR, 0, 1).kind, unsigned{ICEBP_KIND_CANCELLED});
  EXPECT_EQ(icebp_poke_dr(handle, 0, 1), ICEBP_FAILED);
  EXPECT_STREQ(icebp_problem(handle), "RESET is active");
  EXPECT_EQ(icebp_poke_dr(handle, 8, 1), ICEBP_NO_REGISTER);
  EXPECT_EQ(icebp_poke_msr(handle, 0x277, 0, 0), ICEBP_FAILED);
  EXPECT_STREQ(icebp_problem(handle), "RESET is active");
  EXPECT_EQ(icebp_poke_msr(handle, 0x12345678, 0, 0), ICEBP_NO_REGISTER);
  reset.write(false);
  sc_core::sc_start(ns(1));
  EXPECT_EQ(core.state().dr[0], 0U);
  EXPECT_EQ(executed(handle, ICEBP_OP_MOV_TO_DR, 0, 1).kind, unsigned{ICEBP_KIND_RETIRED});
  icebp_core_delete(handle);
}

// Whatever comes up from below is a status.
TEST(CInterfaceOfSystemC, AReportIsAStatus) {
  DebugCore core("core", cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS),
                 Timing::loosely_timed);
  core.on_armed([](const WatchFilter&) { SC_REPORT_ERROR("simulator", "no memory is watched"); });
  icebp_core* handle = found("core");
  EXPECT_EQ(icebp_poke_dr(handle, 7, 2), ICEBP_FAILED);
  EXPECT_NE(std::strstr(icebp_problem(handle), "no memory is watched"), nullptr);
  icebp_core_delete(handle);
}

} // namespace
} // namespace icebp
