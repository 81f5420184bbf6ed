#include <icebp/testbench/platform/devices/device.h>

#include <cstring>

namespace icebp::vp {

Device::Device(const sc_core::sc_module_name& name) : sc_module(name) {
  socket.register_b_transport(this, &Device::transport);
}

void Device::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  ahead_ = delay;
  const unsigned size = payload.get_data_length();
  if (size != 1 && size != 2 && size != 4 && size != 8) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  std::uint64_t value = 0;
  if (payload.is_read()) {
    value = read(payload.get_address(), size);
    std::memcpy(payload.get_data_ptr(), &value, size);
  } else if (payload.is_write()) {
    std::memcpy(&value, payload.get_data_ptr(), size);
    write(payload.get_address(), size, value);
  }
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

} // namespace icebp::vp
