#pragma once

#include <icebp/model/debug_core.h>
#include <icebp/tlm/instruction_target_socket.h>
#include <icebp/tlm/service_queue.h>

#include <systemc>

#include <deque>
#include <memory>

namespace icebp {
inline namespace v0_1 {

// A DebugCore with its instruction socket: what a virtual platform instantiates. Any number of
// initiators may be bound to it; they share one queue, first come, first served.
// `b_transport` of a timed core first waits out the annotated delay, then for its turn, then until
// the operation is over; the delay is 0 on return. It must be called from an SC_THREAD. A caller
// that is reset or killed leaves its place in the queue; its operation in flight goes on to its end
// and commits, its outcome is lost. What the context points to must live until then. One that is
// suspended or disabled keeps its place: its operation begins at its turn and ends without it, the
// next one's turn comes, and it returns with its own outcome once it runs again. (An event that
// comes while a process is disabled is lost to it: it then returns when the next call is over.)
// `b_transport` of a loosely timed core returns at once and adds the operation's time to the delay;
// in RESET its caller waits for the end of RESET, and one that cannot wait gets `cancelled`.
//
// `nb_transport_fw` of a timed core: BEGIN_REQ takes a place in the queue when its delay is over,
// END_REQ comes at its turn, BEGIN_RESP when the operation is over. An initiator may put its next
// request after END_REQ. It gets one response at a time; one that it does not end holds up its own
// responses alone. A loosely timed core completes at once, TLM_COMPLETED (in RESET `cancelled`),
// and so does any core where attributes are malformed. docs/embedding.md has the phases.
//
// `transport_dbg` moves 0 bytes and has no effect, DMI is refused.
//
// The interface is implemented here and not by simple_target_socket: where a template implements an
// interface with virtual bases, what g++ and clang++ have compiled of it does not link.
class DebugCoreTarget : public DebugCore, private DebugCore::Issuer {
public:
  using Socket = InstructionTargetSocket;
  Socket instruction;

  DebugCoreTarget(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> cpu,
                  const CoreClock& clock, Timing timing = Timing::timed,
                  const CoreIdentity& identity = {});
  ~DebugCoreTarget() override;

private:
  bool has_callers() const override;
  void take_outcome(const Outcome& outcome) override;

  class Connection; // what one initiator calls
  struct Call;
  struct Transaction;

  void end_plainly(const Request& request, std::uint32_t cycles, sc_core::sc_time& delay) {
    if (clock().add_few(cycles, delay))
      follow_plain(request);
    else
      end_long(request, cycles, delay);
  }
  void end_long(const Request& request, std::uint32_t cycles, sc_core::sc_time& delay);
  void transport_at_once(::tlm::tlm_generic_payload& payload, InstructionExtension& extension,
                         sc_core::sc_time& delay);
  void transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  ::tlm::tlm_response_status execute_at_once(InstructionExtension& extension,
                                             sc_core::sc_time& delay);
  ::tlm::tlm_response_status execute_when_it_can(InstructionExtension& extension,
                                                 sc_core::sc_time& delay);
  ::tlm::tlm_response_status execute_after_reset(InstructionExtension& extension,
                                                 sc_core::sc_time& delay);
  ::tlm::tlm_response_status execute_in_time(InstructionExtension& extension,
                                             sc_core::sc_time& delay);

  // Lets the first of the queue begin; of nb_transport_fw runs at its end, too.
  void serve();
  void begin_service(std::unique_ptr<Transaction> transaction);
  void end_service();
  // Lets begin what is due: places in the queue, and responses.
  void attend();
  void attend_at(const sc_core::sc_time& time);

  void warn_of(const char* message_type, const char* problem) const;
  void warn_of_attributes(const ::tlm::tlm_generic_payload& payload) const;
  ::tlm::tlm_response_status malformed(const char* problem) const;
  void refuse(const char* problem) const;

  sc_core::sc_event turn_{"turn"};
  sc_core::sc_event call_over_{"call_over"};
  sc_core::sc_event attention_{"attention"};
  ServiceQueue queue_{turn_};
  Call* called_ = nullptr; // whose operation is in flight
  std::unique_ptr<Transaction> in_service_;
  std::deque<std::unique_ptr<Connection>> connections_;
};

} // namespace v0_1
} // namespace icebp
