#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace icebp {

// The bytes of an instruction of the model in Intel syntax, such as "mov dr7, rax", "rdmsr" or
// "wrmsrns 0x1d9, rbx"; in place of an MSR's index may stand its name. Empty if it is none.
std::optional<std::vector<std::uint8_t>> assemble(std::string_view text);

// For messages.
inline constexpr const char* legal_assembly =
    "mov dr0..dr15, REG; mov REG, dr0..dr15; int1; rdmsr; wrmsr; wrmsrns; rdmsrlist; wrmsrlist; "
    "rdmsr REG, MSR; wrmsrns MSR, REG; urdmsr REG, REG or MSR; uwrmsr REG or MSR, REG; REG rax to "
    "r15 or eax to edi, MSR an index or a name";

} // namespace icebp
