#include <icebp/model/json/scalar.h>
#include <icebp/testbench/program/core/assembly.h>
#include <icebp/testbench/program/core/machine.h>

#include <Zydis/Zydis.h>

#include <cstdio>

namespace icebp {
namespace {

ZydisMachineMode machine_mode(Mode mode) {
  switch (mode) {
  case Mode::real:
    return ZYDIS_MACHINE_MODE_REAL_16;
  case Mode::v86:
    return ZYDIS_MACHINE_MODE_LEGACY_16;
  case Mode::protected_mode:
    return ZYDIS_MACHINE_MODE_LEGACY_32;
  case Mode::compatibility:
    return ZYDIS_MACHINE_MODE_LONG_COMPAT_32;
  case Mode::long_mode:
    break;
  }
  return ZYDIS_MACHINE_MODE_LONG_64;
}

std::string bytes_of(const std::vector<std::uint8_t>& code) {
  std::string text = "db";
  for (const std::uint8_t byte : code) {
    char hex[4];
    std::snprintf(hex, sizeof hex, " %02x", byte);
    text += hex;
  }
  return text;
}

std::string_view mnemonic_of(Operation operation) {
  const std::string_view name = name_of(operation);
  return name.substr(0, name.find("_imm"));
}

std::string index_of(const Decoded& decoded) {
  if (decoded.index_gpr)
    return std::string(name_of(static_cast<Gpr>(*decoded.index_gpr)));
  std::string text;
  append_hex(text, decoded.request.msr);
  return text;
}

// One of the newer MSR instructions, which Zydis 4.0 does not know; empty for any other.
std::string msr_assembly_of(const std::vector<std::uint8_t>& code, Mode mode) {
  const Decoded decoded = decode(code.data(), code.size(), mode);
  const Operation operation = decoded.request.operation;
  if (mode != Mode::long_mode || decoded.request.encoding_faults != 0)
    return {};
  std::string text(mnemonic_of(operation));
  if (operation == Operation::wrmsrns || is_msr_list(operation))
    return text;
  if (!has_immediate_index(operation) && !is_user_msr(operation))
    return {};
  const std::string gpr(name_of(static_cast<Gpr>(decoded.request.gpr)));
  const std::string index = index_of(decoded);
  const bool reads = reads_msr(operation);
  return text.append(" ").append(reads ? gpr : index).append(", ").append(reads ? index : gpr);
}

} // namespace

std::string assembly_of(const std::vector<std::uint8_t>& code, Mode mode, std::uint64_t rip) {
  ZydisDisassembledInstruction instruction;
  const ZyanStatus status =
      ZydisDisassembleIntel(machine_mode(mode), rip, code.data(), code.size(), &instruction);
  const bool known = ZYAN_SUCCESS(status) && instruction.info.length == code.size();
  if (known)
    return instruction.text;
  const std::string text = msr_assembly_of(code, mode);
  return text.empty() ? bytes_of(code) : text;
}

unsigned length_of(const std::vector<std::uint8_t>& code, Mode mode) {
  ZydisDisassembledInstruction instruction;
  const ZyanStatus status =
      ZydisDisassembleIntel(machine_mode(mode), 0, code.data(), code.size(), &instruction);
  const bool known = ZYAN_SUCCESS(status) && instruction.info.length == code.size();
  return known ? instruction.info.length : 0;
}

} // namespace icebp
