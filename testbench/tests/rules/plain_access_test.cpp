#include <icebp/model/rules/instruction_loop.h>
#include <icebp/testbench/tests/rules/support.h>

#include <random>

namespace icebp {
namespace {

using namespace test;

struct Try {
  bool is_plain;
  Outcome outcome;
  std::uint32_t cycles = 0;
  CoreState state;
};

Try try_plainly(const CpuModel& cpu, const CoreState& state, const Request& request) {
  Try result{false, {}, 0, state};
  result.is_plain =
      plain_access::execute(cpu, result.state, request, result.outcome, result.cycles);
  return result;
}

bool is_plain(const CpuModel& cpu, const CoreState& state, const Request& request) {
  return try_plainly(cpu, state, request).is_plain;
}

Request in_mode(Request request, Mode mode, unsigned cpl = 0) {
  request.context.mode = mode;
  request.context.cpl = static_cast<std::uint8_t>(cpl);
  return request;
}

constexpr std::uint32_t lstar = 0xC0000082;

TEST(PlainAccess, What_nearly_every_access_comes_to_is_plain) {
  for (const Vendor vendor : {Vendor::intel, Vendor::amd}) {
    const CpuModel& cpu = model_of(vendor);
    const CoreState state = power_up(cpu);
    for (const unsigned dr : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U}) {
      EXPECT_TRUE(is_plain(cpu, state, read_dr(dr))) << dr;
      EXPECT_TRUE(is_plain(cpu, state, write_dr(dr, 0x55))) << dr;
    }
    EXPECT_TRUE(is_plain(cpu, state, rdmsr_of(lstar)));
    EXPECT_TRUE(is_plain(cpu, state, wrmsr_of(lstar, 0x1234)));
    for (const Mode mode : {Mode::real, Mode::protected_mode, Mode::compatibility})
      EXPECT_TRUE(is_plain(cpu, state, in_mode(rdmsr_of(lstar), mode))) << name_of(mode);
  }
}

TEST(PlainAccess, What_something_else_comes_of_is_not) {
  const CpuModel& cpu = model_of(Vendor::intel);
  const CoreState state = power_up(cpu);
  static const VmxControls guest;
  static const RtmRegion region;
  for (const Request& plain :
       {read_dr(1), write_dr(1, 0x55), rdmsr_of(lstar), wrmsr_of(lstar, 0x1234)}) {
    ASSERT_TRUE(is_plain(cpu, state, plain));
    Request request = plain;
    request.context.guest = &guest;
    EXPECT_FALSE(is_plain(cpu, state, request));
    request = plain;
    request.context.rtm = &region;
    EXPECT_FALSE(is_plain(cpu, state, request));
    request = plain;
    request.encoding_faults = only(Cause::lock_prefix);
    EXPECT_FALSE(is_plain(cpu, state, request));
    EXPECT_FALSE(is_plain(cpu, state, in_mode(plain, Mode::long_mode, 3)));
    // Malformed: V86 mode has CPL 3, and the rest no request can have.
    EXPECT_FALSE(is_plain(cpu, state, in_mode(plain, Mode::v86)));
    EXPECT_FALSE(is_plain(cpu, state, in_mode(plain, static_cast<Mode>(5))));
    request = plain;
    request.dr = 8;
    EXPECT_FALSE(is_plain(cpu, state, request));
    request = plain;
    request.gpr = 16;
    EXPECT_FALSE(is_plain(cpu, state, request));
  }
}

TEST(PlainAccess, Registers_that_do_more_than_hold_a_value_are_not) {
  const CpuModel& amd_cpu = model_of(Vendor::amd);
  const CoreState state = power_up(amd_cpu);
  EXPECT_FALSE(is_plain(amd_cpu, state, rdmsr_of(0x10))); // the TSC reads time
  EXPECT_FALSE(is_plain(amd_cpu, state, wrmsr_of(0x10, 1)));
  EXPECT_TRUE(is_plain(amd_cpu, state, rdmsr_of(0xC0011019)));
  for (const std::uint32_t address_mask : {0xC0011019U, 0xC001101AU, 0xC001101BU, 0xC0011027U})
    EXPECT_FALSE(is_plain(amd_cpu, state, wrmsr_of(address_mask, 1))); // widens a breakpoint
  EXPECT_FALSE(is_plain(amd_cpu, state, wrmsr_of(0xC0010015, 0)));     // one for the package
  EXPECT_FALSE(is_plain(amd_cpu, state, rdmsr_of(0x12345678)));
  EXPECT_FALSE(is_plain(amd_cpu, state, wrmsr_of(lstar, bit(47))));
  CoreState detecting = state;
  detecting.dr[7] |= bit(13);
  EXPECT_FALSE(is_plain(amd_cpu, detecting, read_dr(0)));
  Request with_de = read_dr(4);
  with_de.context.cr4_de = true;
  EXPECT_FALSE(is_plain(amd_cpu, state, with_de));
  EXPECT_FALSE(is_plain(amd_cpu, state, write_dr(7, bit(32))));
}

// In the table some of these indices fall where a register of another index is.
TEST(PlainAccess, An_index_without_a_register_is_not) {
  for (const Vendor vendor : {Vendor::intel, Vendor::amd}) {
    const CpuModel& cpu = model_of(vendor);
    const CoreState state = power_up(cpu);
    for (std::uint32_t index = 0x20000000; index < 0x20000400; ++index) {
      EXPECT_FALSE(is_plain(cpu, state, rdmsr_of(index))) << index;
      EXPECT_FALSE(is_plain(cpu, state, wrmsr_of(index, 0))) << index;
    }
  }
}

// Draws requests among which each kind of plain access is frequent, and what is not, too.
class Draw {
public:
  explicit Draw(const CpuModel& cpu) : cpu_(cpu) {}

  Request next() {
    constexpr Operation operations[] = {Operation::mov_from_dr, Operation::mov_to_dr,
                                        Operation::rdmsr,       Operation::wrmsr,
                                        Operation::wrmsrns,     Operation::end_of_instruction};
    constexpr Mode modes[] = {Mode::real,          Mode::v86,       Mode::protected_mode,
                              Mode::compatibility, Mode::long_mode, Mode::long_mode};
    Request request;
    request.operation = operations[below(std::size(operations))];
    request.context.mode = modes[below(std::size(modes))];
    request.context.cpl = request.context.mode == Mode::v86 ? 3 : below(8) == 0 ? 3 : 0;
    if (request.context.mode == Mode::real)
      request.context.cpl = 0;
    request.context.cr4_de = below(2) != 0;
    request.context.tf = below(4) == 0;
    request.dr = static_cast<std::uint8_t>(below(8));
    request.ending = static_cast<Ending>(below(6));
    const auto msrs = static_cast<std::size_t>(cpu_.msrs.end() - cpu_.msrs.begin());
    request.msr = cpu_.msrs.begin()[below(msrs)].index;
    request.encoding_faults = below(16) == 0 ? only(Cause::lock_prefix) : 0;
    request.value = below(2) != 0 ? below(1 << 12) : u64{random_()} << 32 | random_();
    if (below(4) == 0)
      request.value = below(2) != 0 ? 0x2400 : 0x00020755;
    return request;
  }

private:
  std::size_t below(std::size_t count) { return random_() % count; }

  const CpuModel& cpu_;
  std::mt19937 random_{20261126};
};

bool same(const Outcome& a, const Outcome& b) {
  return a.kind == b.kind && a.cause == b.cause && a.vector == b.vector &&
         a.redirected == b.redirected && a.cost == b.cost && a.serializing == b.serializing &&
         a.code == b.code && a.data == b.data;
}

TEST(PlainAccess, Comes_to_what_execute_comes_to_and_else_changes_nothing) {
  for (const CpuProfile& profile : cpu_profiles) {
    const CpuModel cpu(profile);
    CoreState state = power_up(cpu);
    Draw draw(cpu);
    unsigned plain = 0;
    for (unsigned n = 0; n < 4000; ++n) {
      const Request request = draw.next();
      const Try tried = try_plainly(cpu, state, request);
      const CoreState before = state;
      const Execution execution = execute(cpu, state, request);
      ASSERT_TRUE(tried.state == (tried.is_plain ? state : before)) << profile.name << ' ' << n;
      if (!tried.is_plain)
        continue;
      ++plain;
      ASSERT_TRUE(same(tried.outcome, execution.outcome)) << profile.name << ' ' << n;
      ASSERT_EQ(tried.cycles, execution.cycles) << profile.name << ' ' << n;
    }
    EXPECT_GT(plain, 600U) << profile.name;
  }
}

// What a core tells its simulator stays that of its state, whichever way a request went.
TEST(PlainAccess, The_watch_filter_is_kept) {
  for (const CpuProfile& profile : cpu_profiles) {
    const CpuModel cpu(profile);
    CoreState state = power_up(cpu);
    UntimedCore core(cpu, state);
    Draw draw(cpu);
    for (unsigned n = 0; n < 2000; ++n) {
      core.put(draw.next());
      WatchFilter anew;
      anew.arm(state);
      const WatchFilter& watch = core.watch();
      ASSERT_EQ(watch.boundary_waits(), !state.boundary.is_quiet()) << profile.name << ' ' << n;
      ASSERT_EQ(watch.watches_data(), anew.watches_data()) << profile.name << ' ' << n;
      ASSERT_EQ(watch.watches_fetches(), anew.watches_fetches()) << profile.name << ' ' << n;
      ASSERT_EQ(watch.fetches_matter(), watch.boundary_waits() || watch.watches_fetches());
      for (const unsigned dr : {0U, 1U, 2U, 3U}) {
        const u64 address = state.dr[dr];
        ASSERT_EQ(watch.may_write(address, 1), anew.may_write(address, 1)) << n;
        ASSERT_EQ(watch.may_fetch(address), anew.may_fetch(address)) << n;
      }
    }
  }
}

} // namespace
} // namespace icebp
