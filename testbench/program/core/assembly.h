#pragma once

#include <icebp/model/rules/vocabulary/core_context.h>

#include <cstdint>
#include <string>
#include <vector>

namespace icebp {

// The instruction in Intel syntax, by Zydis, and of the newer MSR instructions where Zydis does not
// know them; of others `db` and the bytes.
std::string assembly_of(const std::vector<std::uint8_t>& code, Mode mode, std::uint64_t rip);

// Length of the instruction that `code` is from its first byte to its last; 0 if it is not one.
unsigned length_of(const std::vector<std::uint8_t>& code, Mode mode);

} // namespace icebp
