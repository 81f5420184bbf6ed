#include <icebp/testbench/platform/interpreter/operands.h>

namespace icebp::vp {
namespace {

bool is_v86(const Cpu& cpu) { return cpu.mode() == Mode::v86; }

// --- IF and VIF (SDM vol. 3 chapters 21 and 2.5)

enum class InterruptFlag { real, virtual_, none };

// Which flag CLI and STI change.
InterruptFlag interrupt_flag(const Cpu& cpu) {
  if (cpu.mode() == Mode::real)
    return InterruptFlag::real;
  if (is_v86(cpu)) {
    if (cpu.iopl() == 3)
      return InterruptFlag::real;
    return (cpu.regs.cr4 & cr4::vme) != 0 ? InterruptFlag::virtual_ : InterruptFlag::none;
  }
  if (cpu.cpl() <= cpu.iopl())
    return InterruptFlag::real;
  const bool has_virtual = cpu.cpl() == 3 && (cpu.regs.cr4 & cr4::pvi) != 0;
  return has_virtual ? InterruptFlag::virtual_ : InterruptFlag::none;
}

void cli(Cpu& cpu, const Instruction&) {
  switch (interrupt_flag(cpu)) {
  case InterruptFlag::real:
    cpu.set_flag(flag::if_, false);
    return;
  case InterruptFlag::virtual_:
    cpu.set_flag(flag::vif, false);
    return;
  case InterruptFlag::none:
    raise_gp();
  }
}

void set_if(Cpu& cpu) {
  if (!cpu.flag(flag::if_))
    cpu.set_ending(Ending::sti);
  cpu.set_flag(flag::if_, true);
}

void sti(Cpu& cpu, const Instruction&) {
  switch (interrupt_flag(cpu)) {
  case InterruptFlag::real:
    set_if(cpu);
    return;
  case InterruptFlag::virtual_:
    if (cpu.flag(flag::vip))
      raise_gp();
    cpu.set_flag(flag::vif, true);
    return;
  case InterruptFlag::none:
    raise_gp();
  }
}

// --- PUSHF and POPF

// PUSHF and POPF of 16 bits in V86 mode with IOPL < 3 and CR4.VME show VIF as IF.
bool shows_vif(const Cpu& cpu) { return is_v86(cpu) && cpu.iopl() < 3; }

void check_virtual(const Cpu& cpu, unsigned size) {
  if ((cpu.regs.cr4 & cr4::vme) == 0 || size != 2)
    raise_gp();
}

template <unsigned size>
void pushf(Cpu& cpu, const Instruction&) {
  std::uint64_t image = cpu.regs.rflags & ~(flag::rf | flag::vm);
  if (shows_vif(cpu)) {
    check_virtual(cpu, size);
    image = (image & ~flag::if_) | flag::iopl | (cpu.flag(flag::vif) ? flag::if_ : 0);
  }
  cpu.push(image, size);
}

constexpr std::uint64_t always_loaded = flag::cf | flag::pf | flag::af | flag::zf | flag::sf |
                                        flag::tf | flag::df | flag::of | flag::nt | flag::ac |
                                        flag::id;

// The flags that POPF writes here. RF is cleared; VM, VIF and VIP stay.
std::uint64_t writable_flags(const Cpu& cpu) {
  std::uint64_t writable = always_loaded;
  if (cpu.mode() == Mode::real || (!is_v86(cpu) && cpu.cpl() == 0))
    writable |= flag::iopl | flag::if_;
  else if (cpu.cpl() <= cpu.iopl())
    writable |= flag::if_;
  return writable;
}

void popf_virtual(Cpu& cpu, unsigned size) {
  check_virtual(cpu, size);
  restoring_rsp(cpu, [&] {
    const std::uint64_t image = cpu.pop(size);
    const bool enables = (image & flag::if_) != 0;
    if ((enables && cpu.flag(flag::vip)) || (image & flag::tf) != 0)
      raise_gp();
    const std::uint64_t writable = always_loaded & 0xFFFF;
    cpu.regs.rflags = (cpu.regs.rflags & ~writable) | (image & writable);
    cpu.set_flag(flag::vif, enables);
  });
}

template <unsigned size>
void popf(Cpu& cpu, const Instruction&) {
  if (shows_vif(cpu))
    return popf_virtual(cpu, size);
  const std::uint64_t writable = writable_flags(cpu) & mask_of(size);
  const std::uint64_t kept = cpu.regs.rflags & ~(writable | flag::rf);
  cpu.regs.rflags = kept | (cpu.pop(size) & writable);
}

// --- single flags

template <std::uint64_t bit, bool value>
void set_to(Cpu& cpu, const Instruction&) {
  cpu.set_flag(bit, value);
}

void cmc(Cpu& cpu, const Instruction&) { cpu.regs.rflags ^= flag::cf; }

constexpr std::uint64_t in_ah = flag::cf | flag::pf | flag::af | flag::zf | flag::sf;

void lahf(Cpu& cpu, const Instruction&) {
  const std::uint64_t ah = (cpu.regs.rflags & in_ah) | flag::fixed;
  cpu.set_gpr(rax, 2, ah << 8 | cpu.gpr(rax, 1));
}

void sahf(Cpu& cpu, const Instruction&) {
  cpu.regs.rflags = (cpu.regs.rflags & ~in_ah) | (cpu.gpr(rax, 2) >> 8 & in_ah);
}

void salc(Cpu& cpu, const Instruction&) { cpu.set_gpr(rax, 1, cpu.flag(flag::cf) ? 0xFF : 0); }

#define ROW(mnemonic, handler)                                                                     \
  { ZYDIS_MNEMONIC_##mnemonic, handler }
constexpr HandlerRow rows[] = {
    {ZYDIS_MNEMONIC_CLC, set_to<flag::cf, false>},
    {ZYDIS_MNEMONIC_STC, set_to<flag::cf, true>},
    {ZYDIS_MNEMONIC_CLD, set_to<flag::df, false>},
    {ZYDIS_MNEMONIC_STD, set_to<flag::df, true>},
    ROW(CMC, cmc),
    ROW(CLI, cli),
    ROW(STI, sti),
    ROW(PUSHF, pushf<2>),
    ROW(PUSHFD, pushf<4>),
    ROW(PUSHFQ, pushf<8>),
    ROW(POPF, popf<2>),
    ROW(POPFD, popf<4>),
    ROW(POPFQ, popf<8>),
    ROW(LAHF, lahf),
    ROW(SAHF, sahf),
    ROW(SALC, salc),
};
#undef ROW

} // namespace

const Table<HandlerRow> flag_handlers = handlers_of(rows);

} // namespace icebp::vp
