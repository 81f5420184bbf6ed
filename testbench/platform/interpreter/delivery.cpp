// Delivery of exceptions and interrupts (SDM vol. 3 6.12, 6.14, 20.1.4, 20.3).
#include <icebp/model/rules/exception_class.h>
#include <icebp/testbench/platform/interpreter/cpu.h>

#include <cstdio>

namespace icebp::vp {
namespace {

constexpr std::uint32_t code_of(std::uint16_t selector) { return selector & ~3U; }

// Offset, selector and attributes of a gate; in long mode it has 16 bytes.
struct Gate {
  std::uint64_t offset;
  std::uint16_t selector;
  unsigned ist, type, dpl;
  bool is_system, present;
};
constexpr Gate gate_of(std::uint64_t low, std::uint64_t high) {
  return {(low & 0xFFFF) | (low >> 32 & 0xFFFF0000) | high << 32,
          static_cast<std::uint16_t>(low >> 16),
          static_cast<unsigned>(low >> 32 & 7),
          static_cast<unsigned>(low >> 40 & 0xF),
          static_cast<unsigned>(low >> 45 & 3),
          (low >> 44 & 1) == 0,
          (low >> 47 & 1) != 0};
}
constexpr unsigned task_gate = 5, gate_16 = 6, gate_32 = 0xE;
constexpr bool is_interrupt_gate(unsigned type) { return (type & 1) == 0; } // else a trap gate

std::uint64_t flags_image(const Cpu& cpu, const Event& event) {
  const std::uint64_t flags = cpu.regs.rflags & ~flag::rf;
  return event.rf ? flags | flag::rf : flags;
}

std::string name_of_event(const Event& event) {
  char text[64];
  std::snprintf(text, sizeof text, "vector %u at RIP %llx", event.vector,
                static_cast<unsigned long long>(event.rip));
  return text;
}

} // namespace

Cpu::Stack Cpu::stack_of_tss(unsigned level, std::uint32_t ext) {
  const bool wide = (regs.tr.type & 8) != 0;
  const std::uint32_t offset = wide ? 4 + 8 * level : 2 + 4 * level;
  const unsigned size = wide ? 4 : 2;
  if (offset + size + 1 > regs.tr.limit)
    raise(vector::ts, code_of(regs.tr.selector) | ext);
  return {static_cast<std::uint16_t>(load_system(regs.tr.base + offset + size, 2)),
          load_system(regs.tr.base + offset, size)};
}

std::uint64_t Cpu::rsp_of_tss(unsigned level, unsigned ist, std::uint32_t ext) {
  const std::uint32_t offset = ist != 0 ? 36 + 8 * (ist - 1) : 4 + 8 * level;
  if (offset + 7 > regs.tr.limit)
    raise(vector::ts, code_of(regs.tr.selector) | ext);
  const std::uint64_t pointer = load_system(regs.tr.base + offset, 8);
  if (!is_canonical(pointer))
    raise(vector::ss, ext);
  return pointer;
}

void Cpu::enter_real(const Event& event) {
  const std::uint32_t offset = event.vector * 4U;
  if (offset + 3 > regs.idtr.limit)
    raise(vector::gp, 0);
  const std::uint64_t entry = load_system(regs.idtr.base + offset, 4);
  push(flags_image(*this, event), 2);
  push(regs[SegmentName::cs].selector, 2);
  push(event.rip, 2);
  regs.rflags &= ~(flag::if_ | flag::tf | flag::ac | flag::rf);
  load_real_segment(SegmentName::cs, static_cast<std::uint16_t>(entry >> 16));
  regs.rip = entry & mask_of(2);
}

void Cpu::enter_protected(const Event& event, std::uint32_t ext) {
  const std::uint32_t idt_code = event.vector * 8U + 2;
  if (event.vector * 8U + 7 > regs.idtr.limit)
    raise_gp(idt_code | ext);
  const Gate gate = gate_of(load_system(regs.idtr.base + event.vector * 8U, 8), 0);
  const unsigned wide = gate.type & ~1U;
  if (!gate.is_system || (gate.type != task_gate && wide != gate_16 && wide != gate_32))
    raise_gp(idt_code | ext);
  if (event.kind == EventKind::software && gate.dpl < cpl())
    raise_gp(idt_code);
  if (!gate.present)
    raise(vector::np, idt_code | ext);
  if (gate.type == task_gate) {
    const std::uint32_t code = code_of(gate.selector) | ext;
    if ((gate.selector & 4) != 0)
      raise_gp(code);
    const Descriptor tss = read_descriptor(gate.selector, vector::gp, ext);
    if (!tss.is_system() || (tss.type() & ~8U) != 1)
      raise_gp(code);
    if (!tss.present())
      raise(vector::np, code);
    regs.rip = event.rip;
    set_flag(flag::rf, event.rf);
    return switch_task(tss, TaskSwitch::gate, event.error_code);
  }

  if (code_of(gate.selector) == 0)
    raise_gp(ext);
  const Descriptor target = read_descriptor(gate.selector, vector::gp, ext);
  const std::uint32_t code = code_of(gate.selector) | ext;
  if (target.is_system() || !target.segment.is_code() || target.dpl() > cpl())
    raise_gp(code);
  if (!target.present())
    raise(vector::np, code);
  const unsigned level = target.segment.is_conforming() ? cpl() : target.dpl();
  const bool from_v86 = mode() == Mode::v86;
  if (from_v86 && level != 0)
    raise_gp(code);

  const unsigned size = wide == gate_32 ? 4 : 2;
  const Registers old = regs;
  const bool inner = level < cpl();
  std::uint32_t stack_code = ext;
  if (inner) {
    const Stack stack = stack_of_tss(level, ext);
    const Segment ss = checked_stack_segment(stack.selector, level, vector::ts, ext);
    stack_code = code_of(stack.selector) | ext;
    regs.rflags &= ~flag::vm;
    set_cpl(level);
    regs[SegmentName::ss] = ss;
    context_.mode = Mode::protected_mode;
    set_stack_offset(stack.pointer);
  }
  try {
    if (from_v86)
      for (const SegmentName name :
           {SegmentName::gs, SegmentName::fs, SegmentName::ds, SegmentName::es})
        push(old[name].selector, size);
    if (inner) {
      push(old[SegmentName::ss].selector, size);
      push(old.gpr[rsp], size);
    }
    push((old.rflags & ~flag::rf) | (event.rf ? flag::rf : 0), size);
    push(old[SegmentName::cs].selector, size);
    push(event.rip, size);
    if (event.error_code)
      push(*event.error_code, size);
  } catch (const Fault& fault) {
    if (fault.vector == vector::ss)
      raise(vector::ss, stack_code);
    throw;
  }
  if (from_v86)
    for (const SegmentName name :
         {SegmentName::gs, SegmentName::fs, SegmentName::ds, SegmentName::es}) {
      Segment null;
      null.present = false;
      set_segment(name, null);
    }
  if ((gate.offset & mask_of(size)) > target.segment.limit)
    raise_gp(ext);
  mark_accessed(target);
  Segment cs = target.segment;
  cs.selector = static_cast<std::uint16_t>((gate.selector & ~3U) | level);
  regs.rflags &= ~(flag::tf | flag::nt | flag::rf | flag::vm);
  if (is_interrupt_gate(gate.type))
    regs.rflags &= ~flag::if_;
  set_cpl(level);
  set_segment(SegmentName::cs, cs);
  regs.rip = gate.offset & mask_of(size);
}

void Cpu::enter_long(const Event& event, std::uint32_t ext) {
  const std::uint32_t idt_code = event.vector * 8U + 2;
  if (event.vector * 16U + 15 > regs.idtr.limit)
    raise_gp(idt_code | ext);
  const std::uint64_t at = regs.idtr.base + event.vector * 16U;
  const std::uint64_t low = load_system(at, 8);
  const Gate gate = gate_of(low, load_system(at + 8, 8));
  if (!gate.is_system || (gate.type & ~1U) != gate_32)
    raise_gp(idt_code | ext);
  if (event.kind == EventKind::software && gate.dpl < cpl())
    raise_gp(idt_code);
  if (!gate.present)
    raise(vector::np, idt_code | ext);
  if (code_of(gate.selector) == 0)
    raise_gp(ext);
  const Descriptor target = read_descriptor(gate.selector, vector::gp, ext);
  const std::uint32_t code = code_of(gate.selector) | ext;
  if (target.is_system() || !target.segment.is_code() || target.dpl() > cpl() ||
      !target.segment.is_long || target.segment.is_32_bit)
    raise_gp(code);
  if (!target.present())
    raise(vector::np, code);
  const unsigned level = target.segment.is_conforming() ? cpl() : target.dpl();
  const Registers old = regs;
  const bool inner = level < cpl();
  std::uint64_t stack = regs.gpr[rsp];
  if (inner || gate.ist != 0)
    stack = rsp_of_tss(level, gate.ist, ext);
  if (!is_canonical(gate.offset))
    raise_gp(ext);

  Segment cs = target.segment;
  cs.selector = static_cast<std::uint16_t>((gate.selector & ~3U) | level);
  set_cpl(level);
  set_segment(SegmentName::cs, cs);
  regs.gpr[rsp] = stack & ~std::uint64_t{0xF};
  try {
    push(old[SegmentName::ss].selector, 8);
    push(old.gpr[rsp], 8);
    push((old.rflags & ~flag::rf) | (event.rf ? flag::rf : 0), 8);
    push(old[SegmentName::cs].selector, 8);
    push(event.rip, 8);
    if (event.error_code)
      push(*event.error_code, 8);
  } catch (const Fault& fault) {
    if (fault.vector == vector::ss)
      raise(vector::ss, ext);
    throw;
  }
  mark_accessed(target);
  if (inner) {
    Segment null;
    null.present = false;
    null.selector = static_cast<std::uint16_t>(level);
    null.dpl = static_cast<std::uint8_t>(level);
    regs[SegmentName::ss] = null;
  }
  regs.rflags &= ~(flag::tf | flag::nt | flag::rf | flag::vm);
  if (is_interrupt_gate(gate.type))
    regs.rflags &= ~flag::if_;
  regs.rip = gate.offset;
}

void Cpu::enter(const Event& event, std::uint32_t ext) {
  if (mode() == Mode::real)
    enter_real(event);
  else if (is_long_mode_active())
    enter_long(event, ext);
  else
    enter_protected(event, ext);
}

// Delivers `event`, or what comes of a fault on the way.
void Cpu::deliver(Event event) {
  const Registers before = regs;
  const CoreContext before_context = context_;
  task_switched_ = false;
  const std::uint64_t from = code_address(event.rip);
  for (;;) {
    try {
      enter(event, event.kind == EventKind::software ? 0 : 1);
      update_mode();
      activity_ = Activity::active;
      record_branch(Branch::exception, from, code_address(regs.rip));
      event.rflags = before.rflags;
      if (on_delivered)
        on_delivered(*this, event);
      return;
    } catch (const Fault& fault) {
      if (task_switched_) { // the fault is the new task's
        event.rip = regs.rip;
      } else {
        regs = before;
        context_ = before_context;
        update_mode();
      }
      if (event.kind == EventKind::software)
        throw; // a fault of the INT n
      const Escalation comes_to = event.kind == EventKind::external
                                      ? Escalation::serial
                                      : escalation(event.vector, fault.vector);
      if (fault.vector == vector::pf) {
        Request request = request_at(Operation::page_fault, fault.address);
        request.error_code = static_cast<std::uint16_t>(fault.error_code.value_or(0));
        put(request); // CR2
      }
      const std::uint64_t rip = event.rip;
      switch (comes_to) {
      case Escalation::serial:
        event = {fault.vector, EventKind::exception, fault.error_code, rip, true};
        break;
      case Escalation::double_fault:
        event = {vector::df, EventKind::exception, 0, rip, event.rf};
        break;
      case Escalation::shutdown:
        return shut_down("a triple fault: " + name_of_event(event));
      }
    }
  }
}

} // namespace icebp::vp
