#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/debug_unit_instructions.h>

namespace icebp::vp {
namespace {

namespace msr {
constexpr std::uint32_t efer = 0xC0000080, fs_base = 0xC0000100, gs_base = 0xC0000101;
}

constexpr std::uint8_t no_index = no_register;

// What of the request stands in the instruction's fields.
Request request_of(const Instruction& i) {
  Request request;
  request.operation = static_cast<Operation>(i.opcode);
  request.dr = i.operands[0].reg;
  request.gpr = i.operands[1].reg;
  request.length = i.length;
  request.msr = static_cast<std::uint32_t>(i.immediate);
  request.encoding_faults = static_cast<CauseSet>(i.memory.displacement);
  return request;
}

// What the core itself keeps of an MSR.
void follow_msr(Cpu& cpu, std::uint32_t index, std::uint64_t value) {
  if (index == msr::fs_base)
    cpu.regs[SegmentName::fs].base = value;
  else if (index == msr::gs_base)
    cpu.regs[SegmentName::gs].base = value;
  else if (index == msr::efer)
    cpu.update_mode();
  cpu.forget_translations(); // an address mask, or what a page may hold
  if (cpu.after_msr_write)
    cpu.after_msr_write(index, value);
}

void put_to_debug_unit(Cpu& cpu, const Instruction& i) {
  Request request = request_of(i);
  const std::uint64_t next = cpu.regs.rip;
  cpu.regs.rip = cpu.start(); // there until the instruction is executed
  const bool by_counter = request.operation == Operation::rdmsr ||
                          request.operation == Operation::wrmsr ||
                          request.operation == Operation::wrmsrns;
  if (by_counter)
    request.msr = static_cast<std::uint32_t>(cpu.regs.gpr[rcx]);
  if (i.memory.index != no_index)
    request.msr = static_cast<std::uint32_t>(cpu.regs.gpr[i.memory.index]);
  request.value = request.operation == Operation::wrmsr || request.operation == Operation::wrmsrns
                      ? cpu.gpr(rdx, 4) << 32 | cpu.gpr(rax, 4)
                      : cpu.regs.gpr[request.gpr];
  if (reads_msr(request.operation) && cpu.before_msr_read)
    cpu.before_msr_read(request.msr);
  const Outcome outcome = cpu.life().put(request);
  if (cpu.is_over())
    return;
  cpu.regs.rip = next;
  if (request.operation == Operation::mov_from_dr || has_immediate_index(request.operation)) {
    if (!writes_register(request.operation))
      cpu.set_gpr(request.gpr, cpu.is_64_bit() ? 8 : 4, outcome.value());
  } else if (request.operation == Operation::rdmsr) {
    cpu.set_gpr(rax, 4, outcome.value());
    cpu.set_gpr(rdx, 4, outcome.value() >> 32);
  }
  if (may_change_watch(request))
    cpu.forget_translations();
  if (writes_msr(request.operation))
    follow_msr(cpu, request.msr, request.value);
}

} // namespace

Instruction debug_unit_instruction(const Decoded& decoded) {
  const Request& request = decoded.request;
  Instruction i;
  i.handler = put_to_debug_unit;
  i.opcode = static_cast<std::uint8_t>(request.operation);
  i.length = request.length;
  i.operands[0].reg = request.dr;
  i.operands[1].reg = request.gpr;
  i.immediate = request.msr;
  i.memory.index = decoded.index_gpr.value_or(no_index);
  i.memory.displacement = static_cast<std::int64_t>(request.encoding_faults);
  return i;
}

} // namespace icebp::vp
