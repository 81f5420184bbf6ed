// The probe port while an operation is in flight: reads disturb nothing in any phase, and writes
// take effect as probe_target.h says.

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <icebp/testbench/tests/model/operations_in_flight.h>
#include <icebp/testbench/tests/tlm/probe_bench.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>

namespace icebp {
namespace {

using test::Kind;
using test::kinds;
using test::lstar;
using test::mov_from_dr;
using test::mov_to_dr;
using test::msr_access;
using test::ns;
using test::ProbeBench;

using u64 = std::uint64_t;

constexpr auto ok = ::tlm::TLM_OK_RESPONSE;
constexpr u64 dr0 = 0x40, dr6 = 0x70, dr7 = 0x78;
constexpr u64 msr_at(std::uint32_t index) { return 0x100000000 + u64{8} * index; }

// Every register once, by transport_dbg and by b_transport.
void read_all(ProbeBench& bench) {
  for (const ProbeRow& row : probe_rows) {
    bench.debugger.debug_read(row.offset);
    bench.debugger.read(row.offset);
  }
  bench.debugger.debug_read(msr_at(lstar));
  bench.debugger.read(msr_at(0x10));
}

// The phase that the status tells at each half cycle, from issue to end; where `reads`, everything
// is read each time.
std::string phases_of(ProbeBench& bench, const Kind& kind, bool reads) {
  test::start(bench.core, std::ref(bench), kind);
  bench.core.issue(kind.request);
  std::string phases;
  for (unsigned half = 0; half < 2 * kind.cycles; ++half) {
    sc_core::wait(half == 0 ? ns(0.25) : ns(0.5));
    EXPECT_FALSE(bench.core.idle());
    const CoreState before = bench.core.state();
    const u64 status = bench.debugger.debug_read(0x18);
    if (reads)
      read_all(bench);
    EXPECT_TRUE(bench.core.state() == before);
    EXPECT_EQ(status & 0xF, static_cast<u64>(bench.core.phase()));
    EXPECT_EQ(status >> 8 & 1, 0U); // not idle
    EXPECT_EQ(status >> 9 & 1, before.pending.is_valid() ? 1U : 0U);
    phases += static_cast<char>('0' + (status & 0xF));
  }
  sc_core::wait(ns(1.25));
  EXPECT_TRUE(bench.core.idle());
  EXPECT_EQ(bench.core.outcome().kind, kind.outcome);
  return phases;
}

TEST(ProbeInFlight, ReadsDisturbNothing) {
  ProbeBench([](ProbeBench& bench) {
    std::set<char> seen;
    for (const Kind& kind : kinds()) {
      SCOPED_TRACE(kind.name);
      bench.core.reset();
      sc_core::wait(ns(1));
      const std::string alone = phases_of(bench, kind, false);
      CoreState undisturbed = bench.core.state();
      bench.core.reset();
      sc_core::wait(ns(1));
      EXPECT_EQ(phases_of(bench, kind, true), alone);
      CoreState state = bench.core.state();
      undisturbed[MsrSlot::tsc] = state[MsrSlot::tsc] = 0; // RESET came at another time
      undisturbed.last_branch_at = state.last_branch_at = 0;
      EXPECT_TRUE(state == undisturbed);
      seen.insert(alone.begin(), alone.end());
    }
    EXPECT_EQ(seen, (std::set<char>{'1', '2', '3', '4', '5', '6', '7', '8'})); // issue to exit
  });
}

TEST(ProbeInFlight, ThePendingExceptionIsSeen) {
  ProbeBench([](ProbeBench& bench) {
    bench(mov_to_dr(7, 0x2400));
    bench.core.issue(mov_from_dr(0));
    sc_core::wait(ns(2 + 3 + 0.5));                // fault: it waits for its delivery
    EXPECT_EQ(bench.debugger.read(0xC0), 1U);      // #DB to its handler
    EXPECT_EQ(bench.debugger.read(0xC8), 0x2000U); // BD
    EXPECT_EQ(bench.debugger.read(dr6), 0xFFFE0FF0U | 1U << 16);
    sc_core::wait(ns(7)); // delivery
    EXPECT_EQ(bench.debugger.read(0xC0), 0xFFU);
    EXPECT_EQ(bench.debugger.read(0xC8), 0U);
    sc_core::wait(ns(11));
    bench.core.issue(test::of(Operation::int1));
    sc_core::wait(ns(28));
    EXPECT_EQ(bench.debugger.read(0xC0), 0x101U); // of INT1
    sc_core::wait(ns(20));
    Request redirected = test::of(Operation::int1);
    redirected.context.redirect_db = true;
    bench.core.issue(redirected);
    sc_core::wait(ns(28));
    EXPECT_EQ(bench.debugger.read(0xC0), 0x10101U); // to debug firmware
  });
}

// ---- Writes

// Issues `request`, and writes by `way` so many cycles later; ends when the operation is over.
void write_during(ProbeBench& bench, const Request& request, double cycles, bool by_debug,
                  u64 address, u64 value) {
  bench.core.issue(request);
  sc_core::wait(ns(cycles));
  if (by_debug)
    EXPECT_EQ(bench.debugger.debug_write(address, value), 8U);
  else
    EXPECT_EQ(bench.debugger.write(address, value), ok);
  if (!bench.core.idle())
    sc_core::wait(bench.core.finished());
  sc_core::wait(ns(1));
}

// MOV to DR0 retires 25 - 5 cycles after its issue; WRMSR 28 - 5.
TEST(ProbeInFlight, ARetirementWritesOverTheProbe) {
  ProbeBench([](ProbeBench& bench) {
    for (const bool by_debug : {false, true}) {
      for (const double before : {0.5, 2.5, 10.0, 19.5}) {
        write_during(bench, mov_to_dr(0, 0x1111), before, by_debug, dr0, 0x9999);
        EXPECT_EQ(bench.core.state().dr[0], 0x1111U) << before;
      }
      write_during(bench, mov_to_dr(0, 0x1111), 20.5, by_debug, dr0, 0x9999);
      EXPECT_EQ(bench.core.state().dr[0], 0x9999U);
      write_during(bench, msr_access(Operation::wrmsr, lstar, 0x1234), 22.5, by_debug,
                   msr_at(lstar), 0x5678);
      EXPECT_EQ(bench.core.state().dr[0], 0x9999U);
      EXPECT_EQ(bench.core.peek(lstar), 0x1234U);
      write_during(bench, msr_access(Operation::wrmsr, lstar, 0x1234), 23.5, by_debug,
                   msr_at(lstar), 0x5678);
      EXPECT_EQ(bench.core.peek(lstar), 0x5678U);
    }
  });
}

// Another register than that of the operation keeps the probe's value whenever it was written.
TEST(ProbeInFlight, OtherRegistersKeepTheProbesValue) {
  ProbeBench([](ProbeBench& bench) {
    for (unsigned half = 0; half < 50; ++half) {
      const u64 value = 0x100 + half;
      write_during(bench, mov_to_dr(0, 0x1111 + half), half / 2.0, true, 0x48, value);
      EXPECT_EQ(bench.core.state().dr[0], 0x1111U + half);
      EXPECT_EQ(bench.core.state().dr[1], value);
    }
  });
}

// At the edge itself whoever is called last wins: one of the two values, whole, and in a later
// delta cycle of that instant the probe's.
TEST(ProbeInFlight, AtTheEdgeTheLastWins) {
  ProbeBench([](ProbeBench& bench) {
    write_during(bench, mov_to_dr(0, 0x1111), 20, true, dr0, 0x9999);
    const u64 value = bench.core.state().dr[0];
    EXPECT_TRUE(value == 0x1111 || value == 0x9999) << value;
    bench.core.issue(mov_to_dr(0, 0x1111));
    sc_core::wait(ns(20));
    sc_core::wait(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(bench.core.state().dr[0], 0x1111U);
    EXPECT_EQ(bench.debugger.debug_write(dr0, 0x9999), 8U);
    sc_core::wait(bench.core.finished());
    EXPECT_EQ(bench.core.state().dr[0], 0x9999U);
  });
}

// The check begins 2 cycles after the issue.
TEST(ProbeInFlight, WhatIsReadIsReadAtTheCheck) {
  ProbeBench([](ProbeBench& bench) {
    bench.core.poke_dr(0, 0x1111);
    bench.core.poke(lstar, 0x1111);
    write_during(bench, mov_from_dr(0), 1.5, true, dr0, 0x2222);
    EXPECT_EQ(bench.core.outcome().value(), 0x2222U);
    write_during(bench, mov_from_dr(0), 2.5, true, dr0, 0x3333);
    EXPECT_EQ(bench.core.outcome().value(), 0x2222U);
    EXPECT_EQ(bench.core.state().dr[0], 0x3333U);
    write_during(bench, msr_access(Operation::rdmsr, lstar), 1.5, true, msr_at(lstar), 0x2222);
    EXPECT_EQ(bench.core.outcome().value(), 0x2222U);
    write_during(bench, msr_access(Operation::rdmsr, lstar), 2.5, true, msr_at(lstar), 0x3333);
    EXPECT_EQ(bench.core.outcome().value(), 0x2222U);
  });
}

TEST(ProbeInFlight, WhatIsDecidedStaysDecided) {
  ProbeBench([](ProbeBench& bench) {
    write_during(bench, mov_from_dr(0), 1.5, true, dr7, 0x2400); // GD, before the check
    EXPECT_EQ(bench.core.outcome().cause, Cause::general_detect);
    EXPECT_EQ(bench.core.state().dr[7], 0x400U);
    write_during(bench, mov_from_dr(0), 2.5, true, dr7, 0x2400); // behind it
    EXPECT_EQ(bench.core.outcome().kind, OutcomeKind::retired);
    EXPECT_EQ(bench.core.state().dr[7], 0x2400U);
    write_during(bench, mov_from_dr(0), 2.5, true, dr7, 0x400); // GD is gone too late
    EXPECT_EQ(bench.core.outcome().cause, Cause::general_detect);
  });
}

// A #DB by general detect is delivered 2 + 3 + 7 cycles after the issue.
TEST(ProbeInFlight, ADeliveryMergesIntoTheProbesValue) {
  ProbeBench([](ProbeBench& bench) {
    bench.core.poke_dr(7, 0x2400);
    write_during(bench, mov_from_dr(0), 11.5, true, dr6, 0x800F); // BT; B3 to B0 are rewritten
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFFAFF0U);
    bench.core.poke_dr(7, 0x2400);
    write_during(bench, mov_from_dr(0), 12.5, true, dr6, 0x4);
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFE0FF4U);
    bench.core.poke_dr(7, 0x2400);
    write_during(bench, mov_from_dr(0), 11.5, true, dr7, 0x2401);
    EXPECT_EQ(bench.core.state().dr[7], 0x401U); // GD is cleared, L0 stays
    bench.core.poke_dr(7, 0x2400);
    write_during(bench, mov_from_dr(0), 12.5, true, dr7, 0x2401);
    EXPECT_EQ(bench.core.state().dr[7], 0x2401U);
  });
}

} // namespace
} // namespace icebp
