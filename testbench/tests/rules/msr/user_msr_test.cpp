// URDMSR and UWRMSR. docs/msr-block.md 1.2.

#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/model/rules/msr/user_msr.h>
#include <icebp/testbench/tests/rules/encoding_checks.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Operation operations[] = {Operation::urdmsr, Operation::uwrmsr};
constexpr std::uint32_t user_msr_ctl = 0x1C, sysenter_cs = 0x174;

const CpuModel& newest() {
  static const CpuModel model(*find_cpu_profile("intel-max"));
  return model;
}

CoreState with_ctl(u64 value) {
  CoreState state = power_up(newest());
  execute(newest(), state, wrmsr_of(user_msr_ctl, value));
  return state;
}
CoreState enabled() { return with_ctl(0x5001); }

// At CPL 3, and the bitmap allows it.
Request of(Operation operation, std::uint32_t index, u64 value = 0) {
  Request request = at_cpl(wrmsr_of(index, value), 3);
  request.operation = operation;
  request.user_msr_bitmap = 0xFF;
  return request;
}
Request read(std::uint32_t index) { return of(Operation::urdmsr, index); }
Request write(std::uint32_t index, u64 value) { return of(Operation::uwrmsr, index, value); }
Request with_bitmap(Request request, unsigned byte) {
  request.user_msr_bitmap = static_cast<std::uint8_t>(byte);
  return request;
}

Outcome put(const Request& request, CoreState state = enabled()) {
  return execute(newest(), state, request).outcome;
}

// ---- Encodings: the registers as binutils x86-64-user_msr.d has them ----------------------------

struct Encoding {
  std::vector<std::uint8_t> bytes;
  Operation operation;
  std::optional<unsigned> index_gpr;
  unsigned gpr;
  std::uint32_t index;
};
const Encoding encodings[] = {
    {{0xF2, 0x0F, 0x38, 0xF8, 0xD0}, Operation::urdmsr, 2, 0, 0},
    {{0xF2, 0x44, 0x0F, 0x38, 0xF8, 0xF0}, Operation::urdmsr, 14, 0, 0},
    {{0xF2, 0x41, 0x0F, 0x38, 0xF8, 0xD4}, Operation::urdmsr, 2, 12, 0},
    {{0xF2, 0x45, 0x0F, 0x38, 0xF8, 0xF4}, Operation::urdmsr, 14, 12, 0},
    {{0xF3, 0x0F, 0x38, 0xF8, 0xD0}, Operation::uwrmsr, 2, 0, 0},
    {{0xF3, 0x44, 0x0F, 0x38, 0xF8, 0xF0}, Operation::uwrmsr, 14, 0, 0},
    {{0xF3, 0x41, 0x0F, 0x38, 0xF8, 0xD4}, Operation::uwrmsr, 2, 12, 0},
    {{0xF3, 0xF2, 0x0F, 0x38, 0xF8, 0xC8}, Operation::urdmsr, 1, 0, 0}, // the last of F2, F3
    {{0xF2, 0x66, 0xF3, 0x48, 0x0F, 0x38, 0xF8, 0xFF}, Operation::uwrmsr, 7, 7, 0},
    {{0xC4, 0xE7, 0x7B, 0xF8, 0xC0, 0x0F, 0x0F, 0x12, 0x03}, Operation::urdmsr, {}, 0, 0x3120F0F},
    {{0xC4, 0xC7, 0x7B, 0xF8, 0xC4, 0x7F, 0, 0, 0}, Operation::urdmsr, {}, 12, 0x7F},
    {{0xC4, 0xE7, 0x7A, 0xF8, 0xC3, 0, 0, 0, 0x80}, Operation::uwrmsr, {}, 3, 0x80000000},
    {{0x2E, 0xC4, 0xC7, 0x7A, 0xF8, 0xC7, 0, 0x1B, 0, 0}, Operation::uwrmsr, {}, 15, 0x1B00},
};

TEST(UserMsr, Encodings) {
  for (const Encoding& row : encodings) {
    SCOPED_TRACE(hex(row.bytes[0]) + ' ' + hex(row.bytes[1]) + ' ' + hex(row.bytes.back()));
    const Decoded decoded = decoded_whole(row.bytes);
    EXPECT_EQ(decoded.request.operation, row.operation);
    EXPECT_EQ(decoded.index_gpr, row.index_gpr);
    EXPECT_EQ(decoded.request.gpr, row.gpr);
    EXPECT_EQ(decoded.request.msr, row.index);
  }
}

TEST(UserMsr, Lock_before_them) {
  for (const Encoding& row : encodings)
    expect_lock_fault(row.bytes);
}

TEST(UserMsr, Other_instructions_of_their_shape) {
  const std::vector<std::uint8_t> others[] = {
      {0x0F, 0x38, 0xF8, 0xD0},                         //
      {0x66, 0x0F, 0x38, 0xF8, 0xD0},                   // MOVDIR64B
      {0xF2, 0x0F, 0x38, 0xF8, 0x10},                   // ENQCMD
      {0xF3, 0x0F, 0x38, 0xF8, 0x10},                   // ENQCMDS
      {0xF2, 0x0F, 0x38, 0xF8, 0x50},                   //
      {0xF2, 0x0F, 0x38, 0xF8, 0x90},                   //
      {0xF2, 0x0F, 0xF8, 0xD0},                         // PSUBB with F2
      {0xF2, 0xF8, 0xD0},                               //
      {0xF2, 0x38, 0xF8, 0xD0},                         // 38 without 0F
      {0xC4, 0xE2, 0x7B, 0xF8, 0xC0, 0, 0, 0, 0},       // map 2
      {0xC4, 0xE7, 0xFB, 0xF8, 0xC0, 0, 0, 0, 0},       // W=1
      {0xC4, 0xE7, 0x79, 0xF8, 0xC0, 0, 0, 0, 0},       // 66
      {0xC4, 0xE7, 0x7B, 0xF8, 0xC8, 0, 0, 0, 0},       // /1
      {0xC4, 0xE7, 0x7B, 0xF8, 0x00, 0, 0, 0, 0},       // a memory operand
      {0xF2, 0xC4, 0xE7, 0x7B, 0xF8, 0xC0, 0, 0, 0, 0}, // a prefix that VEX has within
  };
  for (const auto& bytes : others)
    EXPECT_EQ(decode(bytes.data(), bytes.size(), Mode::long_mode).status,
              DecodeStatus::unknown_opcode)
        << hex(bytes[1]) << ' ' << hex(bytes.back());
}

// ---- Order of checks ----------------------------------------------------------------------------

enum Condition : unsigned {
  too_long,
  lock,
  no_feature,
  not_64_bit,
  not_enabled,
  above_3fff,
  bit_clear,
  intercepted,
  no_such_msr,
  conditions
};

testing::AssertionResult fails_by(unsigned first, const Outcome& outcome, Operation operation) {
  switch (first) {
  case too_long:
    return is_gp0(outcome, Cause::instruction_too_long);
  case lock:
    return is_ud(outcome, Cause::lock_prefix);
  case no_feature:
    return is_ud(outcome, Cause::feature_absent);
  case not_64_bit:
  case not_enabled:
    return is_ud(outcome, Cause::not_in_mode);
  case above_3fff:
  case bit_clear:
    return is_gp0(outcome, Cause::user_msr_bitmap);
  case no_such_msr:
    return is_gp0(outcome, Cause::msr_unknown);
  case intercepted:
    break;
  default:
    return is_retired(outcome);
  }
  Outcome exit;
  exit.kind = OutcomeKind::exit;
  exit.cause = Cause::intercept;
  exit.code = operation == Operation::urdmsr ? 80 : 81;
  exit.data = outcome.data;
  return same(outcome, exit);
}

class UserMsrOrder : public testing::TestWithParam<Operation> {};

TEST_P(UserMsrOrder, Of_every_set_of_conditions_the_first) {
  const CpuModel old(without(newest().profile, Feature::user_msr));
  const VmxControls vmx; // every access exits
  for (unsigned set = 0; set < 1u << conditions; ++set)
    for (unsigned cpl = 0; cpl < 4; ++cpl) {
      const auto holds = [&](Condition condition) { return (set >> condition & 1) != 0; };
      const std::uint32_t index = holds(no_such_msr) ? 0x3000 : sysenter_cs;
      Request request = of(GetParam(), holds(above_3fff) ? index + 0x4000 : index);
      request = in_mode(request, holds(not_64_bit) ? Mode::compatibility : Mode::long_mode, cpl);
      if (holds(too_long))
        request = with_fault(request, Cause::instruction_too_long);
      if (holds(lock))
        request = with_fault(request, Cause::lock_prefix);
      if (holds(bit_clear))
        request = with_bitmap(request, 0);
      if (holds(intercepted))
        request = in_guest(request, vmx);

      const CpuModel& cpu = holds(no_feature) ? old : newest();
      const CoreState before = with_ctl(holds(not_enabled) ? 0x5000 : 0x5001);
      CoreState state = before;
      unsigned first = 0;
      while (first < conditions && (set >> first & 1) == 0)
        ++first;
      SCOPED_TRACE(hex(set) + " at CPL " + std::to_string(cpl));
      ASSERT_TRUE(fails_by(first, execute(cpu, state, request).outcome, GetParam()));
      ASSERT_TRUE(same(state, before));
      ASSERT_EQ(user_msr_bitmap_byte(cpu, before, request).has_value(), first >= bit_clear);
    }
}

INSTANTIATE_TEST_SUITE_P(Both, UserMsrOrder, testing::ValuesIn(operations),
                         [](const auto& test) { return std::string(name_of(test.param)); });

TEST(UserMsr, Ud_outside_64_bit_mode) {
  for (const Operation operation : operations)
    for (const Level& level : every_level()) {
      const Outcome outcome = put(in_mode(of(operation, sysenter_cs), level.mode, level.cpl));
      EXPECT_TRUE(level.mode == Mode::long_mode ? is_retired(outcome)
                                                : is_ud(outcome, Cause::not_in_mode));
    }
}

TEST(UserMsr, Ud_where_the_control_register_is_missing) { // it is Intel's
  const CpuModel cpu(with(amd(), Feature::user_msr));
  CoreState state = power_up(cpu);
  execute(cpu, state, wrmsr_of(0x1D9, 0x3F));
  EXPECT_TRUE(is_ud(execute(cpu, state, read(sysenter_cs)).outcome, Cause::not_in_mode));
}

// ---- Index and bitmap ---------------------------------------------------------------------------

TEST(UserMsr, Indices_up_to_3fff) {
  for (const Operation operation : operations) {
    EXPECT_TRUE(is_gp0(put(of(operation, 0x3FFF)), Cause::msr_unknown));
    for (const std::uint32_t index : {0x4000u, 0x40000174u, 0xC0000082u, 0xFFFFFFFFu})
      EXPECT_TRUE(is_gp0(put(of(operation, index)), Cause::user_msr_bitmap)) << hex(index);
    EXPECT_TRUE(is_gp0(put(with_fault(of(operation, sysenter_cs), Cause::user_msr_bitmap)),
                       Cause::user_msr_bitmap)); // bits 63:32
  }
}

TEST(UserMsr, Where_the_byte_is) {
  const CoreState state = with_ctl(0xFFFF800012345001);
  const struct {
    Request request;
    u64 address;
  } rows[] = {{read(0), 0xFFFF800012345000},         {read(7), 0xFFFF800012345000},
              {read(8), 0xFFFF800012345001},         {read(0x174), 0xFFFF80001234502E},
              {read(0x3FFF), 0xFFFF8000123457FF},    {write(0, 0), 0xFFFF800012345800},
              {write(0x174, 0), 0xFFFF80001234582E}, {write(0x3FFF, 0), 0xFFFF800012345FFF}};
  for (const auto& row : rows)
    EXPECT_EQ(user_msr_bitmap_byte(newest(), state, row.request), row.address)
        << row.request.operation << ' ' << hex(row.request.msr);
}

TEST(UserMsr, Bit_of_the_byte) {
  for (const Operation operation : operations)
    for (std::uint32_t index = 0x170; index < 0x178; ++index) {
      const unsigned own = 1u << (index - 0x170);
      EXPECT_NE(put(with_bitmap(of(operation, index), own)).cause, Cause::user_msr_bitmap);
      EXPECT_TRUE(
          is_gp0(put(with_bitmap(of(operation, index), 0xFF - own)), Cause::user_msr_bitmap));
    }
}

// A page with one bit set lets one index through, one way.
TEST(UserMsr, Of_a_whole_page_one_bit) {
  constexpr u64 page = 0xFFFF800012345000;
  const CoreState state = with_ctl(page | 1);
  const std::uint32_t indices[] = {0,      1,      7,      8,      0x3F,   0x40,   0x7FF,
                                   0x800,  0xFFF,  0x1000, 0x1FFF, 0x2000, 0x2001, 0x2800,
                                   0x2FFF, 0x3000, 0x37FF, 0x3800, 0x3FF8, 0x3FFF};
  const auto is_let_through = [&](const Request& asked, unsigned byte, unsigned bits) {
    const auto address = user_msr_bitmap_byte(newest(), state, asked);
    EXPECT_TRUE(address && *address >= page && *address < page + 4096);
    const bool is_that = *address == page + byte;
    return put(with_bitmap(asked, is_that ? bits : 0), state).cause != Cause::user_msr_bitmap;
  };
  for (const bool writes : {false, true})
    for (const std::uint32_t index : indices) {
      const unsigned byte = (writes ? 2048 : 0) + index / 8;
      for (const std::uint32_t asked : indices) {
        EXPECT_EQ(is_let_through(read(asked), byte, 1u << index % 8), !writes && asked == index)
            << hex(index) << ' ' << hex(asked);
        EXPECT_EQ(is_let_through(write(asked, 0), byte, 1u << index % 8), writes && asked == index)
            << hex(index) << ' ' << hex(asked);
      }
    }
}

// IA32_USER_MSR_CTL[63:12] is the page, whichever bit it has.
TEST(UserMsr, Every_bit_of_the_page) {
  for (unsigned n = 12; n < 47; ++n)
    EXPECT_EQ(user_msr_bitmap_byte(newest(), with_ctl(bit(n) | 1), read(0)), bit(n)) << n;
  EXPECT_EQ(user_msr_bitmap_byte(newest(), with_ctl(0xFFFF800000000001), read(0)),
            0xFFFF800000000000);
}

// ---- Then as RDMSR and WRMSR --------------------------------------------------------------------

TEST(UserMsr, Writes_and_reads) {
  for (unsigned cpl = 0; cpl < 4; ++cpl) {
    CoreState state = enabled();
    const u64 value = 0xFFFF800012345678 + cpl;
    EXPECT_TRUE(is_retired(execute(newest(), state, at_cpl(write(0x176, value), cpl)).outcome));
    EXPECT_EQ(read_msr(newest(), state, 0x176), value);
    EXPECT_TRUE(is_retired(execute(newest(), state, at_cpl(read(0x176), cpl)).outcome, value));
  }
}

TEST(UserMsr, Checks_of_the_register) {
  const struct {
    Request request;
    Cause cause;
  } rows[] = {{read(0x49), Cause::msr_write_only},
              {read(0x802), Cause::not_in_mode}, // not in x2APIC mode
              {write(0xFE, 0), Cause::msr_read_only},
              {write(0x802, 0), Cause::not_in_mode},
              {write(0x1D9, 0x8), Cause::msr_reserved_bits},
              {write(0x176, bit(60)), Cause::msr_non_canonical},
              {write(0x277, 2), Cause::msr_value}};
  for (const auto& row : rows)
    for (unsigned cpl = 0; cpl < 4; ++cpl) {
      CoreState state = enabled();
      EXPECT_TRUE(is_gp0(execute(newest(), state, at_cpl(row.request, cpl)).outcome, row.cause));
      EXPECT_TRUE(same(state, enabled()));
    }
}

TEST(UserMsr, A_locked_register) {
  CoreState state = enabled();
  EXPECT_TRUE(is_retired(execute(newest(), state, write(0x3A, 1)).outcome));
  EXPECT_TRUE(is_gp0(execute(newest(), state, write(0x3A, 0)).outcome, Cause::msr_locked));
}

// ---- Exits: the index is the qualification (Xen vmx.c) ------------------------------------------

TEST(UserMsr, Vm_exits) {
  VmxMsrBitmaps bitmaps;
  VmxControls vmx;
  vmx.msr_bitmaps = &bitmaps;
  const std::uint32_t reasons[] = {80, 81};
  for (unsigned n = 0; n < 2; ++n) {
    const Request request = in_guest(of(operations[n], sysenter_cs), vmx);
    bitmaps.set(sysenter_cs, n == 0, true); // the other direction
    EXPECT_TRUE(is_retired(put(request)));
    bitmaps.set(sysenter_cs, n == 0, false);
    bitmaps.set(sysenter_cs, n == 1, true);
    const Outcome exit = put(request);
    EXPECT_EQ(exit.kind, OutcomeKind::exit);
    EXPECT_EQ(vmx_exit_of(exit).reason, reasons[n]);
    EXPECT_EQ(vmx_exit_of(exit).qualification, 0x174u);
    bitmaps.set(sysenter_cs, n == 1, false);

    const Outcome outside = put(in_guest(of(operations[n], 0x2000), vmx)); // of the MSR bitmaps
    EXPECT_EQ(outside.kind, OutcomeKind::exit);
    EXPECT_EQ(vmx_exit_of(outside).qualification, 0x2000u);
  }
}

} // namespace
} // namespace icebp::test
