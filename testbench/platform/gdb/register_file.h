#pragma once

#include <icebp/testbench/platform/gdb/shared_debug_registers.h>
#include <icebp/tlm/probe_target.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace icebp::vp {

// A core as a debugger reaches it.
struct DebuggedCore {
  CpuCore& core;
  ProbeTarget& probe;
  SharedDebugRegisters& debug_registers;
};

// RIP of any mode by the linear address.
void set_linear_rip(Cpu& cpu, std::uint64_t linear);

// The registers that the debugger is told of, in the order of its numbers, as a target description
// (GDB manual, appendix G): those of an x86-64 core, with RIP as a linear address in every mode;
// then DR0 to DR7, the control registers, and the MSRs of the CPU by their names in lower case,
// without IA32_ or MSR_. Access to them checks no privilege and raises nothing.
class RegisterFile {
public:
  explicit RegisterFile(const CpuModel& cpu);

  std::size_t size() const { return registers_.size(); }
  // How many the packets g and G have, from the first on.
  std::size_t plain() const { return plain_; }
  const std::string& description() const { return description_; } // XML

  // Bytes, little-endian; empty where there is no such register, or the core cannot tell.
  std::string read(const DebuggedCore& core, std::size_t number) const;
  // False, and nothing changes: of another size, or not to be written.
  bool write(const DebuggedCore& core, std::size_t number, const std::string& bytes) const;
  std::size_t bytes(std::size_t number) const { return registers_[number].bytes; }

  static std::optional<std::uint64_t> read_msr(const DebuggedCore& core, std::uint32_t index);
  static bool write_msr(const DebuggedCore& core, std::uint32_t index, std::uint64_t value);

private:
  enum class Kind : std::uint8_t { gpr, rip, rflags, segment, st, x87, xmm, mxcsr, dr, cr, msr };
  struct Register {
    Kind kind;
    std::uint32_t number;
    unsigned bytes;
    std::string name;
  };

  void add(Kind kind, std::uint32_t number, unsigned bytes, const std::string& name,
           const std::string& attributes);
  void add_core();
  void add_sse();
  void add_debug_and_control();
  void add_msrs(const CpuModel& cpu);

  std::uint64_t value(const DebuggedCore& core, const Register& which) const;
  bool set(const DebuggedCore& core, const Register& which, std::uint64_t value) const;

  std::vector<Register> registers_;
  std::size_t plain_ = 0;
  std::string description_;
};

} // namespace icebp::vp
