#pragma once

#include <icebp/model/rules/vocabulary/core_context.h>
#include <icebp/model/rules/vocabulary/name_table.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace icebp {
inline namespace v0_1 {

// `trailing_bytes`: an instruction, and bytes behind it.
enum class DecodeStatus : std::uint8_t { ok, truncated, trailing_bytes, unknown_opcode };
template <>
inline constexpr auto name_table<DecodeStatus> = names_in_order<DecodeStatus>("ok", "truncated",
                                                                              "trailing bytes",
                                                                              "unknown opcode");

struct Decoded {
  DecodeStatus status = DecodeStatus::unknown_opcode;
  // `decode` sets operation, dr, gpr, an immediate MSR index, length and encoding_faults; the core
  // sets the rest.
  Request request;
  // URDMSR and UWRMSR without an immediate take the MSR index from this register, 0 to 15.
  std::optional<std::uint8_t> index_gpr;
};

inline constexpr std::size_t max_instruction_length = 15;

// Decodes one instruction of this model: MOV to and from DR, RDMSR, WRMSR, WRMSRNS,
// RDMSRLIST, WRMSRLIST, URDMSR, UWRMSR, the immediate forms (VEX.128.F2/F3.MAP7.W0 F6 or F8 /0
// id), INT1, with any prefixes in any number. REX exists only in 64-bit mode, and only directly
// before the opcode; ModRM.mod of MOV DR is ignored and no SIB or displacement follows (SDM vol. 2
// MOV DR). Encodings that a CPU answers with a fault are `ok` and carry that fault in
// `encoding_faults`. `length` is the instruction's own; bytes behind it change nothing but the
// status.
Decoded decode(const std::uint8_t* bytes, std::size_t size, Mode mode);

} // namespace v0_1
} // namespace icebp
