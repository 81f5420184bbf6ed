// A virtual platform in small: its CPU sets DR7.GD; the next read of DR7 is a #DB.

#include <icebp/model/rules/registers/dr7.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>

#include <iostream>

namespace {

class Platform : public sc_core::sc_module {
public:
  explicit Platform(const sc_core::sc_module_name& name)
      : sc_module(name), debug_("debug", icebp::make_cpu_model("intel-skylake"),
                                icebp::CoreClock(1, sc_core::SC_NS)) {
    cpu_.socket.bind(debug_.instruction);
    SC_HAS_PROCESS(Platform);
    SC_THREAD(run);
  }

  bool passed() const { return passed_; }

private:
  void run() {
    icebp::Request request;
    request.operation = icebp::Operation::mov_to_dr;
    request.dr = 7;
    request.length = 3;
    request.value = icebp::dr7::gd::mask;
    auto delay = sc_core::SC_ZERO_TIME;
    passed_ = cpu_.execute(request, delay) == tlm::TLM_OK_RESPONSE &&
              cpu_.outcome().cause == icebp::Cause::none;

    request.operation = icebp::Operation::mov_from_dr;
    passed_ = passed_ && cpu_.execute(request, delay) == tlm::TLM_OK_RESPONSE &&
              cpu_.outcome().cause == icebp::Cause::general_detect;
    std::cout << sc_core::sc_time_stamp() << ' ' << icebp::name_of(cpu_.outcome().cause) << '\n';
  }

  icebp::DebugCoreTarget debug_;
  icebp::InstructionInitiator cpu_{"cpu"};
  bool passed_ = false;
};

} // namespace

int sc_main(int, char**) {
  Platform platform("platform");
  sc_core::sc_start();
  return platform.passed() ? 0 : 1;
}
