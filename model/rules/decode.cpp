#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/vocabulary/field.h>

#include <array>
#include <iterator>

namespace icebp {
inline namespace v0_1 {
namespace {

using modrm_mod = field<6, 2>;
using modrm_reg = field<3, 3>;
using modrm_rm = field<0, 3>;
using rex_b = field<0>;
using rex_r = field<2>;

constexpr bool is_legacy_prefix(std::uint8_t byte) {
  switch (byte) {
  case 0x26: // ES
  case 0x2E: // CS
  case 0x36: // SS
  case 0x3E: // DS
  case 0x64: // FS
  case 0x65: // GS
  case 0x66: // operand size
  case 0x67: // address size
  case 0xF0: // LOCK
  case 0xF2: // REPNE
  case 0xF3: // REP
    return true;
  default:
    return false;
  }
}

constexpr bool is_rex(std::uint8_t byte) { return (byte & 0xF0) == 0x40; }

Decoded failed(DecodeStatus status) {
  Decoded decoded;
  decoded.status = status;
  return decoded;
}

Decoded decoded_as(Operation operation) {
  Decoded decoded;
  decoded.status = DecodeStatus::ok;
  decoded.request.operation = operation;
  return decoded;
}

// Reads what is left of the bytes.
struct Input {
  const std::uint8_t* next;
  std::size_t left;

  bool is_empty() const { return left == 0; }
  std::uint8_t take() {
    --left;
    return *next++;
  }
};

struct Prefixes {
  std::uint8_t rex = 0;
  bool lock = false;
  // Those that select opcodes:
  bool operand_size = false;
  std::uint8_t repeat = 0; // the last of F2 and F3

  bool any_mandatory() const { return operand_size || repeat != 0; }
};

Prefixes take_prefixes(Input& in, Mode mode) {
  Prefixes prefixes;
  for (; !in.is_empty(); in.take()) {
    const std::uint8_t byte = *in.next;
    if (is_legacy_prefix(byte)) {
      prefixes.lock |= byte == 0xF0;
      prefixes.operand_size |= byte == 0x66;
      if (byte == 0xF2 || byte == 0xF3)
        prefixes.repeat = byte;
      prefixes.rex = 0; // a REX before another prefix does not count
    } else if (mode == Mode::long_mode && is_rex(byte)) {
      prefixes.rex = byte;
    } else {
      break;
    }
  }
  return prefixes;
}

// A register's number has three bits of ModRM and one of a prefix.
std::uint8_t extended(std::uint64_t modrm_bits, bool prefix_bit) {
  return static_cast<std::uint8_t>(modrm_bits | (prefix_bit ? 8 : 0));
}

Decoded decode_mov_dr(Input& in, const Prefixes& prefixes, Operation operation) {
  if (in.is_empty())
    return failed(DecodeStatus::truncated);
  const std::uint8_t modrm = in.take();
  Decoded decoded = decoded_as(operation);
  Request& request = decoded.request;
  request.dr = static_cast<std::uint8_t>(modrm_reg::get(modrm));
  request.gpr = extended(modrm_rm::get(modrm), rex_b::get(prefixes.rex) != 0);
  request.encoding_faults = only_if(rex_r::get(prefixes.rex) != 0, Cause::rex_r);
  return decoded;
}

// 0F 01 C6: with F2 RDMSRLIST, with F3 WRMSRLIST.
Decoded decode_group_7(Input& in, const Prefixes& prefixes, Operation) {
  if (in.is_empty())
    return failed(DecodeStatus::truncated);
  if (in.take() != 0xC6)
    return failed(DecodeStatus::unknown_opcode);
  if (prefixes.repeat != 0)
    return decoded_as(prefixes.repeat == 0xF2 ? Operation::rdmsrlist : Operation::wrmsrlist);
  return prefixes.operand_size ? failed(DecodeStatus::unknown_opcode)
                               : decoded_as(Operation::wrmsrns);
}

// 0F 38 F8 with two registers: with F2 URDMSR, with F3 UWRMSR.
Decoded decode_user_msr(Input& in, const Prefixes& prefixes, Operation) {
  if (in.is_empty())
    return failed(DecodeStatus::truncated);
  const std::uint8_t modrm = in.take();
  if (prefixes.repeat == 0 || modrm_mod::get(modrm) != 3)
    return failed(DecodeStatus::unknown_opcode);
  Decoded decoded = decoded_as(prefixes.repeat == 0xF2 ? Operation::urdmsr : Operation::uwrmsr);
  decoded.request.gpr = extended(modrm_rm::get(modrm), rex_b::get(prefixes.rex) != 0);
  decoded.index_gpr = extended(modrm_reg::get(modrm), rex_r::get(prefixes.rex) != 0);
  return decoded;
}

std::uint8_t take_escape(Input& in) {
  std::uint8_t escape = 0;
  if (*in.next == 0x0F)
    escape = in.take();
  if (escape == 0x0F && !in.is_empty() && *in.next == 0x38)
    escape = in.take();
  return escape;
}

Decoded decode_alone(Input&, const Prefixes&, Operation operation) { return decoded_as(operation); }

struct Opcode {
  std::uint8_t escape; // 0x0F, 0x38 behind 0x0F, or 0 for a one-byte opcode
  std::uint8_t byte;
  Operation operation; // the first, if prefixes select among several
  Decoded (*decode)(Input&, const Prefixes&, Operation);
};

constexpr Opcode opcodes[] = {
    {0x0F, 0x01, Operation::wrmsrns, decode_group_7},    //
    {0x0F, 0x21, Operation::mov_from_dr, decode_mov_dr}, //
    {0x0F, 0x23, Operation::mov_to_dr, decode_mov_dr},   //
    {0x0F, 0x30, Operation::wrmsr, decode_alone},        //
    {0x0F, 0x32, Operation::rdmsr, decode_alone},        //
    {0x38, 0xF8, Operation::urdmsr, decode_user_msr},    //
    {0x00, 0xF1, Operation::int1, decode_alone},
};

const Opcode* find_opcode(std::uint8_t escape, std::uint8_t byte) {
  for (const Opcode& opcode : opcodes)
    if (opcode.escape == escape && opcode.byte == byte)
      return &opcode;
  return nullptr;
}

Decoded decode_legacy(Input& in, const Prefixes& prefixes) {
  const std::uint8_t escape = take_escape(in);
  if (in.is_empty())
    return failed(DecodeStatus::truncated);
  const Opcode* opcode = find_opcode(escape, in.take());
  if (!opcode)
    return failed(DecodeStatus::unknown_opcode);
  return opcode->decode(in, prefixes, opcode->operation);
}

// --- VEX.128.F2 or F3.MAP7.W0 F6 or F8 /0 id

// A three-byte VEX prefix; outside 64-bit mode C4 is LES with a memory operand otherwise, and
// always so in real and V86 mode.
bool is_vex3(const Input& in, Mode mode) {
  if (*in.next != 0xC4 || mode == Mode::real || mode == Mode::v86)
    return false;
  return mode == Mode::long_mode || in.left < 2 || in.next[1] >= 0xC0;
}

struct BytePattern {
  std::uint8_t mask, value;
};
constexpr BytePattern vex_shape[] = {
    {0xFF, 0xC4}, //
    {0x9F, 0x87}, // map 7; R is 0, for ModRM.reg is 0
    {0xFE, 0x7A}, // W=0, vvvv=1111, L=0, F2 or F3
    {0x00, 0x00}, // the opcode
    {0xF8, 0xC0}, // ModRM: /0 and a register
};

struct VexOpcode {
  std::uint8_t byte;
  Operation f2, f3;
};
constexpr VexOpcode vex_opcodes[] = {
    {0xF6, Operation::rdmsr_imm, Operation::wrmsrns_imm},
    {0xF8, Operation::urdmsr, Operation::uwrmsr},
};

const VexOpcode* find_vex_opcode(std::uint8_t byte) {
  for (const VexOpcode& opcode : vex_opcodes)
    if (opcode.byte == byte)
      return &opcode;
  return nullptr;
}

Decoded decode_vex(Input& in, const Prefixes& prefixes, Mode mode) {
  std::array<std::uint8_t, std::size(vex_shape)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (in.is_empty())
      return failed(DecodeStatus::truncated);
    bytes[i] = in.take();
    if ((bytes[i] & vex_shape[i].mask) != vex_shape[i].value)
      return failed(DecodeStatus::unknown_opcode);
  }
  const VexOpcode* opcode = find_vex_opcode(bytes[3]);
  if (!opcode || prefixes.any_mandatory() || prefixes.rex != 0)
    return failed(DecodeStatus::unknown_opcode);
  if (in.left < 4)
    return failed(DecodeStatus::truncated);

  const bool f2 = (bytes[2] & 1) != 0;
  const bool b = mode == Mode::long_mode && (bytes[1] & 0x20) == 0; // inverted
  Decoded decoded = decoded_as(f2 ? opcode->f2 : opcode->f3);
  decoded.request.gpr = extended(modrm_rm::get(bytes[4]), b);
  for (unsigned shift = 0; shift < 32; shift += 8)
    decoded.request.msr |= static_cast<std::uint32_t>(in.take()) << shift;
  return decoded;
}

} // namespace

Decoded decode(const std::uint8_t* bytes, std::size_t size, Mode mode) {
  Input in{bytes, size};
  const Prefixes prefixes = take_prefixes(in, mode);
  if (in.is_empty())
    return failed(DecodeStatus::truncated);

  Decoded decoded =
      is_vex3(in, mode) ? decode_vex(in, prefixes, mode) : decode_legacy(in, prefixes);
  if (decoded.status != DecodeStatus::ok)
    return decoded;
  if (!in.is_empty())
    decoded.status = DecodeStatus::trailing_bytes;
  const std::size_t length = size - in.left;
  Request& request = decoded.request;
  request.encoding_faults |= only_if(prefixes.lock, Cause::lock_prefix) |
                             only_if(length > max_instruction_length, Cause::instruction_too_long);
  request.length = static_cast<std::uint8_t>(length > 0xFF ? 0xFF : length);
  return decoded;
}

} // namespace v0_1
} // namespace icebp
