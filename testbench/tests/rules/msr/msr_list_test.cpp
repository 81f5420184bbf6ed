// RDMSRLIST and WRMSRLIST. docs/msr-block.md 1.2.

#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/guest/intercepts.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

namespace icebp::test {
namespace {

constexpr Operation lists[] = {Operation::rdmsrlist, Operation::wrmsrlist};
constexpr Operation entries[] = {Operation::rdmsrlist_entry, Operation::wrmsrlist_entry};

const CpuModel& newest() {
  static const CpuModel model(*find_cpu_profile("intel-max"));
  return model;
}

Request of(Operation operation, u64 value = 0, std::uint32_t index = 0xC0000082) {
  Request request = wrmsr_of(index, value);
  request.operation = operation;
  return request;
}

Outcome put(const Request& request, const CpuModel& cpu = newest()) {
  CoreState state = power_up(cpu);
  return execute(cpu, state, request).outcome;
}

TEST(MsrList, Encodings) { // F2 and F3 0F 01 C6; the last of them counts
  const struct {
    std::vector<std::uint8_t> bytes;
    Operation operation;
  } rows[] = {{{0xF2, 0x0F, 0x01, 0xC6}, Operation::rdmsrlist},
              {{0xF3, 0x0F, 0x01, 0xC6}, Operation::wrmsrlist},
              {{0xF3, 0xF2, 0x0F, 0x01, 0xC6}, Operation::rdmsrlist},
              {{0xF2, 0x66, 0xF3, 0x48, 0x0F, 0x01, 0xC6}, Operation::wrmsrlist}};
  for (const auto& row : rows) {
    const Decoded decoded = decode(row.bytes.data(), row.bytes.size(), Mode::long_mode);
    EXPECT_EQ(decoded.status, DecodeStatus::ok);
    EXPECT_EQ(decoded.request.operation, row.operation);
    EXPECT_EQ(decoded.request.length, row.bytes.size());
  }
}

TEST(MsrList, Order_of_the_instructions_checks) { // each row fails all the later ones too
  const CpuModel& old = model_of(Vendor::intel);
  for (const Operation list : lists) {
    const Request worst =
        with_fault(in_mode(of(list, 4), Mode::compatibility, 3), Cause::lock_prefix);
    EXPECT_TRUE(is_gp0(put(with_fault(worst, Cause::instruction_too_long), old),
                       Cause::instruction_too_long));
    EXPECT_TRUE(is_ud(put(worst, old), Cause::lock_prefix));
    EXPECT_TRUE(
        is_ud(put(in_mode(of(list, 4), Mode::compatibility, 3), old), Cause::feature_absent));
    EXPECT_TRUE(is_ud(put(in_mode(of(list, 4), Mode::compatibility, 3)), Cause::not_in_mode));
    EXPECT_TRUE(is_gp0(put(at_cpl(of(list, 4), 3)), Cause::cpl));
    EXPECT_TRUE(is_retired(put(of(list, 0x1230))));
  }
}

TEST(MsrList, Alignment_of_rsi_and_rdi) {
  for (const Operation list : lists)
    for (u64 low = 1; low < 8; ++low)
      EXPECT_TRUE(is_gp0(put(of(list, 0x1000 | low)), Cause::list_alignment));
}

TEST(MsrList, Checks_of_an_entry) {
  for (const Operation entry : entries) {
    EXPECT_TRUE(
        is_gp0(put(with_fault(of(entry, 0, 0x12345678), Cause::list_entry)), Cause::list_entry));
    EXPECT_TRUE(is_gp0(put(of(entry, 0, 0x12345678)), Cause::msr_unknown));
  }
  EXPECT_TRUE(is_gp0(put(of(Operation::wrmsrlist_entry, bit(60))), Cause::msr_non_canonical));
  CoreState state = power_up(newest());
  EXPECT_TRUE(is_retired(execute(newest(), state, of(Operation::wrmsrlist_entry, 0x1234)).outcome));
  EXPECT_TRUE(is_retired(execute(newest(), state, of(Operation::rdmsrlist_entry)).outcome, 0x1234));
}

TEST(MsrList, A_vm_exit_comes_behind_the_entrys_own_check) {
  const VmxControls vmx;
  const std::uint32_t reasons[] = {78, 79};
  for (unsigned n = 0; n < 2; ++n) {
    const Outcome exit = put(in_guest(of(entries[n]), vmx));
    EXPECT_EQ(exit.kind, OutcomeKind::exit);
    EXPECT_EQ(vmx_exit_of(exit).reason, reasons[n]);
    EXPECT_EQ(vmx_exit_of(exit).qualification, 0xC0000082u);
    EXPECT_TRUE(is_gp0(put(in_guest(with_fault(of(entries[n]), Cause::list_entry), vmx)),
                       Cause::list_entry));
    EXPECT_TRUE(is_retired(put(in_guest(of(lists[n]), vmx))));
  }
}

} // namespace
} // namespace icebp::test
