#include <icebp/testbench/tests/rules/debug/breakpoint_reference.h>

#include <utility>

namespace icebp::test {
namespace {

constexpr u64 b0 = 1;
constexpr u64 b1 = 2;
constexpr u64 b2 = 4;
constexpr u64 b3 = 8;

u64 hits(const CoreState& state, const Access& access) {
  return matching_breakpoints(intel(), state, access);
}

// SDM vol. 3 table 17-1 (4.2): what a read and a write come to.
using ReadWrite = std::pair<u64, u64>;
constexpr ReadWrite no_trap{0, 0};

ReadWrite sdm(u64 address, std::uint32_t size) {
  CoreState state;
  arm(state, 0, on_access, 0xA0001, 1);
  arm(state, 1, on_write, 0xA0002, 1);
  arm(state, 2, on_access, 0xB0002, 2);
  arm(state, 3, on_write, 0xC0000, 4);
  return {hits(state, read_of(address, size)), hits(state, write_of(address, size))};
}

TEST(BreakpointMatch, Sdm_table_17_1_rw_a0001_1) { EXPECT_EQ(sdm(0xA0001, 1), ReadWrite(b0, b0)); }
TEST(BreakpointMatch, Sdm_table_17_1_rw_a0001_2) {
  EXPECT_EQ(sdm(0xA0001, 2), ReadWrite(b0, b0 | b1));
}
TEST(BreakpointMatch, Sdm_table_17_1_w_a0002_1) { EXPECT_EQ(sdm(0xA0002, 1), ReadWrite(0, b1)); }
TEST(BreakpointMatch, Sdm_table_17_1_w_a0002_2) { EXPECT_EQ(sdm(0xA0002, 2), ReadWrite(0, b1)); }
TEST(BreakpointMatch, Sdm_table_17_1_rw_b0001_4) { EXPECT_EQ(sdm(0xB0001, 4), ReadWrite(b2, b2)); }
TEST(BreakpointMatch, Sdm_table_17_1_rw_b0002_1) { EXPECT_EQ(sdm(0xB0002, 1), ReadWrite(b2, b2)); }
TEST(BreakpointMatch, Sdm_table_17_1_rw_b0002_2) { EXPECT_EQ(sdm(0xB0002, 2), ReadWrite(b2, b2)); }
TEST(BreakpointMatch, Sdm_table_17_1_w_c0000_4) { EXPECT_EQ(sdm(0xC0000, 4), ReadWrite(0, b3)); }
TEST(BreakpointMatch, Sdm_table_17_1_w_c0001_2) { EXPECT_EQ(sdm(0xC0001, 2), ReadWrite(0, b3)); }
TEST(BreakpointMatch, Sdm_table_17_1_w_c0003_1) { EXPECT_EQ(sdm(0xC0003, 1), ReadWrite(0, b3)); }
TEST(BreakpointMatch, Sdm_table_17_1_no_rw_a0000_1) { EXPECT_EQ(sdm(0xA0000, 1), no_trap); }
TEST(BreakpointMatch, Sdm_table_17_1_no_r_a0002_1) { EXPECT_EQ(sdm(0xA0002, 1).first, 0u); }
TEST(BreakpointMatch, Sdm_table_17_1_no_rw_a0003_4) { EXPECT_EQ(sdm(0xA0003, 4), no_trap); }
TEST(BreakpointMatch, Sdm_table_17_1_no_rw_b0000_2) { EXPECT_EQ(sdm(0xB0000, 2), no_trap); }
TEST(BreakpointMatch, Sdm_table_17_1_no_r_c0000_2) { EXPECT_EQ(sdm(0xC0000, 2).first, 0u); }
TEST(BreakpointMatch, Sdm_table_17_1_no_rw_c0004_4) { EXPECT_EQ(sdm(0xC0004, 4), no_trap); }

TEST(BreakpointMatch, Section_3_rw_with_and_without_cr4_de) {
  struct Row {
    u64 rw;
    AccessKind kind;
    bool without_de, with_de;
  };
  constexpr Row rows[] = {
      {0b00, AccessKind::execution, true, true},   {0b00, AccessKind::data_write, false, false},
      {0b00, AccessKind::data_read, false, false}, {0b00, AccessKind::io, false, false},
      {0b01, AccessKind::execution, false, false}, {0b01, AccessKind::data_write, true, true},
      {0b01, AccessKind::data_read, false, false}, {0b01, AccessKind::io, false, false},
      {0b10, AccessKind::execution, false, false}, {0b10, AccessKind::data_write, false, false},
      {0b10, AccessKind::data_read, false, false}, {0b10, AccessKind::io, false, true},
      {0b11, AccessKind::execution, false, false}, {0b11, AccessKind::data_write, true, true},
      {0b11, AccessKind::data_read, true, true},   {0b11, AccessKind::io, false, false},
  };
  for (const Row& row : rows)
    for (const u64 len : {0b00u, 0b01u, 0b10u, 0b11u}) {
      SCOPED_TRACE("R/W " + std::to_string(row.rw) + ", LEN " + std::to_string(len) + ", kind " +
                   std::to_string(static_cast<unsigned>(row.kind)));
      CoreState state;
      state.dr[0] = 0x3F8;
      state.dr[7] = 0x402 | row.rw << 16 | len << 18;
      Access access = access_of(row.kind, 0x3F8, 1);
      EXPECT_EQ(hits(state, access), row.without_de ? b0 : 0);
      access.cr4_de = true;
      EXPECT_EQ(hits(state, access), row.with_de ? b0 : 0);
    }
}

TEST(BreakpointMatch, Section_3_len_and_section_4_2_base_is_masked_not_added) {
  struct Row {
    u64 dr7, dr0, first, last;
  };
  constexpr Row rows[] = {
      // LEN 00, 1 byte
      {0x00010002, 0x1000, 0x1000, 0x1000},
      // LEN 01, 2 bytes
      {0x00050002, 0x1000, 0x1000, 0x1001},
      {0x00050002, 0x1001, 0x1000, 0x1001},
      {0x00050002, 0x1007, 0x1006, 0x1007},
      // LEN 11, 4 bytes
      {0x000D0002, 0x1000, 0x1000, 0x1003},
      {0x000D0002, 0x1001, 0x1000, 0x1003},
      {0x000D0002, 0x1003, 0x1000, 0x1003},
      {0x000D0002, 0x1006, 0x1004, 0x1007},
      // LEN 10, 8 bytes
      {0x00090002, 0x1000, 0x1000, 0x1007},
      {0x00090002, 0x1004, 0x1000, 0x1007},
      {0x00090002, 0x1007, 0x1000, 0x1007},
      {0x00090002, 0x1008, 0x1008, 0x100F},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE("DR7 " + hex(row.dr7) + ", DR0 " + hex(row.dr0));
    CoreState state;
    state.dr[0] = row.dr0;
    state.dr[7] = row.dr7;
    for (u64 byte = 0xFF0; byte < 0x1020; ++byte)
      EXPECT_EQ(hits(state, write_of(byte, 1)), row.first <= byte && byte <= row.last ? b0 : 0)
          << hex(byte);
  }
}

TEST(BreakpointMatch, Section_3_le_and_ge_do_not_matter) { // and 4.7
  for (const u64 exact : {0x000u, 0x100u, 0x200u, 0x300u}) {
    CoreState state = armed(on_write, 0x1000, 4);
    state.dr[7] |= exact;
    EXPECT_EQ(hits(state, write_of(0x1003, 1)), b0);
    EXPECT_EQ(hits(state, write_of(0x1004, 1)), 0u);
  }
}

TEST(BreakpointMatch, Section_3_enables_local_global_or_both) {
  for (unsigned n = 0; n < 4; ++n)
    for (const Enable enable : {disabled, local, global, local_and_global}) {
      SCOPED_TRACE("DR" + std::to_string(n) + " enabled " + std::to_string(enable));
      CoreState state;
      arm(state, n, on_access, 0x1000, 4, 0, enable);
      EXPECT_EQ(hits(state, read_of(0x1000, 4)), enable == disabled ? 0 : bit(n));
    }
}

TEST(BreakpointMatch, Section_4_2_any_byte_of_a_wide_or_split_access) {
  struct Row {
    const char* what;
    u64 watched;
    unsigned length;
    u64 address;
    std::uint32_t size;
    u64 b;
  };
  constexpr Row rows[] = {
      {"8 bytes that end on the first watched byte", 0x1008, 8, 0x1001, 8, b0},
      {"8 bytes that end before the first watched byte", 0x1008, 8, 0x1000, 8, 0},
      {"8 bytes from the last watched byte", 0x1008, 8, 0x100F, 8, b0},
      {"8 bytes from one beyond", 0x1008, 8, 0x1010, 8, 0},
      {"1 byte within 8", 0x1008, 8, 0x100C, 1, b0},
      {"16 bytes, the last watched", 0x100F, 1, 0x1000, 16, b0},
      {"16 bytes, the one behind watched", 0x1010, 1, 0x1000, 16, 0},
      {"32 bytes, the last watched", 0x101F, 1, 0x1000, 32, b0},
      {"32 bytes, the one behind watched", 0x1020, 1, 0x1000, 32, 0},
      {"64 bytes, the last watched", 0x103F, 1, 0x1000, 64, b0},
      {"64 bytes, the first watched", 0x1000, 1, 0x1000, 64, b0},
      {"64 bytes, the one behind watched", 0x1040, 8, 0x1000, 64, 0},
      {"split over cache lines, second line watched", 0x1040, 1, 0x103C, 8, b0},
      {"split over cache lines, first line watched", 0x103C, 4, 0x103E, 8, b0},
      {"split over pages, second page watched", 0x2000, 8, 0x1FFF, 2, b0},
      {"split over pages, first page watched", 0x1FFF, 1, 0x1FFF, 2, b0},
      {"split over 4 GiB", 0x100000000, 1, 0xFFFFFFFE, 4, b0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(hits(armed(on_write, row.watched, row.length), write_of(row.address, row.size)),
              row.b);
    EXPECT_EQ(hits(armed(on_access, row.watched, row.length), read_of(row.address, row.size)),
              row.b);
  }
}

TEST(BreakpointMatch, Section_4_2_two_enabled_matches_on_one_access) {
  CoreState state = armed(on_write, 0x1000, 4);
  arm(state, 1, on_access, 0x1004, 4);
  EXPECT_EQ(hits(state, write_of(0x1000, 8)), 3u);
  EXPECT_EQ(hits(state, read_of(0x1000, 8)), b1);
  arm(state, 2, on_write, 0x1002, 1);
  arm(state, 3, on_access, 0x1007, 1);
  EXPECT_EQ(hits(state, write_of(0x1000, 8)), 0xFu);
  EXPECT_EQ(hits(state, write_of(0x1003, 4)), b0 | b1);
}

TEST(BreakpointMatch, Section_4_2_an_unaligned_object_needs_two_breakpoints) {
  CoreState state = armed(on_write, 0x1002, 2);
  arm(state, 1, on_write, 0x1004, 2);
  constexpr u64 expected[] = {0, 0, b0, b0, b1, b1, 0, 0};
  for (u64 i = 0; i < 8; ++i)
    EXPECT_EQ(hits(state, write_of(0x1000 + i, 1)), expected[i]) << i;
}

TEST(BreakpointMatch, Section_4_2_outside_64_bit_mode_addresses_wrap_at_4_gib) {
  struct Row {
    u64 watched;
    bool hit_outside, hit_in_64_bit_mode;
  };
  constexpr Row rows[] = {
      {0xFFFFFFFD, false, false}, {0xFFFFFFFE, true, true},   {0xFFFFFFFF, true, true},
      {0x00000000, true, false},  {0x00000001, true, false},  {0x00000002, false, false},
      {0x100000000, false, true}, {0x100000001, false, true}, {0x100000002, false, false},
  };
  const Access access = write_of(0xFFFFFFFE, 4);
  for (const Row& row : rows) {
    SCOPED_TRACE(hex(row.watched));
    const CoreState state = armed(on_write, row.watched, 1);
    EXPECT_EQ(hits(state, outside_64_bit_mode(access)), row.hit_outside ? b0 : 0);
    EXPECT_EQ(hits(state, access), row.hit_in_64_bit_mode ? b0 : 0);
  }
  EXPECT_EQ(hits(armed(on_write, 0, 8), outside_64_bit_mode(write_of(0xFFFFFFFC, 4))), 0u);
}

TEST(BreakpointMatch, Section_4_2_outside_64_bit_mode_upper_bits_of_dr_never_match) {
  for (const u64 upper : {bit(32), bit(63), 0xFFFFFFFF00000000}) {
    const CoreState state = armed(on_access, upper | 0x1000, 8);
    EXPECT_EQ(hits(state, outside_64_bit_mode(write_of(0x1000, 8))), 0u) << hex(upper);
    EXPECT_EQ(hits(state, write_of(upper | 0x1000, 8)), b0) << hex(upper);
  }
}

TEST(BreakpointMatch, Section_4_2_in_64_bit_mode_addresses_wrap_at_the_top) {
  const Access access = read_of(0xFFFFFFFFFFFFFFFE, 4);
  EXPECT_EQ(hits(armed(on_access, 0xFFFFFFFFFFFFFFFD, 1), access), 0u);
  EXPECT_EQ(hits(armed(on_access, 0xFFFFFFFFFFFFFFFF, 1), access), b0);
  EXPECT_EQ(hits(armed(on_access, 0xFFFFFFFFFFFFFFF8, 8), access), b0);
  EXPECT_EQ(hits(armed(on_access, 0, 1), access), b0);
  EXPECT_EQ(hits(armed(on_access, 1, 1), access), b0);
  EXPECT_EQ(hits(armed(on_access, 2, 1), access), 0u);
}

TEST(BreakpointMatch, Section_4_2_ports_are_zero_extended_to_32_bits) {
  EXPECT_EQ(hits(armed(on_io, 0x000003F8, 1), io_of(0x3F8, 1)), b0);
  EXPECT_EQ(hits(armed(on_io, 0x000103F8, 1), io_of(0x3F8, 1)), 0u);
  EXPECT_EQ(hits(armed(on_io, 0xFFFF03F8, 1), io_of(0x3F8, 1)), 0u);
  for (const bool in_64_bit_mode : {false, true}) {
    Access last_ports = io_of(0xFFFE, 4);
    last_ports.is_64_bit = in_64_bit_mode;
    EXPECT_EQ(hits(armed(on_io, 0xFFFF, 1), last_ports), b0);
    EXPECT_EQ(hits(armed(on_io, 0, 1), last_ports), 0u);
  }
}

TEST(BreakpointMatch, Section_4_2_ports_match_as_ranges) {
  const CoreState state = armed(on_io, 0x3FA, 4);
  EXPECT_EQ(hits(state, io_of(0x3F7, 1)), 0u);
  EXPECT_EQ(hits(state, io_of(0x3F7, 2)), b0);
  EXPECT_EQ(hits(state, io_of(0x3FB, 4)), b0);
  EXPECT_EQ(hits(state, io_of(0x3FC, 1)), 0u);
}

TEST(BreakpointMatch, Section_4_1_an_instruction_is_at_its_first_byte) {
  const CoreState state = armed(on_execution, 0x1001, 1);
  EXPECT_EQ(hits(state, fetch_of(0x1001)), b0);
  EXPECT_EQ(hits(state, fetch_of(0x1000)), 0u); // a prefix at 1000h, the opcode at 1001h
  EXPECT_EQ(hits(state, fetch_of(0x1002)), 0u);
}

// As Bochs: the first byte against the aligned range.
TEST(BreakpointMatch, Section_3_execution_with_len_other_than_00) {
  constexpr unsigned lengths[] = {2, 4, 8};
  for (const unsigned length : lengths)
    for (u64 at = 0xFF8; at < 0x1010; ++at)
      EXPECT_EQ(hits(armed(on_execution, 0x1001, length), fetch_of(at)),
                0x1000 <= at && at < 0x1000 + length ? b0 : 0)
          << length << " bytes, " << hex(at);
}

TEST(BreakpointMatch, Section_2_4_breakpoints_that_are_not_enabled) {
  struct Row {
    Enable dr0, dr1;
    u64 on_intel, on_amd;
  };
  constexpr Row rows[] = {
      {disabled, disabled, 0, 0},
      {global, disabled, b0 | b1, b0},
      {disabled, local, b0 | b1, b1},
      {global, local, b0 | b1, b0 | b1},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::to_string(row.dr0) + " and " + std::to_string(row.dr1));
    CoreState state;
    arm(state, 0, on_write, 0x1000, 1, 0, row.dr0);
    arm(state, 1, on_write, 0x1001, 1, 0, row.dr1);
    arm(state, 2, on_write, 0x1002, 1, 0, disabled); // not accessed
    arm(state, 3, on_io, 0x1000, 1, 0, disabled);    // of another kind
    EXPECT_EQ(matching_breakpoints(intel(), state, write_of(0x1000, 2)), row.on_intel);
    EXPECT_EQ(matching_breakpoints(amd(), state, write_of(0x1000, 2)), row.on_amd);
  }
  CoreState elsewhere = armed(on_write, 0x2000, 1);
  arm(elsewhere, 1, on_write, 0x1000, 1, 0, disabled);
  EXPECT_EQ(hits(elsewhere, write_of(0x1000, 2)), 0u);
}

TEST(BreakpointMatch, Section_4_6_masks_are_msrs_of_amd) {
  constexpr std::uint32_t indices[] = {0xC0011027, 0xC0011019, 0xC001101A, 0xC001101B};
  const CpuModel& cpu = model_of(Vendor::amd);
  for (unsigned n = 0; n < 4; ++n) {
    SCOPED_TRACE("DR" + std::to_string(n));
    CoreState state = power_up(cpu);
    execute(cpu, state, write_dr(n, 0x12340FF0));
    execute(cpu, state, write_dr(7, dr7_bits(n, global, on_write, 1)));
    EXPECT_EQ(matching_breakpoints(cpu.profile, state, write_of(0x12340FF1, 1)), 0u);
    EXPECT_TRUE(is_retired(execute(cpu, state, wrmsr_of(indices[n], 0xFFF)).outcome));
    EXPECT_EQ(matching_breakpoints(cpu.profile, state, write_of(0x1233FFFF, 1)), 0u);
    EXPECT_EQ(matching_breakpoints(cpu.profile, state, write_of(0x12340000, 1)), bit(n));
    EXPECT_EQ(matching_breakpoints(cpu.profile, state, write_of(0x12340FFF, 1)), bit(n));
    EXPECT_EQ(matching_breakpoints(cpu.profile, state, write_of(0x12341000, 1)), 0u);
  }
}

TEST(BreakpointMatch, Section_4_6_masked_address_bits_are_ignored) {
  struct Row {
    const char* what;
    u64 watched, mask;
    unsigned length;
    u64 address;
    std::uint32_t size;
    u64 b;
  };
  constexpr Row rows[] = {
      {"as Linux: 16 bytes, last", 0x1000, 0xF, 1, 0x100F, 1, b0},
      {"as Linux: 16 bytes, one beyond", 0x1000, 0xF, 1, 0x1010, 1, 0},
      {"as Linux: 16 bytes, one before", 0x1000, 0xF, 1, 0xFFF, 1, 0},
      {"as Linux: a page, from before it", 0x5000, 0xFFF, 1, 0x4FF8, 16, b0},
      {"low bits of DR are ignored too", 0x1ABC, 0xFFF, 1, 0x1001, 1, b0},
      {"4 GiB, first", 0x123456789, 0xFFFFFFFF, 1, 0x100000000, 1, b0},
      {"4 GiB, last", 0x123456789, 0xFFFFFFFF, 1, 0x1FFFFFFFF, 1, b0},
      {"4 GiB, one before", 0x123456789, 0xFFFFFFFF, 1, 0xFFFFFFFF, 1, 0},
      {"4 GiB, one beyond", 0x123456789, 0xFFFFFFFF, 1, 0x200000000, 1, 0},
      {"4 GiB of the kernel, around 0", 0xFFFFFFFF80000000, 0xFFFFFFFF, 1, 0, 1, 0},
      {"hole at bit 4: bit 4 equal", 0x1000, 0xEF, 1, 0x10E0, 1, b0},
      {"hole at bit 4: bit 4 differs", 0x1000, 0xEF, 1, 0x10F0, 1, 0},
      {"hole at bit 4: across it", 0x1000, 0xEF, 1, 0x101F, 2, b0},
      {"hole at bit 4: all within it", 0x1000, 0xEF, 1, 0x1010, 16, 0},
      {"low bits compared: equal", 0x1004, 0xF00, 1, 0x1904, 1, b0},
      {"low bits compared: differ", 0x1004, 0xF00, 1, 0x1905, 4, 0},
      {"low bits compared: any byte", 0x1004, 0xF00, 1, 0x1901, 4, b0},
      {"with LEN: bits of both are ignored", 0x1000, 0xF0, 8, 0x10F7, 1, b0},
      {"with LEN: bits of neither are not", 0x1000, 0xF0, 8, 0x10F8, 8, 0},
      {"with LEN: that fills the mask up", 0x1000, 0xF8, 8, 0x10FF, 1, b0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const CoreState state = armed(on_access, row.watched, row.length, row.mask);
    EXPECT_EQ(matching_breakpoints(amd(), state, read_of(row.address, row.size)), row.b);
  }
  for (const u64 address : {u64{0}, bit(31), u64{0xFFFFFFFC}})
    EXPECT_EQ(
        hits(armed(on_access, 0x1000, 1, 0xFFFFFFFF), outside_64_bit_mode(read_of(address, 8))),
        b0);
}

TEST(BreakpointMatch, Section_4_6_instructions_and_ports_are_masked_too) {
  EXPECT_EQ(hits(armed(on_execution, 0x1000, 1, 0xFF), fetch_of(0x10FF)), b0);
  EXPECT_EQ(hits(armed(on_execution, 0x1000, 1, 0xFF), fetch_of(0x1100)), 0u);
  EXPECT_EQ(hits(armed(on_io, 0x300, 1, 0xFF), io_of(0x3F8, 1)), b0);
  EXPECT_EQ(hits(armed(on_io, 0x300, 1, 0xFF), io_of(0x400, 1)), 0u);
}

TEST(BreakpointMatch, Section_4_6_watched_bytes) {
  CoreState state = armed(on_write, 0x1235, 4, 0xF0);
  arm(state, 3, on_write, 0x1FFF, 8, 0xFFF);
  EXPECT_EQ(watched_bytes(state, 0).base, 0x1204u);
  EXPECT_EQ(watched_bytes(state, 0).last(), 0x12F7u);
  EXPECT_FALSE(watched_bytes(state, 0).is_range());
  EXPECT_EQ(watched_bytes(state, 3).base, 0x1000u);
  EXPECT_EQ(watched_bytes(state, 3).last(), 0x1FFFu);
  EXPECT_TRUE(watched_bytes(state, 3).is_range());
}

// Linux tools/testing/selftests/breakpoints: debug registers x enables x kinds and lengths.
TEST(BreakpointMatch, Linux_breakpoint_test_matrix) {
  struct Column {
    unsigned watch;
    unsigned length;
  };
  constexpr Column columns[] = {
      {on_execution, 1}, {on_write, 1},  {on_write, 2},  {on_write, 4},  {on_write, 8},
      {on_access, 1},    {on_access, 2}, {on_access, 4}, {on_access, 8},
  };
  constexpr u64 at = 0x7F0000001000;
  unsigned cells = 0;
  for (unsigned n = 0; n < 4; ++n)
    for (const Enable enable : {local, global, local_and_global})
      for (const Column& column : columns) {
        SCOPED_TRACE("DR" + std::to_string(n) + " enable " + std::to_string(enable) + " R/W " +
                     std::to_string(column.watch) + " length " + std::to_string(column.length));
        CoreState state;
        arm(state, n, column.watch, at, column.length, 0, enable);
        const u64 last = at + column.length - 1;
        const u64 b = bit(n);
        const u64 b_of_fetch = column.watch == on_execution ? b : 0;
        const u64 b_of_write = column.watch == on_execution ? 0 : b;
        const u64 b_of_read = column.watch == on_access ? b : 0;
        for (const u64 byte : {at, last}) {
          EXPECT_EQ(hits(state, fetch_of(byte)), b_of_fetch);
          EXPECT_EQ(hits(state, write_of(byte, 1)), b_of_write);
          EXPECT_EQ(hits(state, read_of(byte, 1)), b_of_read);
        }
        EXPECT_EQ(hits(state, write_of(at, column.length)), b_of_write);
        EXPECT_EQ(hits(state, read_of(at, column.length)), b_of_read);
        EXPECT_EQ(hits(state, io_of(at, 1)), 0u);
        for (const u64 neighbour : {at - 1, last + 1}) {
          EXPECT_EQ(hits(state, fetch_of(neighbour)), 0u);
          EXPECT_EQ(hits(state, write_of(neighbour, 1)), 0u);
          EXPECT_EQ(hits(state, read_of(neighbour, 1)), 0u);
        }
        ++cells;
      }
  EXPECT_EQ(cells, 108u);
}

TEST(BreakpointMatch, Every_small_case_of_one_breakpoint_as_the_reference_says) {
  for (u64 rw_len = 0; rw_len < 16; ++rw_len)
    for (u64 offset = 0; offset < 8; ++offset) {
      CoreState state;
      state.dr[0] = 0x1000 + offset;
      state.dr[7] = 0x401 | rw_len << 16;
      for (const auto kind :
           {AccessKind::execution, AccessKind::data_write, AccessKind::data_read, AccessKind::io})
        for (const bool cr4_de : {false, true})
          for (u64 address = 0xFF0; address < 0x1010; ++address)
            for (std::uint32_t size = 1; size <= 16; ++size) {
              Access access = access_of(kind, address, size);
              access.cr4_de = cr4_de;
              ASSERT_EQ(hits(state, access), reference_hits(state, access).enabled)
                  << describe(state, access);
            }
    }
}

TEST(BreakpointMatch, Random_cases_as_the_reference_says) {
  RandomBreakpoints random;
  unsigned hit_count = 0;
  unsigned told_by_disabled = 0;
  for (unsigned n = 0; n < random_cases; n += RandomBreakpoints::accesses_per_state) {
    const CoreState state = random.state();
    for (unsigned i = 0; i < RandomBreakpoints::accesses_per_state; ++i) {
      const Access access = random.access(state);
      const ReferenceHits expected = reference_hits(state, access);
      if (matching_breakpoints(intel(), state, access) != expected.b(true) ||
          matching_breakpoints(amd(), state, access) != expected.b(false))
        FAIL() << describe(state, access);
      hit_count += expected.enabled != 0;
      told_by_disabled += expected.enabled != 0 && expected.matching != expected.enabled;
    }
  }
  EXPECT_GT(hit_count, random_cases / 4);
  EXPECT_GT(told_by_disabled, random_cases / 100);
}

} // namespace
} // namespace icebp::test
