// General detect without SystemC: DR7.GD stops the next access to a debug register.

#include <icebp/model/profiles/load_cpu_model.h>
#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/registers/dr7.h>

#include <iostream>

int main() {
  std::shared_ptr<const icebp::CpuModel> cpu;
  if (const auto problem = icebp::load_cpu_model("intel-skylake,-rtm", cpu)) {
    std::cerr << *problem << '\n';
    return 2;
  }
  icebp::CoreState state = cpu->at_power_up;
  state.dr[7] |= icebp::dr7::gd::mask;

  icebp::Request request;
  request.operation = icebp::Operation::mov_from_dr;
  request.dr = 7;
  request.length = 3;
  const icebp::Outcome outcome = icebp::execute(*cpu, state, request).outcome;
  const bool passed =
      outcome.cause == icebp::Cause::general_detect && icebp::dr7::gd::get(state.dr[7]) == 0;
  std::cout << (passed ? "passed" : "failed") << '\n';
  return passed ? 0 : 1;
}
