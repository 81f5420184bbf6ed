#include <icebp/testbench/program/assembly.h>

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

} // namespace

std::string assembly_of(const std::vector<std::uint8_t>& code, Mode mode, std::uint64_t rip) {
  ZydisDisassembledInstruction instruction;
  const ZyanStatus status =
      ZydisDisassembleIntel(machine_mode(mode), rip, code.data(), code.size(), &instruction);
  const bool known = ZYAN_SUCCESS(status) && instruction.info.length == code.size();
  return known ? instruction.text : bytes_of(code);
}

unsigned length_of(const std::vector<std::uint8_t>& code, Mode mode) {
  ZydisDisassembledInstruction instruction;
  const ZyanStatus status =
      ZydisDisassembleIntel(machine_mode(mode), 0, code.data(), code.size(), &instruction);
  const bool known = ZYAN_SUCCESS(status) && instruction.info.length == code.size();
  return known ? instruction.info.length : 0;
}

} // namespace icebp
