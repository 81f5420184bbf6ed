#pragma once

#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <cstdint>
#include <vector>

namespace icebp::vp {

// A TLM-2.0 bus that decodes addresses. What nobody answers is TLM_ADDRESS_ERROR_RESPONSE.
class Router : public sc_core::sc_module {
public:
  tlm_utils::multi_passthrough_target_socket<Router> from{"from"};
  tlm_utils::multi_passthrough_initiator_socket<Router> to{"to"};

  explicit Router(const sc_core::sc_module_name& name);

  // Binds `target` to the addresses from `first` to `last`, which it sees from 0 on. An earlier
  // range wins.
  template <typename Socket>
  void map(std::uint64_t first, std::uint64_t last, Socket& target) {
    to.bind(target);
    ranges_.push_back({first, last});
  }

private:
  struct Range {
    std::uint64_t first, last;
  };
  // The place of the range that `address` is in; -1: none.
  int place_of(std::uint64_t address) const;
  void transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(int, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

  std::vector<Range> ranges_;
};

} // namespace icebp::vp
