// System instructions (SDM vol. 2 by instruction; checks of control registers vol. 3 2.5).
#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/cpuid_leaf.h>
#include <icebp/testbench/platform/interpreter/handlers.h>

namespace icebp::vp {
namespace {

constexpr std::uint32_t efer_msr = 0xC0000080;
constexpr std::uint32_t gs_base_msr = 0xC0000101;
constexpr std::uint32_t kernel_gs_base_msr = 0xC0000102;
constexpr std::uint32_t tsc_aux_msr = 0xC0000103;
constexpr std::uint64_t lme = 1 << 8, lma = 1 << 10;
constexpr std::uint64_t pcid_mask = 0xFFF;
constexpr std::uint64_t no_flush = std::uint64_t{1} << 63;

void need_cpl_0(const Cpu& cpu) {
  if (cpu.cpl() != 0)
    raise_gp();
}

// SGDT, SIDT, SLDT, STR, SMSW.
void check_umip(const Cpu& cpu) {
  if ((cpu.regs.cr4 & cr4::umip) != 0 && cpu.cpl() != 0 && cpu.is_protected())
    raise_gp();
  if ((cpu.regs.cr4 & cr4::umip) != 0 && cpu.mode() == Mode::v86)
    raise_gp();
}

void need_protected_mode(const Cpu& cpu) {
  if (!cpu.is_protected())
    raise_ud();
}

// --- control registers

std::uint64_t legal_cr4(const Cpu& cpu) { return legal_cr4_bits(cpu.debug().cpu()); }

void after_paging_change(Cpu& cpu) {
  cpu.update_mode();
  cpu.paging().flush_all();
  cpu.forget_translations();
}

// PAE paging outside long mode holds the four pointers from here on.
void load_pdptes(Cpu& cpu, std::uint64_t cr0_value, std::uint64_t cr3_value,
                 std::uint64_t cr4_value) {
  PagingControls& controls = cpu.paging().controls;
  if ((cr0_value & cr0::pg) == 0 || (cr4_value & cr4::pae) == 0 || (cpu.efer() & lme) != 0)
    return;
  const std::uint64_t before = controls.cr3;
  controls.cr3 = cr3_value;
  const bool legal = cpu.paging().load_pdptes();
  controls.cr3 = before;
  if (!legal)
    raise_gp();
}

void write_cr0(Cpu& cpu, std::uint64_t value) {
  constexpr std::uint64_t known = cr0::pe | cr0::mp | cr0::em | cr0::ts | cr0::et | cr0::ne |
                                  cr0::wp | cr0::am | cr0::nw | cr0::cd | cr0::pg;
  if ((value >> 32) != 0 || ((value & cr0::pg) != 0 && (value & cr0::pe) == 0) ||
      ((value & cr0::nw) != 0 && (value & cr0::cd) == 0))
    raise_gp();
  value = (value & known) | cr0::et;
  const bool turns_on = (value & ~cpu.regs.cr0 & cr0::pg) != 0;
  const bool turns_off = (~value & cpu.regs.cr0 & cr0::pg) != 0;
  const std::uint64_t efer = cpu.efer();
  if (turns_on && (efer & lme) != 0 &&
      ((cpu.regs.cr4 & cr4::pae) == 0 || cpu.regs[SegmentName::cs].is_long))
    raise_gp();
  if (turns_off && (cpu.is_64_bit() || (cpu.regs.cr4 & cr4::pcide) != 0))
    raise_gp();
  if (((value ^ cpu.regs.cr0) & (cr0::pg | cr0::cd | cr0::nw)) != 0)
    load_pdptes(cpu, value, cpu.regs.cr3, cpu.regs.cr4);
  cpu.regs.cr0 = value;
  if (turns_on && (efer & lme) != 0)
    cpu.debug().poke(efer_msr, efer | lma);
  if (turns_off)
    cpu.debug().poke(efer_msr, efer & ~lma);
  after_paging_change(cpu);
}

void write_cr3(Cpu& cpu, std::uint64_t value) {
  const bool pcid = (cpu.regs.cr4 & cr4::pcide) != 0;
  if (cpu.is_long_mode_active()) {
    const std::uint64_t address = pcid ? value & ~no_flush : value;
    if ((address >> cpu.paging().controls.address_width) != 0)
      raise_gp();
  } else {
    value &= mask_of(4);
  }
  load_pdptes(cpu, cpu.regs.cr0, value, cpu.regs.cr4);
  cpu.regs.cr3 = pcid ? value & ~no_flush : value;
  cpu.paging().controls.cr3 = cpu.regs.cr3;
  cpu.paging().flush_non_global();
  cpu.forget_translations();
}

void write_cr4(Cpu& cpu, std::uint64_t value) {
  if ((value & ~legal_cr4(cpu)) != 0)
    raise_gp();
  const std::uint64_t changes = value ^ cpu.regs.cr4;
  if (cpu.is_long_mode_active() && ((value & cr4::pae) == 0 || (changes & cr4::la57) != 0))
    raise_gp();
  if ((changes & value & cr4::pcide) != 0 &&
      (!cpu.is_long_mode_active() || (cpu.regs.cr3 & pcid_mask) != 0))
    raise_gp();
  if ((changes & (cr4::pae | cr4::pge | cr4::pse | cr4::smep)) != 0)
    load_pdptes(cpu, cpu.regs.cr0, cpu.regs.cr3, value);
  cpu.regs.cr4 = value;
  after_paging_change(cpu);
}

void write_cr8(Cpu& cpu, std::uint64_t value) {
  if ((value >> 4) != 0)
    raise_gp();
  cpu.regs.cr8 = value;
  if (cpu.after_cr8_write)
    cpu.after_cr8_write();
}

std::uint64_t read_cr(const Cpu& cpu, unsigned number) {
  switch (number) {
  case 0:
    return cpu.regs.cr0;
  case 2:
    return cpu.debug().state().cr2;
  case 3:
    return cpu.regs.cr3;
  case 4:
    return cpu.regs.cr4;
  case 8:
    return cpu.regs.cr8;
  default:
    raise_ud();
  }
}

void write_cr(Cpu& cpu, unsigned number, std::uint64_t value) {
  switch (number) {
  case 0:
    return write_cr0(cpu, value);
  case 2:
    return cpu.debug().poke_cr2(value);
  case 3:
    return write_cr3(cpu, value);
  case 4:
    return write_cr4(cpu, value);
  case 8:
    return write_cr8(cpu, value);
  default:
    raise_ud();
  }
}

void mov_cr(Cpu& cpu, const Instruction& i) {
  const bool to_cr = i.operands[0].kind == OperandKind::control;
  const unsigned number = i.operands[to_cr ? 0 : 1].reg;
  const unsigned gpr = i.operands[to_cr ? 1 : 0].reg;
  const unsigned size = cpu.is_64_bit() ? 8 : 4;
  if (number != 0 && number != 2 && number != 3 && number != 4 && number != 8)
    raise_ud();
  need_cpl_0(cpu);
  if (to_cr)
    write_cr(cpu, number, cpu.gpr(gpr, size));
  else
    cpu.set_gpr(gpr, size, read_cr(cpu, number));
}

void clts(Cpu& cpu, const Instruction&) {
  need_cpl_0(cpu);
  cpu.regs.cr0 &= ~cr0::ts;
}

void smsw(Cpu& cpu, const Instruction& i) {
  check_umip(cpu);
  Operand target = i.operands[0];
  if (target.kind == OperandKind::memory)
    target.size = 2;
  cpu.write(i, target, cpu.regs.cr0);
}

void lmsw(Cpu& cpu, const Instruction& i) {
  need_cpl_0(cpu);
  Operand source = i.operands[0];
  source.size = 2;
  const std::uint64_t value = cpu.read(i, source);
  // PE can be set, not cleared.
  const std::uint64_t low = (value & 0xF) | (cpu.regs.cr0 & cr0::pe);
  write_cr0(cpu, (cpu.regs.cr0 & ~std::uint64_t{0xF}) | low);
}

// --- descriptor tables

void store_table(Cpu& cpu, const Instruction& i, const TableRegister& table) {
  check_umip(cpu);
  const std::uint64_t at = cpu.effective_address(i);
  const unsigned size = cpu.is_64_bit() ? 8 : 4;
  std::uint8_t bytes[10];
  for (unsigned n = 0; n < 2; ++n)
    bytes[n] = static_cast<std::uint8_t>(table.limit >> (8 * n));
  for (unsigned n = 0; n < 8; ++n)
    bytes[2 + n] = static_cast<std::uint8_t>(table.base >> (8 * n));
  cpu.store_bytes(i.memory.segment, at, bytes, 2 + size);
}
void sgdt(Cpu& cpu, const Instruction& i) { store_table(cpu, i, cpu.regs.gdtr); }
void sidt(Cpu& cpu, const Instruction& i) { store_table(cpu, i, cpu.regs.idtr); }

void load_table(Cpu& cpu, const Instruction& i, TableRegister& table) {
  need_cpl_0(cpu);
  const std::uint64_t at = cpu.effective_address(i);
  const unsigned size = cpu.is_64_bit() ? 8 : 4;
  std::uint8_t bytes[10]{};
  cpu.load_bytes(i.memory.segment, at, bytes, 2 + size);
  std::uint64_t base = 0;
  for (unsigned n = 0; n < size; ++n)
    base |= static_cast<std::uint64_t>(bytes[2 + n]) << (8 * n);
  if (cpu.is_64_bit() && !cpu.is_canonical(base))
    raise_gp();
  if (!cpu.is_64_bit() && i.operand_size == 2)
    base &= 0xFFFFFF;
  table.limit = bytes[0] | static_cast<std::uint32_t>(bytes[1]) << 8;
  table.base = base;
}
void lgdt(Cpu& cpu, const Instruction& i) { load_table(cpu, i, cpu.regs.gdtr); }
void lidt(Cpu& cpu, const Instruction& i) { load_table(cpu, i, cpu.regs.idtr); }

void store_selector(Cpu& cpu, const Instruction& i, std::uint16_t selector) {
  need_protected_mode(cpu);
  check_umip(cpu);
  Operand target = i.operands[0];
  if (target.kind == OperandKind::memory)
    target.size = 2;
  cpu.write(i, target, selector);
}
void sldt(Cpu& cpu, const Instruction& i) { store_selector(cpu, i, cpu.regs.ldtr.selector); }
void str(Cpu& cpu, const Instruction& i) { store_selector(cpu, i, cpu.regs.tr.selector); }

std::uint16_t selector_operand(Cpu& cpu, const Instruction& i) {
  Operand source = i.operands[0];
  source.size = 2;
  return static_cast<std::uint16_t>(cpu.read(i, source));
}

void check_base(const Cpu& cpu, const Cpu::Descriptor& descriptor, std::uint32_t code) {
  if (cpu.is_long_mode_active() && !cpu.is_canonical(descriptor.segment.base))
    raise_gp(code);
}

void lldt(Cpu& cpu, const Instruction& i) {
  need_protected_mode(cpu);
  need_cpl_0(cpu);
  const std::uint16_t selector = selector_operand(cpu, i);
  const std::uint32_t code = selector & ~3U;
  if (code == 0) {
    cpu.regs.ldtr.selector = selector;
    cpu.regs.ldtr.present = false;
    return;
  }
  if ((selector & 4) != 0)
    raise_gp(code);
  const Cpu::Descriptor table = cpu.read_descriptor(selector, vector::gp);
  if (!table.is_system() || table.type() != 2)
    raise_gp(code);
  if (!table.present())
    raise(vector::np, code);
  check_base(cpu, table, code);
  cpu.regs.ldtr = table.segment;
}

void ltr(Cpu& cpu, const Instruction& i) {
  need_protected_mode(cpu);
  need_cpl_0(cpu);
  const std::uint16_t selector = selector_operand(cpu, i);
  const std::uint32_t code = selector & ~3U;
  if (code == 0)
    raise_gp();
  if ((selector & 4) != 0)
    raise_gp(code);
  const Cpu::Descriptor tss = cpu.read_descriptor(selector, vector::gp);
  const bool available =
      tss.is_system() && (tss.type() == 9 || (tss.type() == 1 && !cpu.is_long_mode_active()));
  if (!available)
    raise_gp(code);
  if (!tss.present())
    raise(vector::np, code);
  check_base(cpu, tss, code);
  cpu.store_system(tss.address + 5, 1, (tss.raw >> 40 & 0xFF) | 2);
  cpu.regs.tr = tss.segment;
  cpu.regs.tr.type |= 2;
}

// --- translations and caches

void invlpg(Cpu& cpu, const Instruction& i) {
  need_cpl_0(cpu);
  const std::uint64_t offset = cpu.effective_address(i);
  const std::uint64_t linear = cpu.is_64_bit() && i.memory.segment < SegmentName::fs
                                   ? offset
                                   : cpu.regs[i.memory.segment].base + offset;
  cpu.paging().invalidate(linear);
  cpu.forget_translations();
}

void invpcid(Cpu& cpu, const Instruction& i) {
  need_cpl_0(cpu);
  const std::uint64_t kind = cpu.gpr(i.operands[0].reg, cpu.is_64_bit() ? 8 : 4);
  std::uint64_t descriptor[2];
  cpu.load_bytes(i.memory.segment, cpu.effective_address(i), descriptor, sizeof descriptor);
  if (kind > 3 || (descriptor[0] >> 12) != 0 || (kind == 0 && !cpu.is_canonical(descriptor[1])) ||
      (kind < 2 && (cpu.regs.cr4 & cr4::pcide) == 0 && (descriptor[0] & pcid_mask) != 0))
    raise_gp();
  cpu.paging().flush_all();
  cpu.forget_translations();
}

void privileged_nothing(Cpu& cpu, const Instruction&) { need_cpl_0(cpu); }
void nothing(Cpu&, const Instruction&) {}

// Translates as a load, and is one to breakpoints (measured on Cascade Lake).
void flush_line(Cpu& cpu, const Instruction& i) {
  cpu.load(i.memory.segment, cpu.effective_address(i), 1);
}

// --- others

void cpuid(Cpu& cpu, const Instruction&) {
  const CpuidResult result = cpuid_leaf(cpu, static_cast<std::uint32_t>(cpu.gpr(rax, 4)),
                                        static_cast<std::uint32_t>(cpu.gpr(rcx, 4)));
  cpu.set_gpr(rax, 4, result.eax);
  cpu.set_gpr(rbx, 4, result.ebx);
  cpu.set_gpr(rcx, 4, result.ecx);
  cpu.set_gpr(rdx, 4, result.edx);
}

void read_tsc(Cpu& cpu) {
  if ((cpu.regs.cr4 & cr4::tsd) != 0 && cpu.cpl() != 0)
    raise_gp();
  const std::uint64_t tsc = cpu.debug().tsc();
  cpu.set_gpr(rax, 4, tsc);
  cpu.set_gpr(rdx, 4, tsc >> 32);
}
void rdtsc(Cpu& cpu, const Instruction&) { read_tsc(cpu); }
void rdtscp(Cpu& cpu, const Instruction&) {
  if (!cpu.has(Feature::rdtscp))
    raise_ud();
  read_tsc(cpu);
  cpu.set_gpr(rcx, 4, cpu.debug().peek(tsc_aux_msr).value_or(0));
}
void rdpid(Cpu& cpu, const Instruction& i) {
  cpu.set_gpr(i.operands[0].reg, cpu.is_64_bit() ? 8 : 4,
              cpu.debug().peek(tsc_aux_msr).value_or(0));
}
void rdpmc(Cpu& cpu, const Instruction&) {
  if ((cpu.regs.cr4 & cr4::pce) == 0 && cpu.cpl() != 0 && cpu.mode() != Mode::real)
    raise_gp();
  raise_gp(); // the core counts nothing
}

void hlt(Cpu& cpu, const Instruction&) {
  need_cpl_0(cpu);
  cpu.set_activity(Activity::halted);
}

void swapgs(Cpu& cpu, const Instruction&) {
  if (!cpu.is_64_bit())
    raise_ud();
  need_cpl_0(cpu);
  const std::uint64_t other = cpu.debug().peek(kernel_gs_base_msr).value_or(0);
  std::uint64_t& base = cpu.regs[SegmentName::gs].base;
  cpu.debug().poke(kernel_gs_base_msr, base);
  cpu.debug().poke(gs_base_msr, other);
  base = other;
}

template <SegmentName name>
void read_base(Cpu& cpu, const Instruction& i) {
  if (!cpu.is_64_bit() || (cpu.regs.cr4 & cr4::fsgsbase) == 0)
    raise_ud();
  cpu.write(i, i.operands[0], cpu.regs[name].base);
}
template <SegmentName name>
void write_base(Cpu& cpu, const Instruction& i) {
  if (!cpu.is_64_bit() || (cpu.regs.cr4 & cr4::fsgsbase) == 0)
    raise_ud();
  const std::uint64_t base = cpu.read(i, i.operands[0]);
  if (!cpu.is_canonical(base))
    raise_gp();
  Segment segment = cpu.regs[name];
  segment.base = base;
  cpu.set_segment(name, segment);
}

template <bool value>
void set_ac(Cpu& cpu, const Instruction&) {
  if (cpu.cpl() != 0 || (legal_cr4(cpu) & cr4::smap) == 0)
    raise_ud();
  cpu.set_flag(flag::ac, value);
}

void in(Cpu& cpu, const Instruction& i) {
  const std::uint64_t port =
      i.operands[1].kind == OperandKind::immediate ? i.immediate & 0xFF : cpu.gpr(rdx, 2);
  const unsigned size = i.operands[0].size;
  cpu.set_gpr(rax, size, cpu.in(static_cast<std::uint16_t>(port), size));
}
void out(Cpu& cpu, const Instruction& i) {
  const std::uint64_t port =
      i.operands[0].kind == OperandKind::immediate ? i.immediate & 0xFF : cpu.gpr(rdx, 2);
  const unsigned size = i.operands[1].size;
  cpu.out(static_cast<std::uint16_t>(port), size, static_cast<std::uint32_t>(cpu.gpr(rax, size)));
}

constexpr HandlerRow rows[] = {
    {ZYDIS_MNEMONIC_CLTS, clts},
    {ZYDIS_MNEMONIC_SMSW, smsw},
    {ZYDIS_MNEMONIC_LMSW, lmsw},
    {ZYDIS_MNEMONIC_SGDT, sgdt},
    {ZYDIS_MNEMONIC_SIDT, sidt},
    {ZYDIS_MNEMONIC_LGDT, lgdt},
    {ZYDIS_MNEMONIC_LIDT, lidt},
    {ZYDIS_MNEMONIC_SLDT, sldt},
    {ZYDIS_MNEMONIC_STR, str},
    {ZYDIS_MNEMONIC_LLDT, lldt},
    {ZYDIS_MNEMONIC_LTR, ltr},
    {ZYDIS_MNEMONIC_INVLPG, invlpg},
    {ZYDIS_MNEMONIC_INVPCID, invpcid},
    {ZYDIS_MNEMONIC_INVD, privileged_nothing},
    {ZYDIS_MNEMONIC_WBINVD, privileged_nothing},
    {ZYDIS_MNEMONIC_CPUID, cpuid},
    {ZYDIS_MNEMONIC_RDTSC, rdtsc},
    {ZYDIS_MNEMONIC_RDTSCP, rdtscp},
    {ZYDIS_MNEMONIC_RDPID, rdpid},
    {ZYDIS_MNEMONIC_RDPMC, rdpmc},
    {ZYDIS_MNEMONIC_HLT, hlt},
    {ZYDIS_MNEMONIC_SWAPGS, swapgs},
    {ZYDIS_MNEMONIC_RDFSBASE, read_base<SegmentName::fs>},
    {ZYDIS_MNEMONIC_RDGSBASE, read_base<SegmentName::gs>},
    {ZYDIS_MNEMONIC_WRFSBASE, write_base<SegmentName::fs>},
    {ZYDIS_MNEMONIC_WRGSBASE, write_base<SegmentName::gs>},
    {ZYDIS_MNEMONIC_STAC, set_ac<true>},
    {ZYDIS_MNEMONIC_CLAC, set_ac<false>},
    {ZYDIS_MNEMONIC_IN, in},
    {ZYDIS_MNEMONIC_OUT, out},
    {ZYDIS_MNEMONIC_CLFLUSH, flush_line},
    {ZYDIS_MNEMONIC_CLFLUSHOPT, flush_line},
    {ZYDIS_MNEMONIC_LFENCE, nothing},
    {ZYDIS_MNEMONIC_MFENCE, nothing},
    {ZYDIS_MNEMONIC_SFENCE, nothing},
};

} // namespace

const Table<HandlerRow> system_handlers{rows, std::size(rows)};
const Handler mov_control_register = mov_cr;

} // namespace icebp::vp
