#pragma once

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>

namespace icebp::vp {

// A device with registers, on the memory or the I/O bus. Addresses are offsets into its range.
class Device : public sc_core::sc_module {
public:
  tlm_utils::simple_target_socket<Device> socket{"socket"};

protected:
  explicit Device(const sc_core::sc_module_name& name);

  // `size` is 1, 2, 4 or 8 bytes.
  virtual std::uint64_t read(std::uint64_t offset, unsigned size) = 0;
  virtual void write(std::uint64_t offset, unsigned size, std::uint64_t value) = 0;
  // Time of the access, with what its initiator is ahead of simulation time.
  sc_core::sc_time now() const { return sc_core::sc_time_stamp() + ahead_; }

private:
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  sc_core::sc_time ahead_;
};

} // namespace icebp::vp
