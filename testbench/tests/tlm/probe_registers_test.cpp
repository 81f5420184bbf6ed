// The registers of the probe port: every row of its map read and written, by each way in.

#include <icebp/model/rules/vocabulary/platform_msrs.h>
#include <icebp/testbench/tests/tlm/probe_bench.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace icebp {
namespace {

using test::mov_to_dr;
using test::ns;
using test::Payload;
using test::ProbeBench;
using test::Status;

using u64 = std::uint64_t;

constexpr Status ok = ::tlm::TLM_OK_RESPONSE;
constexpr Status address_error = ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
constexpr Status command_error = ::tlm::TLM_COMMAND_ERROR_RESPONSE;
constexpr Status refused_value = ::tlm::TLM_GENERIC_ERROR_RESPONSE;

constexpr u64 msr_at(std::uint32_t index) { return 0x100000000 + u64{8} * index; }

u64 bit_of(Cause cause) { return u64{1} << static_cast<unsigned>(cause); }

// A core with something in every register, as its functions and operations put it there.
void fill(ProbeBench& bench) {
  const u64 values[] = {0x1111111122222222, 0x2222, 0x3333, 0xFFFF800044444444};
  for (unsigned n = 0; n < 4; ++n)
    bench.core.poke_dr(n, values[n]);
  Request fault = test::of(Operation::page_fault);
  fault.value = 0x7FFF12345678;
  bench(fault);
  bench.core.poke_dr(7, 0x2400); // GD
  Request mov = mov_to_dr(2, 0xABCDEF);
  mov.context.redirect_db = true;
  EXPECT_TRUE(bench(mov).redirected);
  Boundary boundary;
  boundary.shadow = Shadow::mov_ss;
  boundary.single_step = true;
  boundary.block_iterations = 0x12;
  boundary.late_iterations = 0x34;
  boundary.raised = {0x4000, only(Cause::single_step)};
  boundary.held = {0x2, only(Cause::data_breakpoint)};
  boundary.due = {0x8000, only(Cause::task_switch)};
  bench.core.poke_boundary(boundary);
  bench.core.poke(0xC0000082, 0xFFFF900000001000); // LSTAR
}

// Skylake: 48 and 39 address bits (Intel ARK i7-6700K); DR6 has RTM, and BD is that of the fill.
struct Read {
  u64 address, value;
};
std::vector<Read> reads_of_the_filled() {
  return {
      {0x000, 0x6963656200000001},
      {0x008, 39 << 16 | 48 << 8 | 0},
      {0x010, 0x5},
      {0x018, 1 << 12 | 1 << 10 | 1 << 8}, // timed, held, idle
      {0x040, 0x1111111122222222},
      {0x048, 0x2222},
      {0x050, 0x3333},
      {0x058, 0xFFFF800044444444},
      {0x070, 0xFFFF2FF0}, // a #DB sets RTM, but for one in a region
      {0x078, 0x400},
      {0x080, 0x7FFF12345678},
      {0x0C0, 0xFF},
      {0x0C8, 0},
      {0x100, 2},
      {0x108, 0x341201},
      {0x110, 0x4000},
      {0x118, bit_of(Cause::single_step)},
      {0x120, 0x2},
      {0x128, bit_of(Cause::data_breakpoint)},
      {0x130, 0x8000},
      {0x138, bit_of(Cause::task_switch)},
      {0x140, u64{2} << 28 | u64{4} << 24 | 9 << 16 | 2 << 8 | 1}, // DR2, long mode, GD, MOV to DR
      {0x148, 0xABCDEF},
      {0x150, 0},
      {0x158, 0},
      {0x160, 0xFFFFFFFF},
      {0x168, 0},
      {0x180, 0},
      {0x188, 0},
      {msr_at(0xC0000082), 0xFFFF900000001000},
  };
}

TEST(ProbeRegisters, AreReadByEveryWayIn) {
  ProbeBench(
      [](ProbeBench& bench) {
        fill(bench);
        const CoreState before = bench.core.state();
        for (const Read& row : reads_of_the_filled()) {
          SCOPED_TRACE(testing::Message() << std::hex << row.address);
          EXPECT_EQ(bench.debugger.read(row.address), row.value);
          EXPECT_EQ(bench.debugger.debug_read(row.address), row.value);
          u64 value = 0;
          Payload payload;
          bench.debugger.prepare(payload, ::tlm::TLM_READ_COMMAND, row.address, &value, 8);
          ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
          sc_core::sc_time delay = ns(7);
          EXPECT_EQ(bench.debugger.socket->nb_transport_fw(payload, phase, delay),
                    ::tlm::TLM_COMPLETED);
          EXPECT_EQ(payload.get_response_status(), ok);
          EXPECT_EQ(delay, ns(7));
          EXPECT_EQ(value, row.value);
        }
        EXPECT_TRUE(bench.core.state() == before);
        EXPECT_EQ(bench.debugger.delay, sc_core::SC_ZERO_TIME);
      },
      Timing::timed, test::cpu_model("intel-skylake"), {5, false});
}

// The rows that the test above reads are those of the map.
TEST(ProbeRegisters, AreThoseOfTheMap) {
  std::vector<u64> mapped, read;
  for (const ProbeRow& row : probe_rows)
    mapped.push_back(row.is == ProbeRegister::msr ? msr_at(0xC0000082) : row.offset);
  for (const Read& row : reads_of_the_filled())
    read.push_back(row.address);
  EXPECT_EQ(mapped, read);
  EXPECT_EQ(probe::address_of(ProbeRegister::dr7), 0x78U);
  EXPECT_EQ(probe::address_of_msr(0xC0000082), 0x700000410U);
}

TEST(ProbeRegisters, IdentityOfAnAmdCore) {
  ProbeBench(
      [](ProbeBench& bench) {
        EXPECT_EQ(bench.debugger.read(0x008), 48U << 16 | 48U << 8 | 1U);
        EXPECT_EQ(bench.debugger.read(0x010), u64{1} << 32 | 0xC0);
        EXPECT_EQ(bench.debugger.read(0x018), 0x100U); // idle, not timed
      },
      Timing::loosely_timed, test::cpu_model("amd-zen1"), {0xC0, true});
}

// Whichever way it is written, a register comes to the same.
struct Write {
  u64 address, value;
  Status status;
  u64 then; // what it reads
};

void expect_written(ProbeBench& bench, const Write& row) {
  SCOPED_TRACE(testing::Message() << std::hex << row.address << ": " << row.value);
  const CoreState before = bench.core.state();
  EXPECT_EQ(bench.debugger.write(row.address, row.value), row.status);
  if (row.status != address_error) {
    EXPECT_EQ(bench.debugger.read(row.address), row.then);
  }
  if (row.status != ok) {
    EXPECT_TRUE(bench.core.state() == before);
  }
  bench.core.restore(before);
  EXPECT_EQ(bench.debugger.debug_write(row.address, row.value), row.status == ok ? 8U : 0U);
  if (row.status != address_error) {
    EXPECT_EQ(bench.debugger.debug_read(row.address), row.then);
  }
  EXPECT_EQ(bench.core.state().boundary.held.causes, before.boundary.held.causes);
  bench.core.restore(before);
}

// Skylake has RTM and no bus-lock detection: docs/debug-unit.md 2.2 and 2.3.
TEST(ProbeRegisters, AreWrittenAndPutRight) {
  const Write rows[] = {
      {0x000, 1, command_error, 0x6963656200000001},
      {0x008, 1, command_error, 39 << 16 | 48 << 8},
      {0x010, 1, command_error, 5},
      {0x018, 0, command_error, 1 << 12 | 1 << 10 | 1 << 8},
      {0x040, ~u64{0}, ok, ~u64{0}},
      {0x048, 0x123456789ABCDEF0, ok, 0x123456789ABCDEF0},
      {0x050, 0x5000, ok, 0x5000},
      {0x058, 0, ok, 0},
      {0x060, 0, address_error, 0}, // DR4 and DR5 are other names
      {0x068, 0, address_error, 0},
      {0x070, 0, ok, 0xFFFE0FF0},
      {0x070, ~u64{0}, ok, 0xFFFFEFFF},
      {0x078, 0, ok, 0x400},
      {0x078, ~u64{0}, ok, 0xFFFF2FFF},
      {0x080, 0, command_error, 0x7FFF12345678},
      {0x088, 0, address_error, 0},
      {0x0C0, 1, command_error, 0xFF},
      {0x0C8, 1, command_error, 0},
      {0x100, 0, ok, 0},
      {0x100, 1, ok, 1},
      {0x100, 3, refused_value, 2},
      {0x100, u64{1} << 32, refused_value, 2},
      {0x108, 0, command_error, 0x341201},
      {0x110, 0, ok, 0},
      {0x110, ~u64{0}, ok, 0x1C00F}, // B3 to B0, BS, BT, RTM; BD is of a fault
      {0x118, 0, command_error, bit_of(Cause::single_step)},
      {0x128, 0, command_error, bit_of(Cause::data_breakpoint)},
      {0x130, 0x4001, ok, 0x4001},
      {0x138, 0, command_error, bit_of(Cause::task_switch)},
      {0x140, 0, command_error, u64{2} << 28 | u64{4} << 24 | 9 << 16 | 2 << 8 | 1},
      {0x148, 0, command_error, 0xABCDEF},
      {0x150, 0xFEDCBA9876543210, ok, 0xFEDCBA9876543210},
      {0x160, 0, command_error, 0xFFFFFFFF},
      {0x168, 0, command_error, 0},
      {0x190, 0, address_error, 0},
      {0xFFFFFFF8, 0, address_error, 0},
      {0x900000000, 0, address_error, 0}, // behind the last MSR
      {~u64{7}, 0, address_error, 0},
  };
  ProbeBench(
      [&rows](ProbeBench& bench) {
        fill(bench);
        for (const Write& row : rows)
          expect_written(bench, row);
      },
      Timing::timed, test::cpu_model("intel-skylake"), {5, false});
}

TEST(ProbeRegisters, TrapsHaveACause) {
  ProbeBench([](ProbeBench& bench) {
    const u64 held_trap = bit_of(Cause::held_trap);
    for (const u64 at : {0x110, 0x120, 0x130}) {
      EXPECT_EQ(bench.debugger.write(at, 0x4001), ok);
      EXPECT_EQ(bench.debugger.read(at), 0x4001U);
      EXPECT_EQ(bench.debugger.read(at + 8), held_trap);
      EXPECT_EQ(bench.debugger.write(at, 0x2000), ok); // BD is none of a trap
      EXPECT_EQ(bench.debugger.read(at + 8), 0U);
    }
    EXPECT_EQ(bench.debugger.write(0x130, 0x4001), ok);
    const Outcome outcome = bench(request_at(Operation::fetch, 0x1000));
    EXPECT_EQ(outcome.kind, OutcomeKind::trap);
    EXPECT_EQ(outcome.data, 0x4001U);
    EXPECT_EQ(bench.core.state().dr[6], 0xFFFF4FF1U);
  });
}

// docs/debug-unit.md 2.2: BLD is a bit of CPUs that detect bus locks, RTM of those with RTM.
TEST(ProbeRegisters, TrapsAreThoseOfTheCpu) {
  CpuProfile profile = *find_cpu_profile("intel-skylake");
  profile.features =
      profile.features.with(Feature::bus_lock_detect).without(FeatureSet(Feature::rtm));
  ProbeBench(
      [](ProbeBench& bench) {
        EXPECT_EQ(bench.debugger.write(0x130, ~u64{0}), ok);
        EXPECT_EQ(bench.debugger.read(0x130), 0xC80FU);
      },
      Timing::timed, std::make_shared<const CpuModel>(profile, test::distinct_cycles));
}

// ---- MSRs

// Masks: docs/msr-block.md; of Skylake EFER has SCE, LME and NXE.
TEST(ProbeRegisters, MsrsTakeWhatAWrmsrCanWrite) {
  const Write rows[] = {
      {msr_at(0xC0000080), ~u64{0}, ok, 0x901},
      {msr_at(0xC0000082), 0x0000800000000000, ok, 0xFFFF800000000000},
      {msr_at(0xC0000082), 0x1234000000001000, ok, 0x0000000000001000},
      {msr_at(0xC0000082), 0xFFFF8ABC00001000, ok, 0xFFFF8ABC00001000},
      {msr_at(0x277), 0x0607040607040607, ok, 0x0607040607040607},
      {msr_at(0x179), 0, command_error, 0xC0A}, // IA32_MCG_CAP is read only
      {msr_at(0x12345), 0, address_error, 0},
      {msr_at(0xFFFFFFFF), 0, address_error, 0},
      {msr_at(0), 0, ok, 0},
  };
  ProbeBench([&rows](ProbeBench& bench) {
    bench(mov_to_dr(7, 0x2400)); // GD and CPL do not guard them
    for (const Write& row : rows)
      expect_written(bench, row);
  });
}

// EFER.LMA is the core's own.
TEST(ProbeRegisters, OtherBitsOfAnMsrStay) {
  ProbeBench([](ProbeBench& bench) {
    bench.core.poke(0xC0000080, 0x500); // LMA, LME
    expect_written(bench, {msr_at(0xC0000080), 0x101, ok, 0x501});
    expect_written(bench, {msr_at(0xC0000080), 0, ok, 0x400});
  });
}

TEST(ProbeRegisters, ALockDoesNotKeepTheProbeOut) {
  constexpr std::uint32_t feature_control = 0x3A;
  ProbeBench([](ProbeBench& bench) {
    EXPECT_EQ(bench.debugger.write(msr_at(feature_control), 1), ok); // the lock bit
    EXPECT_EQ(bench(test::msr_access(Operation::wrmsr, feature_control, 5)).cause,
              Cause::msr_locked);
    EXPECT_EQ(bench.debugger.write(msr_at(feature_control), 4), ok);
    EXPECT_EQ(bench.debugger.read(msr_at(feature_control)), 4U);
  });
}

// IA32_PRED_CMD holds nothing.
TEST(ProbeRegisters, AnMsrThatIsOnlyWrittenReads0) {
  ProbeBench(
      [](ProbeBench& bench) {
        expect_written(bench, {msr_at(0x49), 1, ok, 0});
      },
      Timing::timed, test::cpu_model("intel-max"));
}

// Bit 63 of MSR_LER_FROM_LIP is a flag; Skylake's stack has its flags elsewhere (SDM vol. 3
// 17.4.8.1, 17.13).
TEST(ProbeRegisters, FlagsOfABranchRecordStay) {
  ProbeBench([](ProbeBench& bench) {
    expect_written(bench, {msr_at(0x1DD), 0x8000000000001000, ok, 0x8000000000001000});
    expect_written(bench, {msr_at(0x1DD), 0x0000900000001000, ok, 0x7FFF900000001000});
    expect_written(bench, {msr_at(0x680), 0x8000000000001000, ok, 0x1000});
  });
}

void expect_tsc_ahead(ProbeBench& bench) {
  constexpr u64 tsc = msr_at(0x10);
  sc_core::wait(ns(50));
  EXPECT_EQ(bench.debugger.read(tsc), 50U);
  bench.debugger.delay = ns(30);
  EXPECT_EQ(bench.debugger.read(tsc), 80U);
  EXPECT_EQ(bench.debugger.debug_read(tsc), 50U);
  EXPECT_EQ(bench.debugger.write(tsc, 1000), ok);
  EXPECT_EQ(bench.debugger.read(tsc), 1000U);
  EXPECT_EQ(bench.debugger.delay, ns(30));
  EXPECT_EQ(bench.debugger.debug_read(tsc), 970U);
  sc_core::wait(ns(10));
  EXPECT_EQ(bench.debugger.debug_read(tsc), 980U);
}

TEST(ProbeRegisters, TheTscOfATimedCoreIsReadAheadByTheDelay) { ProbeBench{expect_tsc_ahead}; }

TEST(ProbeRegisters, TheTscOfALooselyTimedCoreIsReadAheadByTheDelay) {
  ProbeBench{expect_tsc_ahead, Timing::loosely_timed};
}

TEST(ProbeRegisters, MsrsOfThePlatformAreNotThere) {
  static constexpr MsrIndexRange kept[] = {{0x277, 0x277}};
  CpuProfile profile = *find_cpu_profile("intel-skylake");
  profile.platform_msrs = {kept, 1};
  ProbeBench(
      [](ProbeBench& bench) {
        EXPECT_EQ(bench.debugger.write(msr_at(0x277), 0), address_error);
        EXPECT_EQ(bench.debugger.debug_write(msr_at(0x277), 0), 0U);
      },
      Timing::timed, std::make_shared<const CpuModel>(profile, test::distinct_cycles));
}

// IA32_DEBUG_INTERFACE is the package's.
TEST(ProbeRegisters, AWriteReachesThoseThatShareTheRegister) {
  const auto model = test::cpu_model("intel-skylake");
  DebugCore other("other", model, CoreClock(1, sc_core::SC_NS));
  MsrPackage package;
  ProbeBench(
      [&](ProbeBench& bench) {
        package.add(bench.core, 0);
        package.add(other, 1);
        EXPECT_EQ(bench.debugger.debug_write(msr_at(0xC80), 1), 8U);
        EXPECT_EQ(other.peek(0xC80), 1U);
      },
      Timing::timed, model);
}

TEST(ProbeRegisters, AWrittenBreakpointArmsTheWatch) {
  ProbeBench([](ProbeBench& bench) {
    unsigned calls = 0;
    bench.core.on_armed([&calls](const WatchFilter&) { ++calls; });
    bench.debugger.debug_write(0x040, 0x8000);
    bench.debugger.debug_write(0x078, 0x10001); // L0, writes
    EXPECT_EQ(calls, 1U);
    EXPECT_TRUE(bench.core.watch().may_write(0x8000, 1));
  });
}

} // namespace
} // namespace icebp
