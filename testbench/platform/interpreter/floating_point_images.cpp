// Layouts: SDM vol. 1 figures 8-9 to 8-12, vol. 2A FXSAVE. The selectors of the last instruction
// and operand are 0, as on CPUs that deprecate them.
#include <icebp/testbench/platform/interpreter/floating_point_images.h>
#include <icebp/testbench/platform/interpreter/x87.h>

namespace icebp::vp {
namespace {

using namespace x87;

// Little-endian fields of an image.
template <std::size_t size>
class ImageBytes {
public:
  std::uint8_t* data() { return bytes_.data(); }
  std::uint64_t get(std::size_t offset, unsigned count) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + offset, count);
    return value;
  }
  std::uint16_t get_word(std::size_t offset) const {
    return static_cast<std::uint16_t>(get(offset, 2));
  }
  void put(std::size_t offset, std::uint64_t value, unsigned count) {
    std::memcpy(bytes_.data() + offset, &value, count);
  }

private:
  std::array<std::uint8_t, size> bytes_{};
};

// --- FSTENV and FSAVE

constexpr unsigned size_of_saved_stack = 80;
using Environment = ImageBytes<28 + size_of_saved_stack>;

unsigned size_of_environment(const Instruction& i) { return i.operand_size == 2 ? 14 : 28; }

// Real and V86 mode keep linear addresses.
bool keeps_linear(const Cpu& cpu) { return cpu.mode() == Mode::real || cpu.mode() == Mode::v86; }

std::uint64_t tag_of(const ExtendedBytes& value) {
  constexpr std::uint64_t valid = 0, zero = 1, special = 2;
  const unsigned exponent = sign_and_exponent(value) & 0x7FFF;
  if (exponent == 0 && significand(value) == 0)
    return zero;
  return exponent == 0 || exponent == 0x7FFF || significand(value) >> 63 == 0 ? special : valid;
}

std::uint64_t tag_word(const FloatingPoint& fp) {
  std::uint64_t word = 0;
  for (unsigned reg = 0; reg < 8; ++reg)
    word |= ((fp.tags >> 2 * reg & 3) == 3 ? 3 : tag_of(fp.st[reg])) << 2 * reg;
  return word;
}

// Only whether a register is empty is kept; the rest follows from its value.
std::uint16_t kept_tags(std::uint16_t word) {
  unsigned tags = 0;
  for (unsigned reg = 0; reg < 8; ++reg)
    if ((word >> 2 * reg & 3) == 3)
      tags |= 3u << 2 * reg;
  return static_cast<std::uint16_t>(tags);
}

Environment environment_of(const Cpu& cpu, const Instruction& i) {
  const FloatingPoint& fp = cpu.regs.fp;
  const bool wide = i.operand_size != 2;
  const unsigned step = wide ? 4 : 2;
  Environment image;
  const auto put = [&](unsigned place, std::uint64_t value) {
    image.put(place * step, value, step);
  };
  const std::uint64_t upper = wide ? 0xFFFF0000 : 0;
  put(0, fp.control | upper);
  put(1, fp.status | upper);
  put(2, tag_word(fp) | upper);
  put(3, fp.instruction);
  put(5, fp.data);
  const std::uint64_t opcode = fp.opcode & 0x7FF;
  const auto above_16 = [&](std::uint64_t address) {
    return wide ? (address >> 16 & 0xFFFF) << 12 : (address >> 16 & 0xF) << 12;
  };
  if (keeps_linear(cpu)) {
    if (wide) {
      put(3, (fp.instruction & 0xFFFF) | upper);
      put(5, (fp.data & 0xFFFF) | upper);
    }
    put(4, above_16(fp.instruction) | opcode);
    put(6, above_16(fp.data));
  } else {
    put(4, wide ? opcode << 16 : 0);
    put(6, upper);
  }
  return image;
}

void take_environment(Cpu& cpu, const Instruction& i, const Environment& image) {
  FloatingPoint& fp = cpu.regs.fp;
  const bool wide = i.operand_size != 2;
  const unsigned step = wide ? 4 : 2;
  fp.control = static_cast<std::uint16_t>((image.get_word(0) & 0x1F3F) | 0x40);
  fp.status = image.get_word(step);
  fp.tags = kept_tags(image.get_word(2 * step));
  fp.instruction = image.get(3 * step, step);
  fp.data = image.get(5 * step, step);
  const std::uint64_t fourth = image.get(4 * step, step);
  if (keeps_linear(cpu)) {
    const std::uint64_t sixth = image.get(6 * step, step);
    fp.instruction = (fp.instruction & 0xFFFF) | (fourth & 0x0FFFF000) << 4;
    fp.data = (fp.data & 0xFFFF) | (sixth & 0x0FFFF000) << 4;
    fp.opcode = fourth & 0x7FF;
  } else {
    fp.opcode = wide ? fourth >> 16 & 0x7FF : fp.opcode;
  }
  update_summary(fp);
}

// --- FXSAVE

using Extended512 = ImageBytes<512>;

constexpr std::uint32_t mxcsr_mask = 0xFFFF;
constexpr std::size_t registers_at = 32, xmm_at = 160;

// Bytes 464 on are the software's, and without 64-bit mode those of XMM8 on stay too.
unsigned xmm_count(const Cpu& cpu) { return cpu.is_64_bit() ? 16 : 8; }
unsigned saved_bytes(const Cpu& cpu) { return static_cast<unsigned>(xmm_at) + 16 * xmm_count(cpu); }

void check_fxsave(const Cpu& cpu, const Instruction& i) {
  check_available(cpu);
  const std::uint64_t base = cpu.regs[i.memory.segment].base;
  const bool has_base = !cpu.is_64_bit() || i.memory.segment >= SegmentName::fs;
  if (((has_base ? base : 0) + cpu.effective_address(i)) % 16 != 0)
    raise_gp();
}

std::uint64_t abridged_tags(const FloatingPoint& fp) {
  std::uint64_t tags = 0;
  for (unsigned reg = 0; reg < 8; ++reg)
    tags |= ((fp.tags >> 2 * reg & 3) != 3 ? 1u : 0u) << reg;
  return tags;
}

std::uint16_t full_tags(std::uint64_t abridged) {
  unsigned tags = 0;
  for (unsigned reg = 0; reg < 8; ++reg)
    if ((abridged >> reg & 1) == 0)
      tags |= 3u << 2 * reg;
  return static_cast<std::uint16_t>(tags);
}

} // namespace

void initialise_x87(FloatingPoint& fp) {
  fp.control = 0x037F;
  fp.status = 0;
  fp.tags = 0xFFFF;
  fp.opcode = 0;
  fp.instruction = fp.data = 0;
}

// Masks every exception.
void fnstenv(Cpu& cpu, const Instruction& i) {
  check_available(cpu);
  Environment image = environment_of(cpu, i);
  cpu.store_bytes(i.memory.segment, cpu.effective_address(i), image.data(), size_of_environment(i));
  cpu.regs.fp.control |= fp_exception::all;
  update_summary(cpu.regs.fp);
}

void fldenv(Cpu& cpu, const Instruction& i) {
  check_available(cpu);
  check_pending(cpu);
  Environment image;
  cpu.load_bytes(i.memory.segment, cpu.effective_address(i), image.data(), size_of_environment(i));
  take_environment(cpu, i, image);
}

void fnsave(Cpu& cpu, const Instruction& i) {
  check_available(cpu);
  FloatingPoint& fp = cpu.regs.fp;
  Environment image = environment_of(cpu, i);
  const unsigned size = size_of_environment(i);
  for (unsigned n = 0; n < 8; ++n)
    std::memcpy(image.data() + size + 10 * n, st(fp, n).data(), 10);
  cpu.store_bytes(i.memory.segment, cpu.effective_address(i), image.data(),
                  size + size_of_saved_stack);
  initialise_x87(fp);
}

void frstor(Cpu& cpu, const Instruction& i) {
  check_available(cpu);
  check_pending(cpu);
  Environment image;
  const unsigned size = size_of_environment(i);
  cpu.load_bytes(i.memory.segment, cpu.effective_address(i), image.data(),
                 size + size_of_saved_stack);
  take_environment(cpu, i, image);
  for (unsigned n = 0; n < 8; ++n)
    std::memcpy(st(cpu.regs.fp, n).data(), image.data() + size + 10 * n, 10);
}

void fxsave(Cpu& cpu, const Instruction& i) {
  check_fxsave(cpu, i);
  FloatingPoint& fp = cpu.regs.fp;
  const unsigned pointer = i.operand_size == 8 ? 8 : 4;
  Extended512 image;
  image.put(0, fp.control, 2);
  image.put(2, fp.status, 2);
  image.put(4, abridged_tags(fp), 1);
  image.put(6, fp.opcode, 2);
  image.put(8, fp.instruction, pointer);
  image.put(16, fp.data, pointer);
  image.put(24, fp.mxcsr, 4);
  image.put(28, mxcsr_mask, 4);
  for (unsigned n = 0; n < 8; ++n)
    std::memcpy(image.data() + registers_at + 16 * n, st(fp, n).data(), 10);
  for (unsigned n = 0; n < xmm_count(cpu); ++n)
    std::memcpy(image.data() + xmm_at + 16 * n, &fp.xmm[n], 16);
  cpu.store_bytes(i.memory.segment, cpu.effective_address(i), image.data(), saved_bytes(cpu));
}

void fxrstor(Cpu& cpu, const Instruction& i) {
  check_fxsave(cpu, i);
  FloatingPoint& fp = cpu.regs.fp;
  const unsigned pointer = i.operand_size == 8 ? 8 : 4;
  Extended512 image;
  cpu.load_bytes(i.memory.segment, cpu.effective_address(i), image.data(), saved_bytes(cpu));
  const auto mxcsr = static_cast<std::uint32_t>(image.get(24, 4));
  if ((mxcsr & ~mxcsr_mask) != 0)
    raise_gp();
  fp.control = static_cast<std::uint16_t>((image.get_word(0) & 0x1F3F) | 0x40);
  fp.status = image.get_word(2);
  fp.tags = full_tags(image.get(4, 1));
  fp.opcode = image.get_word(6) & 0x7FF;
  fp.instruction = image.get(8, pointer);
  fp.data = image.get(16, pointer);
  fp.mxcsr = mxcsr;
  for (unsigned n = 0; n < 8; ++n)
    std::memcpy(st(fp, n).data(), image.data() + registers_at + 16 * n, 10);
  for (unsigned n = 0; n < xmm_count(cpu); ++n)
    std::memcpy(&fp.xmm[n], image.data() + xmm_at + 16 * n, 16);
  update_summary(fp);
}

} // namespace icebp::vp
