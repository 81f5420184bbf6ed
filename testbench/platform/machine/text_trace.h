#pragma once

#include <icebp/testbench/platform/machine/cpu_core.h>

#include <ostream>

namespace icebp::vp {

// Writes a line for each instruction, before it is executed, and for each exception and interrupt
// that is delivered.
class TextTrace {
public:
  TextTrace(CpuCore& core, std::ostream& to);

private:
  void instruction(CpuCore& core);
  void event(const Cpu& cpu, const Event& event);

  std::ostream& to_;
  std::string core_name_;
  std::uint64_t count_ = 0;
};

} // namespace icebp::vp
