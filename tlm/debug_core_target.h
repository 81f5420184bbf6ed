#pragma once

#include <icebp/model/debug_core.h>
#include <icebp/tlm/instruction_protocol.h>

#include <systemc>

#include <cstdint>
#include <deque>
#include <map>

namespace icebp {

// A DebugCore with its instruction socket: what a virtual platform instantiates.
// `b_transport` of a timed core first waits out the annotated delay, then until earlier callers are
// served (first come, first served), then until the operation is over; the delay is 0 on return.
// It must be called from an SC_THREAD. A caller that is reset or killed leaves its place in the
// queue; its operation in flight goes on to its end and commits, for what its context points to
// must live until then. `b_transport` of a loosely timed core returns at once and adds the
// operation's time to the delay. A request of `nb_transport_fw` is such a call after its delay, and
// BEGIN_RESP when it is over, without END_REQ and no two responses at a time. `transport_dbg` moves
// 0 bytes and has no effect, DMI is refused.
//
// The interface is implemented here and not by simple_target_socket: where a template implements an
// interface with virtual bases, what g++ and clang++ have compiled of it does not link.
class DebugCoreTarget : public DebugCore, private ::tlm::tlm_fw_transport_if<InstructionProtocol> {
public:
  using Socket = ::tlm::tlm_target_socket<32, InstructionProtocol>;
  Socket instruction{"instruction"};

  DebugCoreTarget(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> cpu,
                  const CoreClock& clock, Timing timing = Timing::timed,
                  const CoreIdentity& identity = {});
  ~DebugCoreTarget() override;

private:
  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  ::tlm::tlm_sync_enum nb_transport_fw(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(::tlm::tlm_generic_payload& payload) override;

  bool execute_at_once(InstructionExtension& extension, sc_core::sc_time& delay);
  bool execute_in_time(InstructionExtension& extension, sc_core::sc_time& delay);

  // A caller's place in the queue, which it leaves on every way out.
  class Place {
  public:
    explicit Place(DebugCoreTarget& core);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    bool is_first() const { return core_.queue_.front() == this; }

  private:
    DebugCoreTarget& core_;
  };

  std::deque<const Place*> queue_;
  sc_core::sc_event first_changed_{"first_changed"};

  // A thread that makes the calls of nb_transport_fw, one after another.
  struct Caller {
    bool is_free = true;
    sc_core::sc_event call;
  };
  Caller& free_caller();
  void make_calls(Caller& caller);
  void respond(::tlm::tlm_generic_payload& payload);

  std::deque<Caller> callers_;
  std::multimap<sc_core::sc_time, ::tlm::tlm_generic_payload*> requested_; // by when they are due
  bool responding_ = false; // BEGIN_RESP is not answered yet
  sc_core::sc_event response_ended_{"response_ended"};
};

} // namespace icebp
