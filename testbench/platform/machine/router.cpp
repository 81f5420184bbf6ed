#include <icebp/testbench/platform/machine/router.h>

namespace icebp::vp {

Router::Router(const sc_core::sc_module_name& name) : sc_module(name) {
  from.register_b_transport(this, &Router::transport);
  from.register_get_direct_mem_ptr(this, &Router::get_direct_mem_ptr);
}

int Router::place_of(std::uint64_t address) const {
  for (std::size_t n = 0; n < ranges_.size(); ++n)
    if (address >= ranges_[n].first && address <= ranges_[n].last)
      return static_cast<int>(n);
  return -1;
}

void Router::transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const int place = place_of(address);
  if (place < 0) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  payload.set_address(address - ranges_[static_cast<std::size_t>(place)].first);
  to[place]->b_transport(payload, delay);
  payload.set_address(address);
}

bool Router::get_direct_mem_ptr(int, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = payload.get_address();
  const int place = place_of(address);
  if (place < 0)
    return false;
  const std::uint64_t first = ranges_[static_cast<std::size_t>(place)].first;
  payload.set_address(address - first);
  const bool allowed = to[place]->get_direct_mem_ptr(payload, dmi);
  payload.set_address(address);
  dmi.set_start_address(dmi.get_start_address() + first);
  dmi.set_end_address(dmi.get_end_address() + first);
  return allowed;
}

} // namespace icebp::vp
