// Task switches (SDM vol. 3 8.3).
#include <icebp/testbench/platform/interpreter/cpu.h>

namespace icebp::vp {
namespace {

constexpr std::uint32_t code_of(std::uint16_t selector) { return selector & ~3U; }

// Where a TSS has what (SDM vol. 3 figures 8-2, 8-10).
struct Layout {
  unsigned size;  // of a register, bytes
  unsigned limit; // the least
  unsigned rip, flags, gpr, segments, segment_count, segment_step, ldt;
};
constexpr Layout tss_32{4, 0x67, 0x20, 0x24, 0x28, 0x48, 6, 4, 0x60};
constexpr Layout tss_16{2, 0x2B, 0x0E, 0x10, 0x12, 0x22, 4, 2, 0x2A};
constexpr unsigned cr3_offset = 0x1C, t_bit_offset = 0x64;

constexpr const Layout& layout_of(unsigned type) { return (type & 8) != 0 ? tss_32 : tss_16; }

} // namespace

void Cpu::switch_task(const Descriptor& tss, TaskSwitch kind,
                      std::optional<std::uint32_t> error_code) {
  const Layout& to = layout_of(tss.type());
  const Layout& from = layout_of(regs.tr.type);
  const std::uint16_t selector = tss.segment.selector;
  const std::uint16_t old_task = regs.tr.selector;
  if (tss.segment.limit < to.limit)
    raise(vector::ts, code_of(selector));
  const bool nests = kind == TaskSwitch::call || kind == TaskSwitch::gate;

  // Everything that is going to be written can be.
  check_write_system(regs.tr.base + from.rip, from.segments + 4 * from.segment_count - from.rip);
  if (nests)
    check_write_system(tss.segment.base, 2);
  std::uint64_t flags = load_system(tss.segment.base + to.flags, to.size);
  const std::uint64_t rip = load_system(tss.segment.base + to.rip, to.size);
  std::array<std::uint64_t, 8> gpr{};
  for (unsigned n = 0; n < 8; ++n)
    gpr[n] = load_system(tss.segment.base + to.gpr + n * to.size, to.size);
  std::array<std::uint16_t, 6> selectors{};
  for (unsigned n = 0; n < to.segment_count; ++n)
    selectors[n] = static_cast<std::uint16_t>(
        load_system(tss.segment.base + to.segments + n * to.segment_step, 2));
  const auto ldt = static_cast<std::uint16_t>(load_system(tss.segment.base + to.ldt, 2));
  const bool has_cr3 = to.size == 4 && (regs.cr0 & cr0::pg) != 0;
  const std::uint64_t new_cr3 = has_cr3 ? load_system(tss.segment.base + cr3_offset, 4) : regs.cr3;
  const bool t_bit = to.size == 4 && (load_system(tss.segment.base + t_bit_offset, 2) & 1) != 0;

  const auto set_busy = [&](std::uint16_t task, bool busy) {
    const std::uint64_t at = regs.gdtr.base + (task & ~7U) + 5;
    const std::uint64_t access = load_system(at, 1);
    store_system(at, 1, busy ? access | 2 : access & ~std::uint64_t{2});
  };
  if (!nests)
    set_busy(old_task, false);
  std::uint64_t image = regs.rflags;
  if (kind == TaskSwitch::iret)
    image &= ~flag::nt;
  const std::uint64_t old_base = regs.tr.base;
  store_system(old_base + from.rip, from.size, regs.rip);
  store_system(old_base + from.flags, from.size, image);
  for (unsigned n = 0; n < 8; ++n)
    store_system(old_base + from.gpr + n * from.size, from.size, regs.gpr[n]);
  for (unsigned n = 0; n < from.segment_count; ++n)
    store_system(old_base + from.segments + n * from.segment_step, 2, regs.segment[n].selector);
  if (nests) {
    store_system(tss.segment.base, 2, old_task);
    flags |= flag::nt;
  }
  if (kind != TaskSwitch::iret)
    set_busy(selector, true);

  // From here on faults are the new task's.
  regs.tr = tss.segment;
  regs.tr.type |= 2;
  regs.cr0 |= cr0::ts;
  if (new_cr3 != regs.cr3) {
    regs.cr3 = new_cr3;
    paging_.controls.cr3 = new_cr3;
    if (paging_.controls.pae())
      paging_.load_pdptes();
    paging_.flush_non_global();
    forget_translations();
  }
  constexpr std::uint64_t known = flag::status | flag::tf | flag::if_ | flag::df | flag::iopl |
                                  flag::nt | flag::rf | flag::vm | flag::ac | flag::vif |
                                  flag::vip | flag::id;
  regs.rflags = (flags & known) | flag::fixed;
  regs.rip = rip;
  for (unsigned n = 0; n < 8; ++n)
    regs.gpr[n] = to.size == 4 ? gpr[n] : (regs.gpr[n] & 0xFFFF0000) | gpr[n];
  start_ = rip;
  task_switched_ = true;

  Request request = request_at(Operation::task_switch, code_address(rip));
  request.t_bit = t_bit;
  put(request);
  forget_translations(); // L0 to L3 are cleared

  for (unsigned n = 0; n < 6; ++n) {
    Segment null;
    null.selector = selectors[n];
    null.present = false;
    regs.segment[n] = null;
  }
  regs.ldtr.selector = ldt;
  regs.ldtr.present = false;
  if ((ldt & 4) != 0)
    raise(vector::ts, code_of(ldt));
  if (code_of(ldt) != 0) {
    const Descriptor table = read_descriptor(ldt, vector::ts);
    if (!table.is_system() || table.type() != 2 || !table.present())
      raise(vector::ts, code_of(ldt));
    regs.ldtr = table.segment;
  }

  if (flag(flag::vm)) {
    set_cpl(3);
    update_mode();
    for (unsigned n = 0; n < 6; ++n)
      load_real_segment(static_cast<SegmentName>(n), selectors[n]);
  } else {
    const std::uint16_t cs = selectors[static_cast<std::size_t>(SegmentName::cs)];
    const unsigned level = cs & 3;
    if (code_of(cs) == 0)
      raise(vector::ts, 0);
    const Descriptor code = read_descriptor(cs, vector::ts);
    if (code.is_system() || !code.segment.is_code() ||
        (code.segment.is_conforming() ? code.dpl() > level : code.dpl() != level))
      raise(vector::ts, code_of(cs));
    if (!code.present())
      raise(vector::np, code_of(cs));
    set_cpl(level);
    mark_accessed(code);
    regs[SegmentName::ss] = checked_stack_segment(
        selectors[static_cast<std::size_t>(SegmentName::ss)], level, vector::ts);
    set_segment(SegmentName::cs, code.segment);
    set_cpl(level);
    for (const SegmentName name :
         {SegmentName::es, SegmentName::ds, SegmentName::fs, SegmentName::gs}) {
      try {
        load_segment(name, selectors[static_cast<std::size_t>(name)]);
      } catch (const Fault& fault) {
        if (fault.vector == vector::gp)
          raise(vector::ts, fault.error_code.value_or(0));
        throw;
      }
    }
  }
  if (error_code)
    push(*error_code, to.size);
  if (rip > regs[SegmentName::cs].limit)
    raise_gp();
}

} // namespace icebp::vp
