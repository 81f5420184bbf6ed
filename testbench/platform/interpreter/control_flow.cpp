#include <icebp/testbench/platform/interpreter/alu.h>
#include <icebp/testbench/platform/interpreter/operands.h>

namespace icebp::vp {
namespace {

bool is_relative(const Instruction& i) { return first(i).kind == OperandKind::immediate; }

// Where a near JMP or CALL goes.
std::uint64_t target_of(Cpu& cpu, const Instruction& i) {
  return is_relative(i) ? cpu.regs.rip + i.immediate : first_value(cpu, i);
}

void jump_relative(Cpu& cpu, const Instruction& i) {
  cpu.jump_near(cpu.regs.rip + i.immediate, i.operand_size, Branch::jcc);
}

void jmp(Cpu& cpu, const Instruction& i) {
  cpu.jump_near(target_of(cpu, i), i.operand_size,
                is_relative(i) ? Branch::near_rel_jmp : Branch::near_ind_jmp);
}

void call(Cpu& cpu, const Instruction& i) {
  const std::uint64_t target = target_of(cpu, i);
  restoring_rsp(cpu, [&] {
    cpu.push(cpu.regs.rip, i.operand_size);
    cpu.jump_near(target, i.operand_size,
                  is_relative(i) ? Branch::near_rel_call : Branch::near_ind_call);
  });
}

void ret(Cpu& cpu, const Instruction& i) {
  const std::uint64_t released = has_operand(i, 0) ? i.immediate & 0xFFFF : 0;
  restoring_rsp(cpu, [&] {
    const std::uint64_t target = cpu.pop(i.operand_size);
    cpu.jump_near(target, i.operand_size, Branch::near_ret);
    if (released != 0)
      cpu.set_stack_offset(cpu.stack_offset(static_cast<std::int64_t>(released)));
  });
}

template <unsigned code>
void jcc(Cpu& cpu, const Instruction& i) {
  if (condition<code>(cpu.regs.rflags))
    jump_relative(cpu, i);
}

// JCXZ, JECXZ, JRCXZ: by the address size.
void jcxz(Cpu& cpu, const Instruction& i) {
  if (cpu.gpr(rcx, i.address_size) == 0)
    jump_relative(cpu, i);
}

// LOOP, LOOPE and LOOPNE count in CX, ECX or RCX by the address size. `wanted` is ZF's value that
// goes on, 2: either.
template <unsigned wanted>
void loop(Cpu& cpu, const Instruction& i) {
  const std::uint64_t count = (cpu.gpr(rcx, i.address_size) - 1) & mask_of(i.address_size);
  if (count != 0 && (wanted == 2 || cpu.flag(flag::zf) == (wanted == 1)))
    jump_relative(cpu, i);
  cpu.set_gpr(rcx, i.address_size, count);
}

// --- frames

// Copies the pointers to the outer frames and pushes that to this one (SDM vol. 2A ENTER). Gives
// the bytes pushed.
std::int64_t enter_nested(Cpu& cpu, unsigned level, unsigned size, std::uint64_t frame) {
  const unsigned width = cpu.stack_size();
  std::int64_t pushed = size; // rBP
  for (unsigned outer = 1; outer < level; ++outer) {
    const std::uint64_t from = (cpu.gpr(rbp, width) - outer * size) & mask_of(width);
    pushed += size;
    cpu.store(SegmentName::ss, cpu.stack_offset(-pushed), size,
              cpu.load(SegmentName::ss, from, size));
  }
  pushed += size;
  cpu.store(SegmentName::ss, cpu.stack_offset(-pushed), size, frame & mask_of(size));
  return pushed;
}

// That the new top of the stack can be written is not checked.
void enter(Cpu& cpu, const Instruction& i) {
  const unsigned size = i.operand_size;
  const unsigned level = i.selector & 31;
  const std::uint64_t frame = cpu.stack_offset(-static_cast<std::int64_t>(size));
  cpu.store(SegmentName::ss, frame, size, cpu.gpr(rbp, size));
  const std::int64_t pushed = level == 0 ? size : enter_nested(cpu, level, size, frame);
  const auto locals = static_cast<std::int64_t>(i.immediate & 0xFFFF);
  cpu.set_stack_offset(cpu.stack_offset(-pushed - locals));
  cpu.set_gpr(rbp, size, frame);
}

void leave(Cpu& cpu, const Instruction& i) {
  const unsigned width = cpu.stack_size();
  const std::uint64_t frame = cpu.gpr(rbp, width);
  const std::uint64_t outer = cpu.load(SegmentName::ss, frame, i.operand_size);
  cpu.set_stack_offset((frame + i.operand_size) & mask_of(width));
  cpu.set_gpr(rbp, i.operand_size, outer);
}

// Both bounds are within the array.
void bound(Cpu& cpu, const Instruction& i) {
  const unsigned size = first(i).size;
  const auto as_signed = [size](std::uint64_t value) {
    return static_cast<std::int64_t>(sign_extend(value, size));
  };
  const SegmentName segment = i.memory.segment;
  const std::int64_t lower = as_signed(cpu.load(segment, cpu.effective_address(i), size));
  const std::int64_t upper =
      as_signed(cpu.load(segment, effective_address_plus(cpu, i, size), size));
  const std::int64_t index = as_signed(first_value(cpu, i));
  if (index < lower || index > upper)
    raise(vector::br);
}

#define ROW(mnemonic, handler)                                                                     \
  { ZYDIS_MNEMONIC_##mnemonic, handler }
constexpr HandlerRow rows[] = {
    ROW(JMP, jmp),        ROW(CALL, call),   ROW(RET, ret),      ROW(JO, jcc<0>),
    ROW(JNO, jcc<1>),     ROW(JB, jcc<2>),   ROW(JNB, jcc<3>),   ROW(JZ, jcc<4>),
    ROW(JNZ, jcc<5>),     ROW(JBE, jcc<6>),  ROW(JNBE, jcc<7>),  ROW(JS, jcc<8>),
    ROW(JNS, jcc<9>),     ROW(JP, jcc<10>),  ROW(JNP, jcc<11>),  ROW(JL, jcc<12>),
    ROW(JNL, jcc<13>),    ROW(JLE, jcc<14>), ROW(JNLE, jcc<15>), ROW(JCXZ, jcxz),
    ROW(JECXZ, jcxz),     ROW(JRCXZ, jcxz),  ROW(LOOP, loop<2>), ROW(LOOPE, loop<1>),
    ROW(LOOPNE, loop<0>), ROW(ENTER, enter), ROW(LEAVE, leave),  ROW(BOUND, bound),
};
#undef ROW

} // namespace

const Table<HandlerRow> control_flow_handlers = handlers_of(rows);

} // namespace icebp::vp
