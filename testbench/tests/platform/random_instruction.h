#pragma once
// Random encodings of given instructions for 64-bit mode, with registers that lead their memory
// operands into a buffer.

#include <icebp/testbench/platform/interpreter/registers.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace icebp::vp::testing {

// An instruction as the SDM writes it.
struct Form {
  // Prefix and opcode bytes, then /r or /0 to /7, ib or iz, +r (a register in the last byte).
  std::string encoding;
  // Operand sizes that may be: b, w, d, q; v is w, d and q. Then, as applies:
  //   m  ModRM names memory     r  ModRM names a register     8  the r/m operand is a byte
  //   L  may have LOCK          a  memory at a multiple of 16
  //   s  string instruction     t  bit string                 x  XLAT
  //   e  RAX (and RDX) often equal the memory operand
  std::string operands;
  std::string undefined;    // flags that the SDM leaves so: letters, or the name of a rule
  const char* feature = ""; // of the host
};

struct RandomInstruction {
  const Form* form = nullptr;
  unsigned size = 0; // of its operands
  std::vector<std::uint8_t> bytes;
  std::array<std::uint64_t, 16> gpr{};
  unsigned reg = 0; // ModRM.reg
  bool has_memory = false;
};

class InstructionGenerator {
public:
  InstructionGenerator(std::uint64_t buffer, std::uint64_t address, std::uint64_t seed)
      : random_(seed), middle_(buffer + 256), address_(address) {}

  std::uint64_t random() { return random_(); }
  bool one_in(unsigned n) { return random_() % n == 0; }

  // Zero, small, all ones, around the sign bits, or anything.
  std::uint64_t value() {
    const std::uint64_t small = random_() % 9 - 4;
    switch (random_() % 5) {
    case 0:
      return small;
    case 1:
      return (std::uint64_t{1} << ((8u << random_() % 4) - 1)) + small;
    case 2:
      return random_() % 256;
    default:
      return random_();
    }
  }

  RandomInstruction make(const Form& form) {
    const Encoding e(form);
    RandomInstruction result;
    equalised_ = 0;
    result.form = &form;
    result.size = size_of(form.operands);
    for (std::uint64_t& reg : result.gpr)
      reg = value();
    const auto is = [&](char letter) { return form.operands.find(letter) != std::string::npos; };
    const bool byte_rm = result.size == 1 || is('8');
    const bool byte_reg = result.size == 1;
    bool rex_present = result.size == 8 || one_in(2);
    result.has_memory = e.has_modrm && !is('r') && (is('m') || one_in(2));
    unsigned rex = result.size == 8 ? 8 : 0;

    const unsigned reg =
        e.digit >= 0 ? static_cast<unsigned>(e.digit) : any_reg(byte_reg, rex_present);
    const unsigned rm = any_reg(byte_rm, rex_present);
    const unsigned in_opcode = any_reg(byte_reg, rex_present);
    result.reg = reg;
    bool short_address = false;
    Memory memory;
    if (result.has_memory) {
      const std::uint64_t target =
          is('a') ? middle_ + 16 * (random_() % 8) : middle_ + random_() % 128;
      short_address = one_in(8);
      memory = make_memory(target, rex_present, short_address, result, is('t') ? reg : 16);
      if (is('t'))
        set_bit_offset(result, reg);
      if (is('e') && memory.equalisable && one_in(2))
        equalised_ = target;
    }
    if (is('s')) {
      short_address = one_in(4);
      point_at_buffer(result, rsi, short_address);
      point_at_buffer(result, rdi, short_address);
      result.gpr[rcx] = random_() % 8 | (short_address ? random_() << 32 : 0);
    }
    if (is('x')) {
      short_address = one_in(4);
      point_at_buffer(result, rbx, short_address);
      result.gpr[rbx] -= (result.gpr[rax] & 0xFF);
    }

    std::vector<std::uint8_t>& out = result.bytes;
    if (is('L') && result.has_memory && one_in(3))
      out.push_back(0xF0);
    if (is('s') && !one_in(3))
      out.push_back(one_in(2) ? 0xF2 : 0xF3);
    if (short_address)
      out.push_back(0x67);
    if (result.size == 2)
      out.push_back(0x66);
    if (e.mandatory != 0)
      out.push_back(e.mandatory);
    if (e.has_modrm) {
      rex |= (e.digit < 0 && reg >= 8 ? 4 : 0);
      rex |= result.has_memory ? memory.rex : (rm >= 8 ? 1 : 0);
    }
    if (e.plus_reg)
      rex |= in_opcode >= 8 ? 1 : 0;
    if (rex != 0 || rex_present)
      out.push_back(static_cast<std::uint8_t>(0x40 | rex));
    out.insert(out.end(), e.opcode.begin(), e.opcode.end());
    if (e.plus_reg)
      out.back() = static_cast<std::uint8_t>(out.back() + (in_opcode & 7));
    if (e.has_modrm && !result.has_memory)
      out.push_back(static_cast<std::uint8_t>(0xC0 | (reg & 7) << 3 | (rm & 7)));
    std::size_t rip_displacement = 0;
    if (result.has_memory) {
      out.push_back(static_cast<std::uint8_t>(memory.modrm | (reg & 7) << 3));
      out.insert(out.end(), memory.rest.begin(), memory.rest.end());
      rip_displacement = memory.is_rip_relative ? out.size() - 4 : 0;
    }
    const unsigned immediate = e.imm8    ? 1
                               : e.imm_z ? std::min(result.size, 4u)
                               : e.imm_v ? result.size
                                         : 0;
    const std::uint64_t number = value();
    for (unsigned byte = 0; byte < immediate; ++byte)
      out.push_back(static_cast<std::uint8_t>(number >> 8 * byte));
    if (rip_displacement != 0) {
      const auto displacement = static_cast<std::uint32_t>(memory.target - (address_ + out.size()));
      std::memcpy(&out[rip_displacement], &displacement, 4);
    }
    return result;
  }

  // Address of memory that RAX (and RDX) of the last instruction should equal, or 0.
  std::uint64_t equalised() const { return equalised_; }

private:
  struct Encoding {
    explicit Encoding(const Form& form) {
      std::istringstream words(form.encoding);
      for (std::string word; words >> word;) {
        if (word[0] == '/') {
          has_modrm = true;
          digit = word[1] == 'r' ? -1 : word[1] - '0';
        } else if (word == "ib") {
          imm8 = true;
        } else if (word == "iz") {
          imm_z = true;
        } else if (word == "iv") {
          imm_v = true;
        } else if (word == "+r") {
          plus_reg = true;
        } else {
          const auto byte = static_cast<std::uint8_t>(std::stoul(word, nullptr, 16));
          const bool is_prefix = byte == 0x66 || byte == 0xF2 || byte == 0xF3;
          if (is_prefix && opcode.empty() && form.encoding.size() > 4)
            mandatory = byte;
          else
            opcode.push_back(byte);
        }
      }
    }
    std::uint8_t mandatory = 0;
    std::vector<std::uint8_t> opcode;
    bool has_modrm = false, imm8 = false, imm_z = false, imm_v = false, plus_reg = false;
    int digit = -1;
  };

  struct Memory {
    unsigned rex = 0;
    unsigned modrm = 0;
    std::vector<std::uint8_t> rest; // SIB and displacement
    bool is_rip_relative = false;
    std::uint64_t target = 0;
    bool equalisable = true; // neither RAX nor RDX leads to it
  };

  unsigned size_of(const std::string& operands) {
    std::vector<unsigned> sizes;
    for (const char letter : operands) {
      switch (letter) {
      case 'b':
        sizes.push_back(1);
        break;
      case 'w':
        sizes.push_back(2);
        break;
      case 'd':
        sizes.push_back(4);
        break;
      case 'q':
        sizes.push_back(8);
        break;
      case 'v':
        sizes.insert(sizes.end(), {2, 4, 8});
        break;
      default:
        break;
      }
    }
    return sizes[random_() % sizes.size()];
  }

  // No RSP. Of a byte without REX 4 to 7 are AH to BH.
  unsigned any_reg(bool byte, bool rex) {
    if (!rex)
      return byte ? random_() % 8 : not_rsp(8);
    return not_rsp(16);
  }
  unsigned not_rsp(unsigned count) {
    const auto reg = static_cast<unsigned>(random_() % count);
    return reg == rsp ? static_cast<unsigned>(rbp) : reg;
  }

  void append(std::vector<std::uint8_t>& to, std::uint64_t number, unsigned count) {
    for (unsigned byte = 0; byte < count; ++byte)
      to.push_back(static_cast<std::uint8_t>(number >> 8 * byte));
  }

  // [base + disp], [base + index * scale + disp], [RIP + disp] or [disp]; `kept` keeps its value.
  Memory make_memory(std::uint64_t target, bool rex, bool short_address, RandomInstruction& i,
                     unsigned kept) {
    Memory memory;
    memory.target = target;
    const unsigned kind = random_() % 8;
    if (kind == 0) {
      memory.is_rip_relative = true;
      memory.modrm = 5;
      append(memory.rest, 0, 4);
      return memory;
    }
    if (kind == 1) {
      memory.modrm = 4;
      memory.rest.push_back(0x25);
      append(memory.rest, target, 4);
      return memory;
    }
    const unsigned count = rex ? 16 : 8;
    unsigned base = not_rsp(count);
    unsigned index = not_rsp(count);
    while (base == kept)
      base = not_rsp(count);
    while (index == kept || index == base)
      index = not_rsp(count);
    const bool has_index = kind > 4;
    const bool wide_displacement = one_in(2);
    const auto displacement = static_cast<std::uint64_t>(
        wide_displacement ? std::int64_t{static_cast<std::int32_t>(random_())}
                          : std::int64_t{static_cast<std::int8_t>(random_())});
    const unsigned scale = random_() % 4;
    std::uint64_t base_value = target - displacement;
    if (has_index)
      base_value -= i.gpr[index] << scale;
    if (short_address)
      base_value = (base_value & 0xFFFFFFFF) | random_() << 32;
    i.gpr[base] = base_value;
    for (const Gpr reg : {rax, rdx})
      memory.equalisable = memory.equalisable && base != reg && !(has_index && index == reg);
    const bool has_sib = has_index || (base & 7) == 4;
    memory.modrm = (wide_displacement ? 0x80 : 0x40) | (has_sib ? 4 : (base & 7));
    memory.rex = (base >= 8 ? 1 : 0) | (has_index && index >= 8 ? 2 : 0);
    if (has_sib)
      memory.rest.push_back(
          static_cast<std::uint8_t>(scale << 6 | (has_index ? index & 7 : 4) << 3 | (base & 7)));
    append(memory.rest, displacement, wide_displacement ? 4 : 1);
    return memory;
  }

  void set_bit_offset(RandomInstruction& i, unsigned reg) {
    const std::uint64_t offset = random_() % 1600 - 800;
    const std::uint64_t mask =
        i.size == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * i.size) - 1;
    i.gpr[reg] = (i.gpr[reg] & ~mask) | (offset & mask);
  }

  void point_at_buffer(RandomInstruction& i, Gpr reg, bool short_address) {
    i.gpr[reg] = (middle_ + random_() % 128) | (short_address ? random_() << 32 : 0);
  }

  std::mt19937_64 random_;
  std::uint64_t middle_;
  std::uint64_t address_;
  std::uint64_t equalised_ = 0;
};

} // namespace icebp::vp::testing
