// Transfers to another segment, privilege level or mode (SDM vol. 3 5.8, vol. 2 by instruction).
#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/handlers.h>

namespace icebp::vp {
namespace {

constexpr std::uint32_t code_of(std::uint16_t selector) { return selector & ~3U; }
constexpr bool is_null(std::uint16_t selector) { return code_of(selector) == 0; }

namespace msr {
constexpr std::uint32_t sysenter_cs = 0x174, sysenter_esp = 0x175, sysenter_eip = 0x176,
                        star = 0xC0000081, lstar = 0xC0000082, cstar = 0xC0000083,
                        fmask = 0xC0000084;
}

constexpr unsigned tss_16_available = 1, task_gate = 5, call_gate_16 = 4, call_gate_32 = 12,
                   tss_available = 9;

Segment flat(std::uint16_t selector, unsigned dpl, bool code, bool is_long) {
  Segment segment;
  segment.selector = selector;
  segment.type = code ? 0xB : 0x3;
  segment.dpl = static_cast<std::uint8_t>(dpl);
  segment.is_long = code && is_long;
  segment.is_32_bit = !segment.is_long;
  segment.limit = 0xFFFFFFFF;
  return segment;
}

bool is_task(const Cpu& cpu, const Cpu::Descriptor& descriptor) {
  if (cpu.is_long_mode_active())
    return false;
  const unsigned type = descriptor.type();
  return descriptor.is_system() &&
         (type == tss_16_available || type == tss_available || type == task_gate);
}

// The TSS of a JMP or CALL: itself or by a task gate.
Cpu::Descriptor tss_of(Cpu& cpu, const Cpu::Descriptor& target, std::uint16_t selector) {
  const std::uint32_t code = code_of(selector);
  if (target.dpl() < cpu.cpl() || target.dpl() < (selector & 3U))
    raise_gp(code);
  if (!target.present())
    raise(vector::np, code);
  if (target.type() != task_gate)
    return target;
  const auto tss_selector = static_cast<std::uint16_t>(target.raw >> 16);
  if ((tss_selector & 4) != 0)
    raise_gp(code_of(tss_selector));
  const Cpu::Descriptor tss = cpu.read_descriptor(tss_selector, vector::gp);
  if (!tss.is_system() || (tss.type() != tss_16_available && tss.type() != tss_available))
    raise_gp(code_of(tss_selector));
  if (!tss.present())
    raise(vector::np, code_of(tss_selector));
  return tss;
}

bool is_call_gate(const Cpu& cpu, const Cpu::Descriptor& descriptor) {
  if (!descriptor.is_system())
    return false;
  return descriptor.type() == call_gate_32 ||
         (descriptor.type() == call_gate_16 && !cpu.is_long_mode_active());
}

// Checks a code segment that JMP or CALL names itself; it runs at CPL.
void check_direct(const Cpu& cpu, const Cpu::Descriptor& target, std::uint16_t selector) {
  const std::uint32_t code = code_of(selector);
  const Segment& segment = target.segment;
  if (target.is_system() || !segment.is_code())
    raise_gp(code);
  if (cpu.is_long_mode_active() && segment.is_long && segment.is_32_bit)
    raise_gp(code);
  const bool allowed = segment.is_conforming()
                           ? segment.dpl <= cpu.cpl()
                           : segment.dpl == cpu.cpl() && (selector & 3U) <= cpu.cpl();
  if (!allowed)
    raise_gp(code);
  if (!segment.present)
    raise(vector::np, code);
}

void check_target(const Cpu& cpu, const Segment& code, std::uint64_t offset) {
  const bool to_64_bit = cpu.is_long_mode_active() && code.is_long;
  if (to_64_bit ? !cpu.is_canonical(offset) : offset > code.limit)
    raise_gp();
}

void enter_code(Cpu& cpu, const Cpu::Descriptor& target, unsigned level, std::uint64_t offset) {
  cpu.mark_accessed(target);
  Segment cs = target.segment;
  cs.selector = static_cast<std::uint16_t>((cs.selector & ~3U) | level);
  cpu.set_cpl(level);
  cpu.set_segment(SegmentName::cs, cs);
  cpu.regs.rip = offset;
}

struct GateTarget {
  Cpu::Descriptor code;
  std::uint64_t offset;
  unsigned size;       // of what a call pushes
  unsigned parameters; // copied
};

GateTarget target_of_gate(Cpu& cpu, const Cpu::Descriptor& gate, std::uint16_t selector,
                          bool is_call) {
  if (gate.dpl() < cpu.cpl() || gate.dpl() < (selector & 3U))
    raise_gp(code_of(selector));
  if (!gate.present())
    raise(vector::np, code_of(selector));
  const auto code_selector = static_cast<std::uint16_t>(gate.raw >> 16);
  if (is_null(code_selector))
    raise_gp();
  const Cpu::Descriptor code = cpu.read_descriptor(code_selector, vector::gp);
  const Segment& segment = code.segment;
  const bool long_mode = cpu.is_long_mode_active();
  bool ok = !code.is_system() && segment.is_code() && segment.dpl <= cpu.cpl();
  if (long_mode)
    ok = ok && segment.is_long && !segment.is_32_bit;
  if (!is_call)
    ok = ok && (segment.is_conforming() || segment.dpl == cpu.cpl());
  if (!ok)
    raise_gp(code_of(code_selector));
  if (!segment.present)
    raise(vector::np, code_of(code_selector));
  const bool wide = gate.type() == call_gate_32;
  std::uint64_t offset = (gate.raw & 0xFFFF) | (wide ? gate.raw >> 32 & 0xFFFF0000 : 0);
  if (long_mode)
    offset |= gate.high << 32;
  return {code, offset,
          long_mode ? 8U
          : wide    ? 4U
                    : 2U,
          static_cast<unsigned>(gate.raw >> 32 & 0x1F)};
}

void end_far(Cpu& cpu, std::uint64_t from) {
  cpu.set_ending(Ending::taken_branch);
  cpu.record_branch(Branch::far_branch, from, cpu.code_address(cpu.regs.rip));
}

void call_gate(Cpu& cpu, const GateTarget& target) {
  const Segment& segment = target.code.segment;
  const bool inner = !segment.is_conforming() && segment.dpl < cpu.cpl();
  const unsigned size = target.size;
  const Registers old = cpu.regs;
  const unsigned old_cpl = cpu.cpl();
  check_target(cpu, segment, target.offset);
  try {
    if (inner) {
      const unsigned level = segment.dpl;
      if (cpu.is_long_mode_active()) {
        const std::uint64_t stack = cpu.rsp_of_tss(level, 0);
        Segment ss;
        ss.present = false;
        ss.selector = static_cast<std::uint16_t>(level);
        ss.dpl = static_cast<std::uint8_t>(level);
        enter_code(cpu, target.code, level, target.offset);
        cpu.regs[SegmentName::ss] = ss;
        cpu.regs.gpr[rsp] = stack;
      } else {
        const Cpu::Stack stack = cpu.stack_of_tss(level);
        const Segment ss = cpu.checked_stack_segment(stack.selector, level, vector::ts);
        std::array<std::uint64_t, 31> parameters{};
        for (unsigned n = 0; n < target.parameters; ++n)
          parameters[n] = cpu.load(SegmentName::ss, cpu.stack_offset(n * size), size);
        cpu.set_cpl(level);
        cpu.regs[SegmentName::ss] = ss;
        cpu.set_stack_offset(stack.pointer);
        cpu.push(old[SegmentName::ss].selector, size);
        cpu.push(old.gpr[rsp], size);
        for (unsigned n = target.parameters; n != 0; --n)
          cpu.push(parameters[n - 1], size);
        cpu.push(old[SegmentName::cs].selector, size);
        cpu.push(old.rip, size);
        return enter_code(cpu, target.code, level, target.offset);
      }
      cpu.push(old[SegmentName::ss].selector, size);
      cpu.push(old.gpr[rsp], size);
      cpu.push(old[SegmentName::cs].selector, size);
      cpu.push(old.rip, size);
    } else {
      cpu.push(old[SegmentName::cs].selector, size);
      cpu.push(old.rip, size);
      enter_code(cpu, target.code, old_cpl, target.offset);
    }
  } catch (const Fault&) {
    cpu.regs = old;
    cpu.set_cpl(old_cpl);
    cpu.update_mode();
    throw;
  }
}

} // namespace

void Cpu::far_jump(std::uint16_t selector, std::uint64_t offset, unsigned size) {
  const std::uint64_t from = code_address(start_);
  offset &= mask_of(size);
  if (!is_protected()) {
    if (offset > regs[SegmentName::cs].limit)
      raise_gp();
    load_real_segment(SegmentName::cs, selector);
    regs.rip = offset;
    return end_far(*this, from);
  }
  if (is_null(selector))
    raise_gp();
  const Descriptor target = read_descriptor(selector, vector::gp);
  if (is_task(*this, target)) {
    switch_task(tss_of(*this, target, selector), TaskSwitch::jump, std::nullopt);
  } else if (is_call_gate(*this, target)) {
    const GateTarget gate = target_of_gate(*this, target, selector, false);
    check_target(*this, gate.code.segment, gate.offset);
    enter_code(*this, gate.code, cpl(), gate.offset);
  } else {
    check_direct(*this, target, selector);
    check_target(*this, target.segment, offset);
    enter_code(*this, target, cpl(), offset);
  }
  end_far(*this, from);
}

void Cpu::far_call(std::uint16_t selector, std::uint64_t offset, unsigned size) {
  const std::uint64_t from = code_address(start_);
  offset &= mask_of(size);
  const std::uint16_t old_cs = regs[SegmentName::cs].selector;
  const std::uint64_t old_rip = regs.rip;
  const auto push_return = [&] {
    const std::uint64_t stack = regs.gpr[rsp];
    push(old_cs, size);
    try {
      push(old_rip, size);
    } catch (const Fault&) {
      regs.gpr[rsp] = stack;
      throw;
    }
  };
  if (!is_protected()) {
    if (offset > regs[SegmentName::cs].limit)
      raise_gp();
    push_return();
    load_real_segment(SegmentName::cs, selector);
    regs.rip = offset;
    return end_far(*this, from);
  }
  if (is_null(selector))
    raise_gp();
  const Descriptor target = read_descriptor(selector, vector::gp);
  if (is_task(*this, target)) {
    switch_task(tss_of(*this, target, selector), TaskSwitch::call, std::nullopt);
  } else if (is_call_gate(*this, target)) {
    call_gate(*this, target_of_gate(*this, target, selector, true));
  } else {
    check_direct(*this, target, selector);
    check_target(*this, target.segment, offset);
    push_return();
    enter_code(*this, target, cpl(), offset);
  }
  end_far(*this, from);
}

namespace {

// Checks the code segment of a far return or IRET to privilege level RPL.
Cpu::Descriptor return_code(Cpu& cpu, std::uint16_t selector) {
  if (is_null(selector))
    raise_gp();
  const Cpu::Descriptor code = cpu.read_descriptor(selector, vector::gp);
  const Segment& segment = code.segment;
  const unsigned rpl = selector & 3;
  if (code.is_system() || !segment.is_code() || rpl < cpu.cpl() ||
      (segment.is_conforming() ? segment.dpl > rpl : segment.dpl != rpl))
    raise_gp(code_of(selector));
  if (cpu.is_long_mode_active() && segment.is_long && segment.is_32_bit)
    raise_gp(code_of(selector));
  if (!segment.present)
    raise(vector::np, code_of(selector));
  return code;
}

// Checks the stack segment of a return to privilege level `rpl`.
Segment return_stack(Cpu& cpu, std::uint16_t selector, unsigned rpl, bool to_64_bit) {
  if (is_null(selector)) {
    if (!to_64_bit || rpl == 3 || (selector & 3U) != rpl)
      raise_gp();
    Segment null;
    null.selector = selector;
    null.present = false;
    null.dpl = static_cast<std::uint8_t>(rpl);
    return null;
  }
  const Cpu::Descriptor found = cpu.read_descriptor(selector, vector::gp);
  const Segment& segment = found.segment;
  if ((selector & 3U) != rpl || found.is_system() || !segment.is_writable() || segment.dpl != rpl)
    raise_gp(code_of(selector));
  if (!segment.present)
    raise(vector::ss, code_of(selector));
  cpu.mark_accessed(found);
  return segment;
}

// Data segments that the new privilege level may not have become null.
void drop_segments(Cpu& cpu) {
  for (const SegmentName name :
       {SegmentName::es, SegmentName::ds, SegmentName::fs, SegmentName::gs}) {
    const Segment& segment = cpu.regs[name];
    if (segment.present && segment.dpl < cpu.cpl() &&
        !(segment.is_code() && segment.is_conforming())) {
      Segment null;
      null.present = false;
      cpu.set_segment(name, null);
    }
  }
}

} // namespace

void Cpu::far_return(unsigned size, unsigned bytes) {
  const std::uint64_t from = code_address(start_);
  const std::uint64_t offset = load(SegmentName::ss, stack_offset(0), size);
  const auto selector = static_cast<std::uint16_t>(load(SegmentName::ss, stack_offset(size), size));
  if (!is_protected()) {
    if (offset > regs[SegmentName::cs].limit)
      raise_gp();
    set_stack_offset(stack_offset(2 * size + bytes));
    load_real_segment(SegmentName::cs, selector);
    regs.rip = offset;
    return end_far(*this, from);
  }
  const Descriptor code = return_code(*this, selector);
  check_target(*this, code.segment, offset);
  const unsigned rpl = selector & 3;
  if (rpl == cpl()) {
    set_stack_offset(stack_offset(2 * size + bytes));
    enter_code(*this, code, rpl, offset);
    return end_far(*this, from);
  }
  const std::uint64_t new_rsp = load(SegmentName::ss, stack_offset(2 * size + bytes), size);
  const auto new_ss =
      static_cast<std::uint16_t>(load(SegmentName::ss, stack_offset(3 * size + bytes), size));
  const bool to_64_bit = is_long_mode_active() && code.segment.is_long;
  const Segment stack = return_stack(*this, new_ss, rpl, to_64_bit);
  enter_code(*this, code, rpl, offset);
  regs[SegmentName::ss] = stack;
  set_stack_offset(new_rsp);
  set_stack_offset(stack_offset(bytes));
  drop_segments(*this);
  end_far(*this, from);
}

namespace {

// What IRET may change of RFLAGS (SDM vol. 2 IRET).
void load_flags(Cpu& cpu, std::uint64_t image, unsigned size, unsigned old_cpl) {
  std::uint64_t changes = flag::status | flag::tf | flag::df | flag::nt;
  if (size >= 4)
    changes |= flag::rf | flag::ac | flag::id;
  if (old_cpl <= cpu.iopl())
    changes |= flag::if_;
  if (old_cpl == 0)
    changes |= flag::iopl | (size >= 4 ? flag::vif | flag::vip : 0);
  cpu.regs.rflags = (cpu.regs.rflags & ~changes) | (image & changes) | flag::fixed;
}

void return_to_v86(Cpu& cpu, std::uint64_t rip, std::uint16_t selector, std::uint64_t image) {
  const auto at = [&](unsigned n) { return cpu.load(SegmentName::ss, cpu.stack_offset(4 * n), 4); };
  const std::uint64_t new_rsp = at(3);
  const SegmentName order[] = {SegmentName::ss, SegmentName::es, SegmentName::ds, SegmentName::fs,
                               SegmentName::gs};
  std::uint16_t selectors[5];
  for (unsigned n = 0; n < 5; ++n)
    selectors[n] = static_cast<std::uint16_t>(at(4 + n));
  cpu.regs.rflags =
      (image & (flag::status | flag::tf | flag::if_ | flag::df | flag::iopl | flag::nt | flag::rf |
                flag::vm | flag::ac | flag::vif | flag::vip | flag::id)) |
      flag::fixed;
  cpu.set_cpl(3);
  cpu.update_mode();
  cpu.load_real_segment(SegmentName::cs, selector);
  for (unsigned n = 0; n < 5; ++n)
    cpu.load_real_segment(order[n], selectors[n]);
  cpu.regs.gpr[rsp] = new_rsp;
  cpu.regs.rip = rip & mask_of(2);
}

void return_in_real_mode(Cpu& cpu, unsigned size) {
  const std::uint64_t rip = cpu.load(SegmentName::ss, cpu.stack_offset(0), size);
  const auto selector =
      static_cast<std::uint16_t>(cpu.load(SegmentName::ss, cpu.stack_offset(size), size));
  const std::uint64_t image = cpu.load(SegmentName::ss, cpu.stack_offset(2 * size), size);
  if (rip > cpu.regs[SegmentName::cs].limit)
    raise_gp();
  cpu.set_stack_offset(cpu.stack_offset(3 * size));
  const bool v86 = cpu.mode() == Mode::v86;
  std::uint64_t changes = flag::status | flag::tf | flag::if_ | flag::df | flag::nt;
  if (!v86)
    changes |= flag::iopl;
  if (size == 4)
    changes |= flag::rf | flag::ac | flag::id;
  cpu.regs.rflags = (cpu.regs.rflags & ~changes) | (image & changes) | flag::fixed;
  cpu.load_real_segment(SegmentName::cs, selector);
  cpu.regs.rip = rip;
}

// Virtual-8086 extensions: with IOPL below 3 the 16-bit IRET sets VIF in place of IF.
void return_in_v86(Cpu& cpu, unsigned size) {
  if (cpu.iopl() == 3)
    return return_in_real_mode(cpu, size);
  if ((cpu.regs.cr4 & cr4::vme) == 0 || size != 2)
    raise_gp();
  const std::uint64_t image = cpu.load(SegmentName::ss, cpu.stack_offset(4), 2);
  if ((image & flag::tf) != 0 || ((image & flag::if_) != 0 && cpu.flag(flag::vip)))
    raise_gp();
  const bool interrupts = cpu.flag(flag::if_);
  return_in_real_mode(cpu, 2);
  cpu.set_flag(flag::if_, interrupts);
  cpu.set_flag(flag::vif, (image & flag::if_) != 0);
}

} // namespace

void Cpu::return_from_interrupt(const Instruction& i) {
  const std::uint64_t from = code_address(start_);
  const unsigned size = i.operand_size;
  nmi_blocked_ = false;
  if (mode() == Mode::real)
    return return_in_real_mode(*this, size), end_far(*this, from);
  if (mode() == Mode::v86)
    return return_in_v86(*this, size), end_far(*this, from);
  if (flag(flag::nt)) {
    if (is_long_mode_active())
      raise_gp();
    const auto link = static_cast<std::uint16_t>(load_system(regs.tr.base, 2));
    if ((link & 4) != 0)
      raise(vector::ts, code_of(link));
    const Descriptor tss = read_descriptor(link, vector::ts);
    if (!tss.is_system() || (tss.type() & ~8U) != 3)
      raise(vector::ts, code_of(link));
    if (!tss.present())
      raise(vector::np, code_of(link));
    switch_task(tss, TaskSwitch::iret, std::nullopt);
    return end_far(*this, from);
  }
  const auto at = [&](unsigned n) {
    return load(SegmentName::ss, stack_offset(static_cast<std::int64_t>(n) * size), size);
  };
  const std::uint64_t rip = at(0);
  const auto selector = static_cast<std::uint16_t>(at(1));
  const std::uint64_t image = at(2);
  if (!is_long_mode_active() && size == 4 && (image & flag::vm) != 0 && cpl() == 0)
    return return_to_v86(*this, rip, selector, image), end_far(*this, from);

  const Descriptor code = return_code(*this, selector);
  const unsigned rpl = selector & 3;
  const unsigned old_cpl = cpl();
  const bool to_64_bit = is_long_mode_active() && code.segment.is_long;
  if (rpl == old_cpl && !is_64_bit()) {
    check_target(*this, code.segment, rip);
    set_stack_offset(stack_offset(3 * static_cast<std::int64_t>(size)));
    load_flags(*this, image, size, old_cpl);
    enter_code(*this, code, rpl, rip);
    return end_far(*this, from);
  }
  const std::uint64_t new_rsp = at(3);
  const auto new_ss = static_cast<std::uint16_t>(at(4));
  const Segment stack = return_stack(*this, new_ss, rpl, to_64_bit);
  check_target(*this, code.segment, rip);
  load_flags(*this, image, size, old_cpl);
  enter_code(*this, code, rpl, rip);
  regs[SegmentName::ss] = stack;
  set_stack_offset(new_rsp);
  if (rpl > old_cpl)
    drop_segments(*this);
  end_far(*this, from);
}

namespace {

struct FarPointer {
  std::uint16_t selector;
  std::uint64_t offset;
};

FarPointer far_pointer(Cpu& cpu, const Instruction& i) {
  if (i.operands[0].kind == OperandKind::immediate)
    return {i.selector, i.immediate};
  const std::uint64_t at = cpu.effective_address(i);
  const std::uint64_t offset = cpu.load(i.memory.segment, at, i.operand_size);
  const std::uint64_t selector =
      cpu.load(i.memory.segment, (at + i.operand_size) & mask_of(i.address_size), 2);
  return {static_cast<std::uint16_t>(selector), offset};
}

void jmp_far(Cpu& cpu, const Instruction& i) {
  const FarPointer to = far_pointer(cpu, i);
  cpu.far_jump(to.selector, to.offset, i.operand_size);
}

void call_far(Cpu& cpu, const Instruction& i) {
  const FarPointer to = far_pointer(cpu, i);
  cpu.far_call(to.selector, to.offset, i.operand_size);
}

void ret_far(Cpu& cpu, const Instruction& i) {
  const bool has_count = i.operands[0].kind == OperandKind::immediate;
  cpu.far_return(i.operand_size, has_count ? static_cast<unsigned>(i.immediate & 0xFFFF) : 0);
}

void iret(Cpu& cpu, const Instruction& i) { cpu.return_from_interrupt(i); }

// INT n of virtual-8086 mode: #GP by IOPL, or with CR4.VME by the redirection bitmap in the TSS.
bool redirected_to_v86_handler(Cpu& cpu, std::uint8_t vector) {
  if ((cpu.regs.cr4 & cr4::vme) == 0)
    return false;
  const std::uint64_t base = cpu.load_system(cpu.regs.tr.base + 102, 2);
  const std::uint64_t byte = base - 32 + vector / 8U;
  if (base < 32 || byte > cpu.regs.tr.limit)
    raise_gp();
  return (cpu.load_system(cpu.regs.tr.base + byte, 1) >> (vector % 8U) & 1) == 0;
}

void enter_v86_handler(Cpu& cpu, std::uint8_t vector) {
  const std::uint64_t entry = cpu.load_system(vector * 4U, 4);
  std::uint64_t image = cpu.regs.rflags;
  const bool virtual_if = cpu.iopl() < 3;
  if (virtual_if)
    image = (image & ~flag::if_) | flag::iopl | (cpu.flag(flag::vif) ? flag::if_ : 0);
  const std::uint64_t stack = cpu.regs.gpr[rsp];
  try {
    cpu.push(image, 2);
    cpu.push(cpu.regs[SegmentName::cs].selector, 2);
    cpu.push(cpu.regs.rip, 2);
  } catch (const Fault&) {
    cpu.regs.gpr[rsp] = stack;
    throw;
  }
  cpu.regs.rflags &= ~(flag::tf | flag::rf | flag::nt | (virtual_if ? flag::vif : flag::if_));
  cpu.load_real_segment(SegmentName::cs, static_cast<std::uint16_t>(entry >> 16));
  cpu.regs.rip = entry & mask_of(2);
}

void software_interrupt(Cpu& cpu, std::uint8_t vector, bool checks_iopl) {
  cpu.set_ending(Ending::interrupt_entry);
  if (cpu.mode() == Mode::v86 && checks_iopl) {
    if (redirected_to_v86_handler(cpu, vector))
      return enter_v86_handler(cpu, vector);
    if (cpu.iopl() < 3)
      raise_gp();
  }
  cpu.deliver({vector, EventKind::software, std::nullopt, cpu.regs.rip, false});
}

void int_n(Cpu& cpu, const Instruction& i) {
  software_interrupt(cpu, static_cast<std::uint8_t>(i.immediate), true);
}
void int3(Cpu& cpu, const Instruction&) { software_interrupt(cpu, vector::bp, false); }
void into(Cpu& cpu, const Instruction&) {
  if (cpu.flag(flag::of))
    software_interrupt(cpu, vector::of, false);
}

std::uint64_t msr_of(Cpu& cpu, std::uint32_t index) { return cpu.debug().peek(index).value_or(0); }

void enter_flat(Cpu& cpu, std::uint16_t cs, std::uint16_t ss, unsigned level, bool is_long,
                std::uint64_t rip) {
  cpu.set_cpl(level);
  cpu.regs[SegmentName::ss] = flat(ss, level, false, false);
  cpu.set_segment(SegmentName::cs, flat(cs, level, true, is_long));
  cpu.set_cpl(level);
  cpu.regs.rip = rip;
}

void syscall(Cpu& cpu, const Instruction&) {
  const bool legacy = !cpu.is_64_bit();
  if (!cpu.has(Feature::syscall) || (cpu.efer() & 1) == 0 || (legacy && !cpu.is_amd()))
    raise_ud();
  if (!cpu.is_protected())
    raise_ud();
  const std::uint64_t from = cpu.code_address(cpu.start());
  const std::uint64_t star = msr_of(cpu, msr::star);
  const auto cs = static_cast<std::uint16_t>(star >> 32 & 0xFFFC);
  const auto ss = static_cast<std::uint16_t>(cs + 8);
  cpu.regs.gpr[rcx] = legacy ? cpu.regs.rip & mask_of(4) : cpu.regs.rip;
  if (cpu.is_long_mode_active()) {
    cpu.regs.gpr[r11] = cpu.regs.rflags & ~flag::rf;
    const std::uint64_t target = msr_of(cpu, legacy ? msr::cstar : msr::lstar);
    cpu.regs.rflags &= ~(msr_of(cpu, msr::fmask) | flag::rf);
    cpu.regs.rflags |= flag::fixed;
    enter_flat(cpu, cs, ss, 0, true, target);
  } else {
    cpu.regs.rflags &= ~(flag::vm | flag::if_ | flag::rf);
    enter_flat(cpu, cs, ss, 0, false, star & mask_of(4));
  }
  end_far(cpu, from);
  cpu.set_ending(Ending::syscall);
}

void sysret(Cpu& cpu, const Instruction& i) {
  if (!cpu.has(Feature::syscall) || (cpu.efer() & 1) == 0 || (!cpu.is_64_bit() && !cpu.is_amd()))
    raise_ud();
  if (!cpu.is_protected())
    raise_ud();
  if (cpu.cpl() != 0)
    raise_gp();
  const bool to_64_bit = i.operand_size == 8;
  const std::uint64_t target = cpu.regs.gpr[rcx];
  if (to_64_bit && !cpu.is_canonical(target) && !cpu.is_amd())
    raise_gp();
  const std::uint64_t from = cpu.code_address(cpu.start());
  const std::uint64_t star = msr_of(cpu, msr::star);
  const auto base = static_cast<std::uint16_t>(star >> 48);
  const auto cs = static_cast<std::uint16_t>((base + (to_64_bit ? 16 : 0)) | 3);
  const auto ss = static_cast<std::uint16_t>((base + 8) | 3);
  if (cpu.is_long_mode_active()) {
    const std::uint64_t keeps = flag::rf | flag::vm;
    cpu.regs.rflags = (cpu.regs.gpr[r11] & 0x3F7FD7 & ~keeps) | flag::fixed;
  } else {
    cpu.set_flag(flag::if_, true);
  }
  enter_flat(cpu, cs, ss, 3, to_64_bit, to_64_bit ? target : target & mask_of(4));
  end_far(cpu, from);
  cpu.set_ending(Ending::syscall);
}

void sysenter(Cpu& cpu, const Instruction&) {
  if (!cpu.has(Feature::sep) || (cpu.is_amd() && cpu.is_long_mode_active()))
    raise_ud();
  const std::uint64_t selector = msr_of(cpu, msr::sysenter_cs);
  if (cpu.mode() == Mode::real || (selector & 0xFFFC) == 0)
    raise_gp();
  const std::uint64_t from = cpu.code_address(cpu.start());
  const bool long_mode = cpu.is_long_mode_active();
  const auto cs = static_cast<std::uint16_t>(selector & 0xFFFC);
  const std::uint64_t width = long_mode ? mask_of(8) : mask_of(4);
  cpu.regs.rflags &= ~(flag::vm | flag::if_ | flag::rf);
  cpu.regs.gpr[rsp] = msr_of(cpu, msr::sysenter_esp) & width;
  enter_flat(cpu, cs, static_cast<std::uint16_t>(cs + 8), 0, long_mode,
             msr_of(cpu, msr::sysenter_eip) & width);
  end_far(cpu, from);
  cpu.set_ending(Ending::syscall);
}

void sysexit(Cpu& cpu, const Instruction& i) {
  if (!cpu.has(Feature::sep) || (cpu.is_amd() && cpu.is_long_mode_active()))
    raise_ud();
  const std::uint64_t selector = msr_of(cpu, msr::sysenter_cs);
  if (cpu.mode() == Mode::real || (selector & 0xFFFC) == 0 || cpu.cpl() != 0)
    raise_gp();
  const bool to_64_bit = i.operand_size == 8;
  const std::uint64_t target = cpu.regs.gpr[rdx], stack = cpu.regs.gpr[rcx];
  if (to_64_bit && (!cpu.is_canonical(target) || !cpu.is_canonical(stack)))
    raise_gp();
  const std::uint64_t from = cpu.code_address(cpu.start());
  const auto cs = static_cast<std::uint16_t>((selector + (to_64_bit ? 32 : 16)) | 3);
  const std::uint64_t width = to_64_bit ? mask_of(8) : mask_of(4);
  cpu.regs.gpr[rsp] = stack & width;
  enter_flat(cpu, cs, static_cast<std::uint16_t>(cs + 8), 3, to_64_bit, target & width);
  end_far(cpu, from);
  cpu.set_ending(Ending::syscall);
}

constexpr HandlerRow rows[] = {
    {ZYDIS_MNEMONIC_IRET, iret},         {ZYDIS_MNEMONIC_IRETD, iret},
    {ZYDIS_MNEMONIC_IRETQ, iret},        {ZYDIS_MNEMONIC_INT, int_n},
    {ZYDIS_MNEMONIC_INT3, int3},         {ZYDIS_MNEMONIC_INTO, into},
    {ZYDIS_MNEMONIC_SYSCALL, syscall},   {ZYDIS_MNEMONIC_SYSRET, sysret},
    {ZYDIS_MNEMONIC_SYSENTER, sysenter}, {ZYDIS_MNEMONIC_SYSEXIT, sysexit},
};

} // namespace

const Table<HandlerRow> far_transfer_handlers{rows, std::size(rows)};
const FarBranches far_branches{jmp_far, call_far, ret_far};

} // namespace icebp::vp
