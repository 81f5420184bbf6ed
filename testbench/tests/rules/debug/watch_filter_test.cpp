#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/testbench/tests/rules/debug/breakpoint_reference.h>

namespace icebp::test {
namespace {

constexpr u64 user = 0x00007F1234567000;
constexpr u64 kernel = 0xFFFFFFFF81234000;

WatchFilter filter_of(const CoreState& state) {
  WatchFilter filter;
  filter.arm(state);
  return filter;
}

bool may(const WatchFilter& filter, const Access& access) {
  switch (access.kind) {
  case AccessKind::execution:
    return filter.may_fetch(access.address);
  case AccessKind::data_write:
    return filter.may_write(access.address, access.size);
  case AccessKind::data_read:
    return filter.may_read(access.address, access.size);
  case AccessKind::io:
    break;
  }
  return false;
}

void expect_nothing(const WatchFilter& filter) {
  EXPECT_FALSE(filter.watches_data());
  EXPECT_FALSE(filter.watches_fetches());
  for (const u64 address : {u64{0}, every_bit, user, kernel, bit(56) - 1, u64{0} - bit(56)})
    for (const std::uint32_t size : {1u, 8u, 64u, 0x80000000u}) {
      EXPECT_FALSE(filter.may_read(address, size)) << hex(address) << ' ' << size;
      EXPECT_FALSE(filter.may_write(address, size)) << hex(address) << ' ' << size;
      EXPECT_FALSE(filter.may_fetch(address)) << hex(address);
    }
}

TEST(WatchFilter, Nothing_is_armed_at_first_and_after_power_up) {
  expect_nothing(WatchFilter{});
  expect_nothing(filter_of(power_up(model_of(Vendor::intel))));
}

TEST(WatchFilter, Knows_three_operations) {
  CoreState state;
  const auto meets = [&](Operation operation, u64 address) {
    return filter_of(state).may_meet(operation, address, 1);
  };
  state.dr = {user, user + 8, user + 16, 0, 0, 0, 0, 0x03100415}; // W on DR1, RW on DR2, X on DR0
  EXPECT_TRUE(meets(Operation::fetch, user));
  EXPECT_FALSE(meets(Operation::data_write, user));
  EXPECT_TRUE(meets(Operation::data_write, user + 8));
  EXPECT_FALSE(meets(Operation::data_read, user + 8));
  EXPECT_TRUE(meets(Operation::data_read, user + 16));
  EXPECT_FALSE(meets(Operation::fetch, user + 16));
  for (const Operation other : {Operation::io_access, Operation::bus_lock, Operation::mov_to_dr})
    EXPECT_TRUE(meets(other, 0));
}

TEST(WatchFilter, Kinds) {
  struct Row {
    unsigned watch;
    Enable enable;
    bool read, write, fetch;
  };
  constexpr Row rows[] = {
      {on_execution, local, false, false, true},      {on_execution, global, false, false, true},
      {on_write, local, false, true, false},          {on_write, global, false, true, false},
      {on_access, local, true, true, false},          {on_access, global, true, true, false},
      {on_io, local_and_global, false, false, false}, {on_execution, disabled, false, false, false},
      {on_write, disabled, false, false, false},      {on_access, disabled, false, false, false},
  };
  for (const Row& row : rows)
    for (unsigned n = 0; n < 4; ++n)
      for (const u64 at : {user, kernel, u64{0}, every_bit}) {
        SCOPED_TRACE("DR" + std::to_string(n) + " R/W " + std::to_string(row.watch) + " enable " +
                     std::to_string(row.enable) + " at " + hex(at));
        CoreState state;
        arm(state, n, row.watch, at, 1, 0, row.enable);
        const WatchFilter filter = filter_of(state);
        EXPECT_EQ(filter.may_read(at, 1), row.read);
        EXPECT_EQ(filter.may_write(at, 1), row.write);
        EXPECT_EQ(filter.may_fetch(at), row.fetch);
        EXPECT_EQ(filter.watches_data(), row.write);
        EXPECT_EQ(filter.watches_fetches(), row.fetch);
      }
}

TEST(WatchFilter, One_breakpoint_is_exact) {
  constexpr unsigned lengths[] = {1, 2, 4, 8};
  for (const unsigned length : lengths)
    for (u64 offset = 0; offset < 8; ++offset)
      for (const u64 at : {user, kernel, u64{0}, u64{0} - 8})
        for (u64 address = at - 72; address != at + 16; ++address)
          for (const std::uint32_t size : {1u, 2u, 4u, 8u, 16u, 32u, 64u}) {
            const CoreState state = armed(on_write, at + offset, length);
            ASSERT_EQ(filter_of(state).may_write(address, size),
                      reference_touches(at + offset, length, 0, write_of(address, size)))
                << hex(at + offset) << " of " << length << ", " << hex(address) << " of " << size;
          }
}

TEST(WatchFilter, Kernel_and_user_together) {
  CoreState state = armed(on_write, user, 8);
  arm(state, 1, on_access, kernel, 4);
  arm(state, 2, on_execution, kernel + 0x100, 1);
  arm(state, 3, on_execution, user + 0x100, 1);
  const WatchFilter filter = filter_of(state);
  EXPECT_TRUE(filter.may_write(user + 7, 1));
  EXPECT_TRUE(filter.may_write(kernel - 7, 8));
  EXPECT_FALSE(filter.may_write(user + 8, 8));
  EXPECT_FALSE(filter.may_write(kernel + 8, 8));
  EXPECT_FALSE(filter.may_write(0, 8)); // between them
  EXPECT_FALSE(filter.may_write(every_bit, 8));
  EXPECT_FALSE(filter.may_read(user, 8)); // write-only
  EXPECT_TRUE(filter.may_read(kernel + 3, 1));
  EXPECT_TRUE(filter.may_fetch(kernel + 0x100));
  EXPECT_TRUE(filter.may_fetch(user + 0x100));
  EXPECT_FALSE(filter.may_fetch(kernel));
  EXPECT_FALSE(filter.may_fetch(0));
}

TEST(WatchFilter, Four_breakpoints_of_different_widths) {
  constexpr u64 masks[][4] = {{0xFFF, 0, 0xF, 0}, {0, 0xF, 0xFFF, 0}, {0, 0, 0xF, 0xFFF}};
  constexpr u64 places[][4] = {{user, kernel, 0x10000, kernel + 0x10000},
                               {kernel, user + 0x10000, user, 0x10000}};
  for (const auto& mask : masks)
    for (const auto& place : places) {
      CoreState data;
      CoreState code;
      for (unsigned n = 0; n < 4; ++n) {
        arm(data, n, n % 2 == 0 ? on_write : on_access, place[n], 1, mask[n]);
        arm(code, n, on_execution, place[n], 1, mask[n]);
      }
      for (unsigned n = 0; n < 4; ++n) {
        SCOPED_TRACE(hex(place[n]) + " mask " + hex(mask[n]));
        for (const u64 byte : {place[n], place[n] + mask[n] / 2, place[n] + mask[n]}) {
          EXPECT_TRUE(filter_of(data).may_write(byte, 1));
          EXPECT_EQ(filter_of(data).may_read(byte, 1), n % 2 != 0);
          EXPECT_TRUE(filter_of(code).may_fetch(byte));
        }
        EXPECT_FALSE(filter_of(data).may_write(place[n] - 0x1000, 1)); // beyond the widest
        EXPECT_FALSE(filter_of(data).may_write(place[n] + mask[n] + 1, 8));
        EXPECT_FALSE(filter_of(code).may_fetch(place[n] + mask[n] + 1));
      }
    }
}

TEST(WatchFilter, An_access_across_address_0) {
  const Access access = write_of(0xFFFFFFFFFFFFFFFE, 4);
  for (const u64 watched : {0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF, u64{0}, u64{1}})
    EXPECT_TRUE(may(filter_of(armed(on_write, watched, 1)), access)) << hex(watched);
  for (const u64 watched : {0xFFFFFFFFFFFFFFFD, u64{2}})
    EXPECT_FALSE(may(filter_of(armed(on_write, watched, 1)), access)) << hex(watched);
}

TEST(WatchFilter, The_largest_access) {
  constexpr std::uint32_t size = 0x80000000;
  const WatchFilter filter = filter_of(armed(on_access, user, 1));
  EXPECT_TRUE(filter.may_read(user - (size - 1), size));
  EXPECT_FALSE(filter.may_read(user - size, size));
  EXPECT_TRUE(filter.may_read(user, size));
  EXPECT_FALSE(filter.may_read(user + 1, size));
}

TEST(WatchFilter, A_breakpoint_that_is_not_canonical_is_left_out) {
  for (const u64 address : {bit(56), bit(63), bit(63) - 1, 0xFEFFFFFFFFFFFFFF}) {
    SCOPED_TRACE(hex(address));
    CoreState state = armed(on_access, address, 8);
    arm(state, 1, on_execution, address, 1);
    expect_nothing(filter_of(state));
    arm(state, 2, on_write, kernel, 8);
    const WatchFilter filter = filter_of(state);
    EXPECT_TRUE(filter.may_write(kernel, 1));
    EXPECT_FALSE(filter.may_write(user, 1));
  }
}

TEST(WatchFilter, The_ends_of_the_canonical_addresses_are_armed) {
  for (const u64 address :
       {u64{0x00007FFFFFFFFFFF}, 0xFFFF800000000000, bit(56) - 1, 0xFF00000000000000}) {
    EXPECT_TRUE(filter_of(armed(on_write, address, 1)).may_write(address, 1)) << hex(address);
    EXPECT_TRUE(filter_of(armed(on_execution, address, 1)).may_fetch(address)) << hex(address);
  }
}

TEST(WatchFilter, Arming_anew_takes_effect_and_forgets) {
  const CpuModel& cpu = model_of(Vendor::intel);
  CoreState state = power_up(cpu);
  WatchFilter filter;
  const auto write_and_arm = [&](unsigned dr, u64 value) {
    execute(cpu, state, write_dr(dr, value));
    filter.arm(state);
  };
  write_and_arm(0, user);
  expect_nothing(filter);
  write_and_arm(7, 0x00010002); // G0, write, 1 byte
  EXPECT_TRUE(filter.may_write(user, 1));
  EXPECT_FALSE(filter.may_read(user, 1));
  write_and_arm(7, 0x000F0001); // L0, read and write, 4 bytes
  EXPECT_TRUE(filter.may_write(user + 3, 1));
  EXPECT_TRUE(filter.may_read(user + 3, 1));
  write_and_arm(0, kernel);
  EXPECT_TRUE(filter.may_read(kernel, 1));
  EXPECT_FALSE(filter.may_read(user, 1));
  EXPECT_FALSE(filter.may_write(user, 1));
  write_and_arm(7, 0x00000002); // G0, execution
  EXPECT_TRUE(filter.may_fetch(kernel));
  EXPECT_FALSE(filter.watches_data());
  EXPECT_FALSE(filter.may_write(kernel, 1));
  write_and_arm(7, 0);
  expect_nothing(filter);
}

TEST(WatchFilter, A_wide_breakpoint_that_is_gone_leaves_no_false_alarm) {
  CoreState state = armed(on_write, user, 1, 0xFFFF);
  WatchFilter filter = filter_of(state);
  EXPECT_TRUE(filter.may_write(user & ~u64{0xFFFF}, 1));
  state[MsrSlot::dr0_addr_mask] = 0;
  filter.arm(state);
  EXPECT_TRUE(filter.may_write(user, 1));
  EXPECT_FALSE(filter.may_write(user - 1, 1));
}

TEST(WatchFilter, Amd_address_masks) { // 4.6
  const CpuModel& cpu = model_of(Vendor::amd);
  CoreState state = power_up(cpu);
  execute(cpu, state, write_dr(3, 0x123456789));
  execute(cpu, state, write_dr(7, dr7_bits(3, global, on_write, 1)));
  execute(cpu, state, wrmsr_of(0xC001101B, 0xFFFFFFFF));
  const WatchFilter filter = filter_of(state);
  EXPECT_FALSE(filter.may_write(0x0FFFFFFFF, 1));
  EXPECT_TRUE(filter.may_write(0x0FFFFFFFF, 2));
  EXPECT_TRUE(filter.may_write(0x100000000, 1));
  EXPECT_TRUE(filter.may_write(0x1FFFFFFFF, 1));
  EXPECT_FALSE(filter.may_write(0x200000000, 1));
  EXPECT_FALSE(filter.may_read(0x100000000, 1));
}

TEST(WatchFilter, An_address_mask_with_holes_never_misses) {
  const WatchFilter filter = filter_of(armed(on_write, 0x1004, 1, 0xF00));
  for (u64 address = 0x1004; address <= 0x1F04; address += 0x100)
    EXPECT_TRUE(filter.may_write(address, 1)) << hex(address);
  EXPECT_FALSE(filter.may_write(0x1003, 1));
  EXPECT_FALSE(filter.may_write(0x1F05, 1));
}

TEST(WatchFilter, Operations_that_may_change_it) {
  struct Row {
    Request request;
    bool may;
  };
  const Row rows[] = {
      {write_dr(0, 0), true},
      {write_dr(7, 0), true},
      {resume_with(ResumeVerb::complete), true},
      {of_operation(Operation::reset), true},
      {of_operation(Operation::init), true},
      {of_operation(Operation::task_switch), true}, // clears L0-L3
      {wrmsr_of(0xC0011027, 0), true},
      {wrmsr_of(0xC0011019, 0), true},
      {wrmsr_of(0xC001101A, 0), true},
      {wrmsr_of(0xC001101B, 0), true},
      {wrmsr_of(0xC0011018, 0), false},
      {wrmsr_of(0xC0011028, 0), false},
      {wrmsr_of(0x1D9, 0), false},
      {rdmsr_of(0xC0011027), false},
      {read_dr(0), false},
      {int1_instruction(), false},
  };
  for (const Row& row : rows)
    EXPECT_EQ(may_change_watch(row.request), row.may)
        << name_of(row.request.operation) << ' ' << hex(row.request.msr);
  for (const auto operation :
       {Operation::none, Operation::page_fault, Operation::fetch, Operation::data_read,
        Operation::data_write, Operation::io_access, Operation::end_of_iteration,
        Operation::end_of_instruction, Operation::fault, Operation::bus_lock, Operation::rtm_abort})
    EXPECT_FALSE(may_change_watch(of_operation(operation))) << name_of(operation);
}

// The filter of a machine outside 64-bit mode is asked twice for what wraps at 4 GiB.
bool may_in_mode(const WatchFilter& filter, const Access& access) {
  const u64 up_to_4_gib = bit(32) - access.address;
  if (access.is_64_bit || access.size <= up_to_4_gib)
    return may(filter, access);
  const auto first = static_cast<std::uint32_t>(up_to_4_gib);
  return may(filter, access_of(access.kind, access.address, first)) ||
         may(filter, access_of(access.kind, 0, access.size - first));
}

bool is_canonical_57(u64 address) { return address < bit(56) || address >= u64{0} - bit(56); }

// Whether an alarm is a hit or near one: no further from a breakpoint of its kind than the widest
// of them.
bool alarm_is_near(const CoreState& state, const Access& access) {
  constexpr auto in_order = [](u64 address) { return static_cast<std::int64_t>(address); };
  struct Range {
    std::int64_t first, last;
  };
  std::vector<Range> ranges;
  std::int64_t widest = 0;
  for (unsigned n = 0; n < 4; ++n) {
    const unsigned nibble = state.dr[7] >> (16 + 4 * n) & 0xF;
    const bool is_enabled = (state.dr[7] >> (2 * n) & 3) != 0;
    const u64 ignored = (bytes_of_len[nibble >> 2] - 1) | state[mask_slots[n]];
    if (!is_enabled || !reference_watches(nibble & 3, access.kind, false) ||
        !is_canonical_57(state.dr[n]))
      continue;
    ranges.push_back({in_order(state.dr[n] & ~ignored), in_order(state.dr[n] | ignored)});
    widest = std::max(widest, ranges.back().last - ranges.back().first);
  }
  const std::int64_t first = in_order(access.address);
  const std::int64_t last = first + access.size - 1;
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return last >= range.first - widest && first <= range.last + widest;
  });
}

TEST(WatchFilter, Random_cases_never_miss_and_alarm_only_near_a_breakpoint) {
  RandomBreakpoints random;
  WatchFilter filter;
  unsigned hit_count = 0;
  unsigned quiet = 0;
  for (unsigned n = 0; n < random_cases; n += RandomBreakpoints::accesses_per_state) {
    const CoreState state = random.state();
    filter.arm(state);
    for (unsigned i = 0; i < RandomBreakpoints::accesses_per_state; ++i) {
      const Access access = random.access(state);
      if (access.kind == AccessKind::io || !is_canonical_57(access.address + access.size - 1))
        continue;
      const bool hit = reference_hits(state, access).enabled != 0;
      const bool alarm = may_in_mode(filter, access);
      if (hit && !alarm)
        FAIL() << "missed: " << describe(state, access);
      if (alarm && !hit && access.is_64_bit && !alarm_is_near(state, access))
        FAIL() << "far: " << describe(state, access);
      hit_count += hit;
      quiet += !alarm;
    }
  }
  EXPECT_GT(hit_count, random_cases / 4);
  EXPECT_GT(quiet, random_cases / 10);
}

} // namespace
} // namespace icebp::test
