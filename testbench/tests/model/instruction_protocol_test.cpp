#include <icebp/tlm/instruction_protocol.h>

#include <gtest/gtest.h>

#include <functional>

namespace icebp {
namespace {

// The attribute table of instruction_protocol.h, a row each.
struct Row {
  const char* name;
  std::function<void(::tlm::tlm_generic_payload&)> change;
  ::tlm::tlm_response_status expected;
};

TEST(InstructionProtocol, AttributeTable) {
  unsigned char byte = 0;
  const Row rows[] = {
      {"as set", [](auto&) {}, ::tlm::TLM_OK_RESPONSE},
      {"read", [](auto& p) { p.set_command(::tlm::TLM_READ_COMMAND); },
       ::tlm::TLM_COMMAND_ERROR_RESPONSE},
      {"write", [](auto& p) { p.set_command(::tlm::TLM_WRITE_COMMAND); },
       ::tlm::TLM_COMMAND_ERROR_RESPONSE},
      {"data", [](auto& p) { p.set_data_length(8); }, ::tlm::TLM_BURST_ERROR_RESPONSE},
      {"byte enables", [&](auto& p) { p.set_byte_enable_ptr(&byte); },
       ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE},
      {"address", [](auto& p) { p.set_address(0x1234); }, ::tlm::TLM_OK_RESPONSE},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ::tlm::tlm_generic_payload payload;
    InstructionExtension extension;
    set_instruction_attributes(payload);
    row.change(payload);
    EXPECT_EQ(check_instruction_attributes(payload, &extension), row.expected);
    EXPECT_EQ(check_instruction_attributes(payload, nullptr), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
  }
}

TEST(InstructionProtocol, ExtensionCopies) {
  InstructionExtension extension;
  extension.request.msr = 0x1D9;
  extension.outcome = retired(0x1234);
  ::tlm::tlm_extension_base* clone = extension.clone();
  EXPECT_EQ(static_cast<InstructionExtension*>(clone)->request.msr, 0x1D9U);
  InstructionExtension other;
  other.copy_from(*clone);
  EXPECT_EQ(other.outcome.value(), 0x1234U);
  EXPECT_EQ(other.request.msr, 0x1D9U);
  clone->free();
}

} // namespace
} // namespace icebp
