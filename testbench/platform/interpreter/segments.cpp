// Segment registers and their descriptors (SDM vol. 3 3.4, 5.6).
#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/handlers.h>

namespace icebp::vp {
namespace {

constexpr std::uint32_t fs_base_msr = 0xC0000100;
constexpr std::uint32_t gs_base_msr = 0xC0000101;

constexpr bool is_null(std::uint16_t selector) { return (selector & ~3U) == 0; }
constexpr std::uint32_t code_of(std::uint16_t selector) { return selector & ~3U; }

// Types of system descriptors with 16 bytes in long mode: LDT, TSS, call gate.
constexpr bool is_wide(unsigned type) { return type == 2 || type == 9 || type == 11 || type == 12; }

Segment segment_of(std::uint64_t raw, std::uint16_t selector) {
  Segment segment;
  segment.selector = selector;
  segment.type = raw >> 40 & 0xF;
  segment.is_code_or_data = (raw >> 44 & 1) != 0;
  segment.dpl = raw >> 45 & 3;
  segment.present = (raw >> 47 & 1) != 0;
  segment.is_long = (raw >> 53 & 1) != 0;
  segment.is_32_bit = (raw >> 54 & 1) != 0;
  segment.base = (raw >> 16 & 0xFFFFFF) | (raw >> 56 & 0xFF) << 24;
  const auto limit = static_cast<std::uint32_t>((raw & 0xFFFF) | (raw >> 32 & 0xF0000));
  segment.limit = (raw >> 55 & 1) != 0 ? limit << 12 | 0xFFF : limit;
  return segment;
}

} // namespace

std::optional<Cpu::Descriptor> Cpu::find_descriptor(std::uint16_t selector) {
  const bool local = (selector & 4) != 0;
  const std::uint64_t base = local ? regs.ldtr.base : regs.gdtr.base;
  const std::uint32_t limit = local ? regs.ldtr.limit : regs.gdtr.limit;
  const std::uint32_t offset = selector & ~7U;
  if ((local && !regs.ldtr.present) || offset + 7 > limit)
    return std::nullopt;
  Descriptor descriptor;
  descriptor.address = base + offset;
  if (!is_long_mode_active())
    descriptor.address &= mask_of(4);
  descriptor.raw = load_system(descriptor.address, 8);
  descriptor.segment = segment_of(descriptor.raw, selector);
  if (is_long_mode_active() && descriptor.is_system() && is_wide(descriptor.type())) {
    if (offset + 15 > limit)
      return std::nullopt;
    descriptor.high = load_system(descriptor.address + 8, 8);
    descriptor.segment.base |= descriptor.high << 32;
  }
  return descriptor;
}

Cpu::Descriptor Cpu::read_descriptor(std::uint16_t selector, std::uint8_t vector,
                                     std::uint32_t ext) {
  const std::optional<Descriptor> found = find_descriptor(selector);
  if (!found)
    raise(vector, code_of(selector) | ext);
  return *found;
}

void Cpu::mark_accessed(const Descriptor& descriptor) {
  if (descriptor.is_system() || (descriptor.raw >> 40 & 1) != 0)
    return;
  store_system(descriptor.address + 5, 1, (descriptor.raw >> 40 & 0xFF) | 1);
}

void Cpu::set_segment(SegmentName name, const Segment& segment) {
  regs[name] = segment;
  if (name == SegmentName::fs)
    debug_.poke(fs_base_msr, segment.base);
  else if (name == SegmentName::gs)
    debug_.poke(gs_base_msr, segment.base);
  else if (name == SegmentName::cs)
    update_mode();
}

void Cpu::load_real_segment(SegmentName name, std::uint16_t selector) {
  Segment segment = regs[name];
  if (mode() == Mode::v86) {
    segment = Segment{};
    segment.dpl = 3;
  }
  segment.selector = selector;
  segment.base = static_cast<std::uint64_t>(selector) << 4;
  segment.present = true;
  segment.is_code_or_data = true;
  set_segment(name, segment);
}

void Cpu::load_segment(SegmentName name, std::uint16_t selector) {
  if (!is_protected())
    return load_real_segment(name, selector);
  const unsigned rpl = selector & 3;
  if (is_null(selector)) {
    if (name == SegmentName::ss && !(is_64_bit() && cpl() < 3 && rpl == cpl()))
      raise_gp();
    Segment segment;
    segment.selector = selector;
    segment.present = false;
    segment.is_32_bit = name == SegmentName::ss;
    segment.dpl = static_cast<std::uint8_t>(name == SegmentName::ss ? cpl() : 0);
    if (is_amd()) // the base stays (APM vol. 2 4.5.3)
      segment.base = regs[name].base;
    return set_segment(name, segment);
  }
  const Descriptor descriptor = read_descriptor(selector, vector::gp);
  const Segment& segment = descriptor.segment;
  const std::uint32_t code = code_of(selector);
  if (descriptor.is_system())
    raise_gp(code);
  if (name == SegmentName::ss) {
    if (rpl != cpl() || segment.dpl != cpl() || !segment.is_writable())
      raise_gp(code);
    if (!segment.present)
      raise(vector::ss, code);
  } else {
    if (!segment.is_readable())
      raise_gp(code);
    if (!segment.is_conforming() && (rpl > segment.dpl || cpl() > segment.dpl))
      raise_gp(code);
    if (!segment.present)
      raise(vector::np, code);
  }
  mark_accessed(descriptor);
  set_segment(name, segment);
}

Segment Cpu::checked_stack_segment(std::uint16_t selector, unsigned level, std::uint8_t vector,
                                   std::uint32_t ext) {
  const std::uint32_t code = code_of(selector) | ext;
  if (is_null(selector))
    raise(vector, code);
  const Descriptor descriptor = read_descriptor(selector, vector, ext);
  const Segment& segment = descriptor.segment;
  if (descriptor.is_system() || (selector & 3U) != level || segment.dpl != level ||
      !segment.is_writable())
    raise(vector, code);
  if (!segment.present)
    raise(vector::ss, code);
  mark_accessed(descriptor);
  return segment;
}

namespace {

SegmentName name_of_operand(const Operand& operand) {
  return static_cast<SegmentName>(operand.reg);
}

void mov_segment(Cpu& cpu, const Instruction& i) {
  if (i.operands[0].kind == OperandKind::segment) {
    const SegmentName name = name_of_operand(i.operands[0]);
    if (name == SegmentName::cs || name > SegmentName::gs)
      raise_ud();
    Operand source = i.operands[1];
    source.size = 2;
    cpu.load_segment(name, static_cast<std::uint16_t>(cpu.read(i, source)));
    if (name == SegmentName::ss)
      cpu.set_ending(Ending::mov_ss);
    return;
  }
  const SegmentName name = name_of_operand(i.operands[1]);
  if (name > SegmentName::gs)
    raise_ud();
  Operand target = i.operands[0];
  if (target.kind == OperandKind::memory)
    target.size = 2;
  cpu.write(i, target, cpu.regs[name].selector);
}

void push_segment(Cpu& cpu, const Instruction& i) {
  cpu.push(cpu.regs[name_of_operand(i.operands[0])].selector, i.operand_size);
}

void pop_segment(Cpu& cpu, const Instruction& i) {
  const SegmentName name = name_of_operand(i.operands[0]);
  const std::uint64_t before = cpu.regs.gpr[rsp];
  const auto selector = static_cast<std::uint16_t>(cpu.pop(i.operand_size));
  const std::uint64_t after = cpu.regs.gpr[rsp];
  cpu.regs.gpr[rsp] = before; // until nothing can fault any more
  cpu.load_segment(name, selector);
  cpu.regs.gpr[rsp] = after;
  if (name == SegmentName::ss)
    cpu.set_ending(Ending::mov_ss);
}

template <SegmentName name>
void load_far_pointer(Cpu& cpu, const Instruction& i) {
  if (i.operands[1].kind != OperandKind::memory)
    raise_ud();
  const std::uint64_t at = cpu.effective_address(i);
  const std::uint64_t offset = cpu.load(i.memory.segment, at, i.operand_size);
  const std::uint64_t selector =
      cpu.load(i.memory.segment, (at + i.operand_size) & mask_of(i.address_size), 2);
  cpu.load_segment(name, static_cast<std::uint16_t>(selector));
  cpu.set_gpr(i.operands[0].reg, i.operand_size, offset);
}

std::uint16_t selector_operand(Cpu& cpu, const Instruction& i, Operand operand) {
  operand.size = 2;
  return static_cast<std::uint16_t>(cpu.read(i, operand));
}

bool is_visible(const Cpu& cpu, const Cpu::Descriptor& descriptor, std::uint16_t selector) {
  const Segment& segment = descriptor.segment;
  if (segment.is_code_or_data && segment.is_conforming())
    return true;
  return cpu.cpl() <= segment.dpl && (selector & 3U) <= segment.dpl;
}

// Types of system descriptors that LAR and LSL take (SDM vol. 2, tables 3-51 and 3-57).
bool lar_takes(const Cpu& cpu, unsigned type) {
  const unsigned legacy = 0b1'1010'0011'1110, wide = 0b1'1010'0000'0100;
  return ((cpu.is_long_mode_active() ? wide : legacy) >> type & 1) != 0;
}
bool lsl_takes(const Cpu& cpu, unsigned type) {
  const unsigned legacy = 0b1010'0000'1110, wide = 0b1010'0000'0100;
  return ((cpu.is_long_mode_active() ? wide : legacy) >> type & 1) != 0;
}

void lar(Cpu& cpu, const Instruction& i) {
  const std::uint16_t selector = selector_operand(cpu, i, i.operands[1]);
  const auto found = is_null(selector) ? std::nullopt : cpu.find_descriptor(selector);
  const bool ok = found && is_visible(cpu, *found, selector) &&
                  (!found->is_system() || lar_takes(cpu, found->type()));
  cpu.set_flag(flag::zf, ok);
  if (ok)
    cpu.write(i, i.operands[0], found->raw >> 32 & 0xF0FF00);
}

void lsl(Cpu& cpu, const Instruction& i) {
  const std::uint16_t selector = selector_operand(cpu, i, i.operands[1]);
  const auto found = is_null(selector) ? std::nullopt : cpu.find_descriptor(selector);
  const bool ok = found && is_visible(cpu, *found, selector) &&
                  (!found->is_system() || lsl_takes(cpu, found->type()));
  cpu.set_flag(flag::zf, ok);
  if (ok)
    cpu.write(i, i.operands[0], found->segment.limit);
}

template <bool for_write>
void verify(Cpu& cpu, const Instruction& i) {
  const std::uint16_t selector = selector_operand(cpu, i, i.operands[0]);
  const auto found = is_null(selector) ? std::nullopt : cpu.find_descriptor(selector);
  const bool ok = found && !found->is_system() && is_visible(cpu, *found, selector) &&
                  (for_write ? found->segment.is_writable() : found->segment.is_readable());
  cpu.set_flag(flag::zf, ok);
}

void arpl(Cpu& cpu, const Instruction& i) {
  const std::uint64_t rpl = cpu.read(i, i.operands[1]) & 3;
  bool adjusted = false;
  cpu.modify(i, i.operands[0], [&](std::uint64_t old) {
    adjusted = (old & 3) < rpl;
    return adjusted ? (old & ~std::uint64_t{3}) | rpl : old;
  });
  cpu.set_flag(flag::zf, adjusted);
}

constexpr HandlerRow rows[] = {
    {ZYDIS_MNEMONIC_LDS, load_far_pointer<SegmentName::ds>},
    {ZYDIS_MNEMONIC_LES, load_far_pointer<SegmentName::es>},
    {ZYDIS_MNEMONIC_LFS, load_far_pointer<SegmentName::fs>},
    {ZYDIS_MNEMONIC_LGS, load_far_pointer<SegmentName::gs>},
    {ZYDIS_MNEMONIC_LSS, load_far_pointer<SegmentName::ss>},
    {ZYDIS_MNEMONIC_LAR, lar},
    {ZYDIS_MNEMONIC_LSL, lsl},
    {ZYDIS_MNEMONIC_VERR, verify<false>},
    {ZYDIS_MNEMONIC_VERW, verify<true>},
    {ZYDIS_MNEMONIC_ARPL, arpl},
};

} // namespace

const Table<HandlerRow> segment_handlers{rows, std::size(rows)};
const SegmentMoves segment_moves{mov_segment, push_segment, pop_segment};

} // namespace icebp::vp
