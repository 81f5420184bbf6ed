#include <icebp/testbench/platform/devices/memory.h>

#include <cstring>

namespace icebp::vp {

Memory::Memory(const sc_core::sc_module_name& name, std::size_t size)
    : sc_module(name), bytes_(size) {
  socket.register_b_transport(this, &Memory::transport);
  socket.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
}

void Memory::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  const std::uint64_t address = payload.get_address();
  const unsigned size = payload.get_data_length();
  if (address >= bytes_.size() || size > bytes_.size() - address ||
      payload.get_streaming_width() < size) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (payload.is_read())
    std::memcpy(payload.get_data_ptr(), bytes_.data() + address, size);
  else if (payload.is_write())
    std::memcpy(bytes_.data() + address, payload.get_data_ptr(), size);
  payload.set_dmi_allowed(true);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool Memory::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.init();
  dmi.set_dmi_ptr(bytes_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_.size() - 1);
  dmi.allow_read_write();
  return true;
}

} // namespace icebp::vp
