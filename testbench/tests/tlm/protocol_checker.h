#pragma once

#include <icebp/tlm/instruction_protocol.h>

#include <systemc>

#include <map>
#include <string>
#include <vector>

namespace icebp::test {

// Stands between an initiator and a target and notes what either does against the rules of the base
// protocol, which the instruction socket keeps: `RULE at TIME`, where RULE begins with its clause
// in IEEE 1666-2011.
class ProtocolChecker : public sc_core::sc_module,
                        private ::tlm::tlm_fw_transport_if<InstructionProtocol>,
                        private ::tlm::tlm_bw_transport_if<InstructionProtocol> {
public:
  ::tlm::tlm_target_socket<32, InstructionProtocol> from_initiator{"from_initiator"};
  ::tlm::tlm_initiator_socket<32, InstructionProtocol> to_target{"to_target"};

  explicit ProtocolChecker(const sc_core::sc_module_name& name);

  const std::vector<std::string>& violations() const { return violations_; }

private:
  using Payload = ::tlm::tlm_generic_payload;
  using Phase = ::tlm::tlm_phase;
  using Sync = ::tlm::tlm_sync_enum;

  // What the initiator set, which nobody changes.
  struct Attributes {
    explicit Attributes(const Payload& payload);
    bool operator==(const Attributes& other) const;

    ::tlm::tlm_command command;
    sc_dt::uint64 address;
    const unsigned char* data;
    unsigned length, width;
    const unsigned char* byte_enables;
    const InstructionExtension* extension;
  };
  struct Transaction {
    Phase phase = ::tlm::UNINITIALIZED_PHASE; // the last
    sc_core::sc_time time;                    // when that one is, with its delay
    Attributes attributes;
  };

  void b_transport(Payload& payload, sc_core::sc_time& delay) override;
  Sync nb_transport_fw(Payload& payload, Phase& phase, sc_core::sc_time& delay) override;
  Sync nb_transport_bw(Payload& payload, Phase& phase, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(Payload& payload, ::tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(Payload& payload) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

  void rule(bool is_kept, const char* text);
  void check_new(const Payload& payload);
  void check_held(const Payload& payload);
  // Of phases that come on the path from the initiator, or from the target.
  void begin_request(Payload& payload, const sc_core::sc_time& delay);
  void note_of_initiator(Payload& payload, const Phase& phase, const sc_core::sc_time& delay);
  void note_of_target(Payload& payload, const Phase& phase, const sc_core::sc_time& delay);
  void follow(Payload& payload, const Phase& phase, const sc_core::sc_time& delay);
  void complete(Payload& payload);
  void check_return(Sync sync, const Phase& before, const Phase& after,
                    const sc_core::sc_time& delay_before, const sc_core::sc_time& delay_after);
  Phase phase_of(Payload& payload) const;

  std::map<const Payload*, Transaction> transactions_; // in progress
  std::map<const Payload*, unsigned> blocking_;        // calls in progress
  const Payload* request_ = nullptr;                   // no END_REQ yet
  const Payload* response_ = nullptr;                  // no END_RESP yet
  std::vector<std::string> violations_;
};

} // namespace icebp::test
