#pragma once

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <vector>

namespace icebp::vp {

// RAM on the memory bus; it gives DMI.
class Memory : public sc_core::sc_module {
public:
  tlm_utils::simple_target_socket<Memory> socket{"socket"};

  Memory(const sc_core::sc_module_name& name, std::size_t size);

  std::vector<std::uint8_t>& bytes() { return bytes_; }

private:
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

  std::vector<std::uint8_t> bytes_;
};

} // namespace icebp::vp
