// WRMSRNS and the immediate forms. docs/msr-block.md 1.2.

#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/testbench/tests/rules/encoding_checks.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Operation forms[] = {Operation::rdmsr_imm, Operation::wrmsrns, Operation::wrmsrns_imm};
constexpr Operation immediate_forms[] = {Operation::rdmsr_imm, Operation::wrmsrns_imm};
constexpr Operation writing_forms[] = {Operation::wrmsrns, Operation::wrmsrns_imm};

const CpuModel& newest() {
  static const CpuModel model(*find_cpu_profile("intel-max"));
  return model;
}

Request form_of(Operation operation, std::uint32_t index, u64 value = 0) {
  Request request = wrmsr_of(index, value);
  request.operation = operation;
  return request;
}

// ---- Encodings ----------------------------------------------------------------------------------

struct Encoding {
  std::vector<std::uint8_t> bytes;
  Operation operation;
  unsigned gpr;
  std::uint32_t index;
};
// binutils x86-64-msr_imm.d for the shape of the immediate forms
const Encoding encodings[] = {
    {{0x0F, 0x01, 0xC6}, Operation::wrmsrns, 0, 0},
    {{0x2E, 0x48, 0x0F, 0x01, 0xC6}, Operation::wrmsrns, 0, 0},
    {{0xC4, 0xE7, 0x7B, 0xF6, 0xC0, 0x82, 0x00, 0x00, 0xC0}, Operation::rdmsr_imm, 0, 0xC0000082},
    {{0xC4, 0xC7, 0x7B, 0xF6, 0xC4, 0x78, 0x56, 0x34, 0x12}, Operation::rdmsr_imm, 12, 0x12345678},
    {{0xC4, 0xE7, 0x7A, 0xF6, 0xC3, 0x74, 0x01, 0x00, 0x00}, Operation::wrmsrns_imm, 3, 0x174},
    {{0xC4, 0xA7, 0x7A, 0xF6, 0xC3, 0x74, 0x01, 0x00, 0x00}, Operation::wrmsrns_imm, 3, 0x174},
    {{0x64, 0xC4, 0xE7, 0x7A, 0xF6, 0xC7, 0, 0, 0, 0}, Operation::wrmsrns_imm, 7, 0},
};

TEST(MsrForms, Encodings) {
  for (const Encoding& row : encodings) {
    SCOPED_TRACE(hex(row.bytes[2]));
    const Decoded decoded = decoded_whole(row.bytes);
    EXPECT_EQ(decoded.request.operation, row.operation);
    EXPECT_EQ(decoded.request.gpr, row.gpr);
    EXPECT_EQ(decoded.request.msr, row.index);
  }
}

TEST(MsrForms, Lock_before_them) {
  for (const Encoding& row : encodings)
    expect_lock_fault(row.bytes);
}

TEST(MsrForms, Other_instructions_of_their_shape) {
  const std::vector<std::uint8_t> others[] = {
      {0x66, 0x0F, 0x01, 0xC6}, //

      {0x0F, 0x01, 0xD0},                               //
      {0xC4, 0xE6, 0x7B, 0xF6, 0xC0, 0, 0, 0, 0},       // map 6
      {0xC4, 0x67, 0x7B, 0xF6, 0xC0, 0, 0, 0, 0},       // ModRM.reg is 8
      {0xC4, 0xE7, 0xFB, 0xF6, 0xC0, 0, 0, 0, 0},       // W=1
      {0xC4, 0xE7, 0x7F, 0xF6, 0xC0, 0, 0, 0, 0},       // L=1
      {0xC4, 0xE7, 0x73, 0xF6, 0xC0, 0, 0, 0, 0},       // vvvv
      {0xC4, 0xE7, 0x79, 0xF6, 0xC0, 0, 0, 0, 0},       // 66
      {0xC4, 0xE7, 0x7B, 0xF7, 0xC0, 0, 0, 0, 0},       // the opcode
      {0xC4, 0xE7, 0x7B, 0xF6, 0xC8, 0, 0, 0, 0},       // /1
      {0xC4, 0xE7, 0x7B, 0xF6, 0x40, 0, 0, 0, 0},       // a memory operand
      {0x66, 0xC4, 0xE7, 0x7B, 0xF6, 0xC0, 0, 0, 0, 0}, // a prefix that VEX has within
      {0x48, 0xC4, 0xE7, 0x7B, 0xF6, 0xC0, 0, 0, 0, 0}, // REX
      {0xF2, 0xC4, 0xE7, 0x7B, 0xF6, 0xC0, 0, 0, 0, 0}, //
      {0xC5, 0xFB, 0xF6, 0xC0, 0, 0, 0, 0},             // two-byte VEX
  };
  for (const auto& bytes : others)
    EXPECT_EQ(decode(bytes.data(), bytes.size(), Mode::long_mode).status,
              DecodeStatus::unknown_opcode)
        << hex(bytes[2]) << ' ' << hex(bytes[3]);
}

TEST(MsrForms, Vex_outside_64_bit_mode) {
  const std::vector<std::uint8_t> rdmsr{0xC4, 0xC7, 0x7B, 0xF6, 0xC4, 0x74, 0x01, 0, 0};
  for (const Mode mode : {Mode::protected_mode, Mode::compatibility}) {
    const Decoded decoded = decode(rdmsr.data(), rdmsr.size(), mode);
    EXPECT_EQ(decoded.status, DecodeStatus::ok);
    EXPECT_EQ(decoded.request.gpr, 4u); // no R8 to R15
    const std::vector<std::uint8_t> les{0xC4, 0x07};
    EXPECT_EQ(decode(les.data(), les.size(), mode).status, DecodeStatus::unknown_opcode);
  }
  for (const Mode mode : {Mode::real, Mode::v86}) // LES
    EXPECT_EQ(decode(rdmsr.data(), rdmsr.size(), mode).status, DecodeStatus::unknown_opcode);
}

// ---- Order of checks ----------------------------------------------------------------------------

TEST(MsrForms, Ud_without_the_feature_at_any_cpl) {
  const CpuModel& old = model_of(Vendor::intel);
  CoreState state = power_up(old);
  for (const Operation form : forms) {
    const Request request = form_of(form, 0x174);
    for (const unsigned cpl : {0u, 3u})
      EXPECT_TRUE(is_ud(execute(old, state, at_cpl(request, cpl)).outcome, Cause::feature_absent));
    EXPECT_TRUE(is_ud(execute(old, state, with_fault(request, Cause::lock_prefix)).outcome,
                      Cause::lock_prefix));
    EXPECT_TRUE(
        is_gp0(execute(old, state, with_fault(request, Cause::instruction_too_long)).outcome,
               Cause::instruction_too_long));
  }
}

TEST(MsrForms, Each_has_its_own_feature) {
  const CpuModel cpu(with(intel(), Feature::wrmsrns));
  CoreState state = power_up(cpu);
  EXPECT_TRUE(is_retired(execute(cpu, state, form_of(Operation::wrmsrns, 0x174)).outcome));
  for (const Operation form : immediate_forms)
    EXPECT_TRUE(is_ud(execute(cpu, state, form_of(form, 0x174)).outcome, Cause::feature_absent));
}

TEST(MsrForms, Ud_of_the_immediate_forms_outside_64_bit_mode) {
  CoreState state = power_up(newest());
  for (const Operation form : immediate_forms)
    for (const Mode mode : {Mode::protected_mode, Mode::compatibility})
      EXPECT_TRUE(is_ud(execute(newest(), state, in_mode(form_of(form, 0x174), mode, 3)).outcome,
                        Cause::not_in_mode));
  EXPECT_TRUE(
      is_retired(execute(newest(), state,
                         in_mode(form_of(Operation::wrmsrns, 0x174, 5), Mode::protected_mode, 0))
                     .outcome));
}

TEST(MsrForms, Then_as_the_legacy_forms) {
  CoreState state = power_up(newest());
  for (const Operation form : forms) {
    EXPECT_TRUE(
        is_gp0(execute(newest(), state, at_cpl(form_of(form, 0x174), 3)).outcome, Cause::cpl));
    EXPECT_TRUE(
        is_gp0(execute(newest(), state, form_of(form, 0x12345678)).outcome, Cause::msr_unknown));
    EXPECT_TRUE(is_ud(
        execute(newest(), state, with_fault(at_cpl(form_of(form, 0x174), 3), Cause::lock_prefix))
            .outcome,
        Cause::lock_prefix));
    EXPECT_TRUE(is_gp0(
        execute(newest(), state, with_fault(form_of(form, 0x174), Cause::instruction_too_long))
            .outcome,
        Cause::instruction_too_long));
  }
  for (const Operation form : writing_forms) {
    EXPECT_TRUE(is_gp0(execute(newest(), state, form_of(form, 0xC0000103, bit(32))).outcome,
                       Cause::msr_reserved_bits));
    EXPECT_TRUE(is_gp0(execute(newest(), state, form_of(form, 0xC0000082, bit(60))).outcome,
                       Cause::msr_non_canonical));
    EXPECT_TRUE(is_retired(execute(newest(), state, form_of(form, 0xC0000082, 0x1234)).outcome));
    EXPECT_EQ(read_msr(newest(), state, 0xC0000082), 0x1234u);
    EXPECT_TRUE(is_retired(execute(newest(), state, form_of(form, 0xC0000082, 0)).outcome));
  }
  execute(newest(), state, wrmsr_of(0xC0000082, 0xFFFF800012345678));
  EXPECT_TRUE(
      is_retired(execute(newest(), state, form_of(Operation::rdmsr_imm, 0xC0000082)).outcome,
                 0xFFFF800012345678));
}

// ---- Exits: the immediate forms have reasons of their own, with the index as qualification ------

TEST(MsrForms, Vm_exits) {
  CoreState state = power_up(newest());
  VmxMsrBitmaps bitmaps;
  VmxControls vmx;
  const struct {
    Operation form;
    std::uint32_t reason;
    std::optional<u64> qualification;
  } rows[] = {{Operation::rdmsr_imm, 84, 0xC0000082},
              {Operation::wrmsrns, 32, std::nullopt},
              {Operation::wrmsrns_imm, 85, 0xC0000082}};
  for (const auto& row : rows) {
    const Outcome exit =
        execute(newest(), state, in_guest(form_of(row.form, 0xC0000082), vmx)).outcome;
    EXPECT_EQ(exit.kind, OutcomeKind::exit);
    EXPECT_EQ(vmx_exit_of(exit).reason, row.reason);
    EXPECT_EQ(vmx_exit_of(exit).qualification, row.qualification);
  }
  vmx.msr_bitmaps = &bitmaps;
  for (const auto& row : rows) {
    bitmaps.set(0xC0000082, row.form != Operation::rdmsr_imm, true);
    EXPECT_EQ(execute(newest(), state, in_guest(form_of(row.form, 0xC0000082), vmx)).outcome.kind,
              OutcomeKind::exit);
    bitmaps.set(0xC0000082, row.form != Operation::rdmsr_imm, false);
    EXPECT_TRUE(
        is_retired(execute(newest(), state, in_guest(form_of(row.form, 0xC0000082), vmx)).outcome));
  }
}

} // namespace
} // namespace icebp::test
