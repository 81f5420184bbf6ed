#pragma once

#include <icebp/model/debug_core.h>
#include <icebp/tlm/instruction_protocol.h>

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>

namespace icebp {

// A DebugCore with its instruction socket: what a virtual platform instantiates.
// `b_transport` of a timed core first waits out the annotated delay, then until earlier callers are
// served (first come, first served), then until the operation is over; the delay is 0 on return.
// It must be called from an SC_THREAD. `b_transport` of a loosely timed core returns at once and
// adds the operation's time to the delay. `transport_dbg` moves 0 bytes and has no effect, DMI is
// refused.
class DebugCoreTarget : public DebugCore {
public:
  using Socket = tlm_utils::simple_target_socket<DebugCoreTarget, 32, InstructionProtocol>;
  Socket instruction{"instruction"};

  DebugCoreTarget(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> cpu,
                  const CoreClock& clock, Timing timing = Timing::timed,
                  const CoreIdentity& identity = {});

private:
  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool execute_at_once(InstructionExtension& extension, sc_core::sc_time& delay);
  bool execute_in_time(InstructionExtension& extension, sc_core::sc_time& delay);

  std::uint64_t next_ticket_ = 0;
  std::uint64_t now_serving_ = 0;
  sc_core::sc_event served_{"served"};
};

} // namespace icebp
