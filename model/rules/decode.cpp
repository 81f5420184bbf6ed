#include <icebp/model/rules/decode.h>
#include <icebp/model/rules/field.h>

namespace icebp {
namespace {

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

struct Opcode {
  std::uint8_t escape; // 0x0F, or 0 for a one-byte opcode
  std::uint8_t byte;
  Operation operation;
  bool has_modrm;
};

constexpr Opcode opcodes[] = {
    {0x0F, 0x21, Operation::mov_from_dr, true}, //
    {0x0F, 0x23, Operation::mov_to_dr, true},   //
    {0x0F, 0x30, Operation::wrmsr, false},      //
    {0x0F, 0x32, Operation::rdmsr, false},      //
    {0x00, 0xF1, Operation::int1, false},
};

const Opcode* find_opcode(std::uint8_t escape, std::uint8_t byte) {
  for (const Opcode& opcode : opcodes)
    if (opcode.escape == escape && opcode.byte == byte)
      return &opcode;
  return nullptr;
}

Decoded failed(DecodeStatus status) {
  Decoded decoded;
  decoded.status = status;
  return decoded;
}

} // namespace

Decoded decode(const std::uint8_t* bytes, std::size_t size, Mode mode) {
  std::size_t at = 0;
  std::uint8_t rex = 0;
  bool lock = false;
  for (; at < size; ++at) {
    if (is_legacy_prefix(bytes[at])) {
      lock |= bytes[at] == 0xF0;
      rex = 0; // a REX before another prefix does not count
    } else if (mode == Mode::long_mode && is_rex(bytes[at])) {
      rex = bytes[at];
    } else {
      break;
    }
  }

  std::uint8_t escape = 0;
  if (at < size && bytes[at] == 0x0F)
    escape = bytes[at++];
  if (at == size)
    return failed(DecodeStatus::truncated);
  const Opcode* opcode = find_opcode(escape, bytes[at++]);
  if (!opcode)
    return failed(DecodeStatus::unknown_opcode);

  Decoded decoded;
  Request& request = decoded.request;
  request.operation = opcode->operation;
  request.encoding_faults = only_if(lock, Cause::lock_prefix);
  if (opcode->has_modrm) {
    if (at == size)
      return failed(DecodeStatus::truncated);
    const std::uint8_t modrm = bytes[at++];
    request.dr = static_cast<std::uint8_t>(modrm_reg::get(modrm));
    request.gpr = static_cast<std::uint8_t>(modrm_rm::get(modrm) | rex_b::get(rex) << 3);
    request.encoding_faults |= only_if(rex_r::get(rex) != 0, Cause::rex_r);
  }
  if (at != size)
    return failed(DecodeStatus::trailing_bytes);

  request.encoding_faults |= only_if(size > max_instruction_length, Cause::instruction_too_long);
  request.length = static_cast<std::uint8_t>(size > 0xFF ? 0xFF : size);
  decoded.status = DecodeStatus::ok;
  return decoded;
}

} // namespace icebp
