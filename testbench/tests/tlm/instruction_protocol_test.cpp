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
      {"data pointer", [&](auto& p) { p.set_data_ptr(&byte); }, ::tlm::TLM_OK_RESPONSE},
      {"streaming width", [](auto& p) { p.set_streaming_width(8); }, ::tlm::TLM_OK_RESPONSE},
      {"DMI hint", [](auto& p) { p.set_dmi_allowed(true); }, ::tlm::TLM_OK_RESPONSE},
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

// A payload that served a memory access before.
TEST(InstructionProtocol, SetsEveryAttribute) {
  unsigned char byte = 0;
  ::tlm::tlm_generic_payload payload;
  payload.set_command(::tlm::TLM_WRITE_COMMAND);
  payload.set_address(0x1234);
  payload.set_data_ptr(&byte);
  payload.set_data_length(1);
  payload.set_streaming_width(1);
  payload.set_byte_enable_ptr(&byte);
  payload.set_dmi_allowed(true);
  payload.set_response_status(::tlm::TLM_OK_RESPONSE);
  set_instruction_attributes(payload);
  EXPECT_EQ(payload.get_command(), ::tlm::TLM_IGNORE_COMMAND);
  EXPECT_EQ(payload.get_address(), 0U);
  EXPECT_EQ(payload.get_data_ptr(), nullptr);
  EXPECT_EQ(payload.get_data_length(), 0U);
  EXPECT_EQ(payload.get_streaming_width(), 0U);
  EXPECT_EQ(payload.get_byte_enable_ptr(), nullptr);
  EXPECT_FALSE(payload.is_dmi_allowed());
  EXPECT_EQ(payload.get_response_status(), ::tlm::TLM_INCOMPLETE_RESPONSE);
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
