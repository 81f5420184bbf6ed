// One non-blocking access, N times, for counting instructions:
//   nonblocking_cost CASE N
// `bare`: four phases between two modules that do nothing else, with a peq_with_get as it is usual.
// instructions.sh runs it under callgrind at two lengths and takes the difference.

#include <icebp/testbench/bench/cases.h>
#include <icebp/tlm/debug_core_target.h>

#include <systemc>
#include <tlm_utils/peq_with_get.h>

#include <cstdlib>
#include <memory>

namespace {

using namespace icebp;
using Payload = ::tlm::tlm_generic_payload;

// Uses one payload again and again; it frees nothing.
struct Pool : ::tlm::tlm_mm_interface {
  void free(Payload*) override {}
};

// One transaction at a time: BEGIN_REQ, and BEGIN_RESP is answered with TLM_COMPLETED.
class Initiator : public sc_core::sc_module,
                  private ::tlm::tlm_bw_transport_if<InstructionProtocol> {
public:
  ::tlm::tlm_initiator_socket<32, InstructionProtocol> socket{"socket"};

  Initiator(const sc_core::sc_module_name& name, std::size_t count)
      : sc_module(name), count_(count) {
    set_instruction_attributes(payload_);
    payload_.set_extension(&extension_);
    extension_.request.operation = Operation::mov_to_dr;
    extension_.request.dr = 1;
    socket.bind(*this);
    SC_HAS_PROCESS(Initiator);
    SC_THREAD(run);
  }
  ~Initiator() override { payload_.clear_extension(&extension_); }

private:
  void run() {
    if (count_ == 0)
      return;
    payload_.acquire();
    for (std::size_t n = 0; n < count_; ++n) {
      ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      if (socket->nb_transport_fw(payload_, phase, delay) != ::tlm::TLM_COMPLETED)
        wait(response_);
    }
    sc_core::sc_stop();
  }
  ::tlm::tlm_sync_enum nb_transport_bw(Payload&, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time&) override {
    if (phase != ::tlm::BEGIN_RESP)
      return ::tlm::TLM_ACCEPTED;
    response_.notify(sc_core::SC_ZERO_TIME);
    return ::tlm::TLM_COMPLETED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  std::size_t count_;
  Pool pool_;
  Payload payload_{&pool_};
  InstructionExtension extension_;
  sc_core::sc_event response_;
};

// Four phases, one clock cycle.
class BareTarget : public sc_core::sc_module,
                   private ::tlm::tlm_fw_transport_if<InstructionProtocol> {
public:
  ::tlm::tlm_target_socket<32, InstructionProtocol> socket{"socket"};

  explicit BareTarget(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    SC_HAS_PROCESS(BareTarget);
    SC_METHOD(serve);
    sensitive << requests_.get_event();
    dont_initialize();
  }

private:
  ::tlm::tlm_sync_enum nb_transport_fw(Payload& payload, ::tlm::tlm_phase&,
                                       sc_core::sc_time&) override {
    payload.acquire();
    requests_.notify(payload, sc_core::sc_time(1, sc_core::SC_NS));
    return ::tlm::TLM_ACCEPTED;
  }
  void serve() {
    while (Payload* payload = requests_.get_next_transaction()) {
      sc_core::sc_time delay;
      ::tlm::tlm_phase phase = ::tlm::END_REQ;
      socket->nb_transport_bw(*payload, phase, delay);
      payload->set_response_status(::tlm::TLM_OK_RESPONSE);
      phase = ::tlm::BEGIN_RESP;
      socket->nb_transport_bw(*payload, phase, delay);
      payload->release();
    }
  }
  void b_transport(Payload&, sc_core::sc_time&) override {}
  bool get_direct_mem_ptr(Payload&, ::tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(Payload&) override { return 0; }

  tlm_utils::peq_with_get<Payload> requests_{"requests"};
};

struct Case {
  const char* name;
  bool bare;
  Timing timing;
};

constexpr Case cases[] = {
    {"bare", true, Timing::timed},
    {"loosely_timed", false, Timing::loosely_timed},
    {"timed", false, Timing::timed},
};

int run(const Case& chosen, std::size_t count) {
  Initiator initiator("initiator", count);
  BareTarget bare("bare");
  DebugCoreTarget core("core", make_cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS),
                       chosen.timing);
  Initiator unused("unused", 0);
  (chosen.bare ? initiator : unused).socket.bind(bare.socket);
  if (!chosen.bare)
    initiator.socket.bind(core.instruction);
  else
    unused.socket.bind(core.instruction);
  sc_core::sc_start();
  return 0;
}

} // namespace

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  return run_case(argc, argv, cases, run);
}

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
