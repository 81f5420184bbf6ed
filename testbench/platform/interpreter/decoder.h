#pragma once

#include <icebp/testbench/platform/interpreter/code_cache.h>
#include <icebp/testbench/platform/interpreter/instruction.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace icebp::vp {

struct DecodeResult {
  bool needs_more = false; // more bytes than there are, or than an instruction may have
  Instruction instruction; // what cannot be executed has a handler that raises #UD
};

// Decodes the instruction that `bytes` begin with: those of the model with its own decoder, the
// others with Zydis.
DecodeResult decode_instruction(const std::uint8_t* bytes, std::size_t size, CodeKind kind);

// Intel syntax; "?" if the bytes are no instruction.
std::string disassemble(const std::uint8_t* bytes, std::size_t size, CodeKind kind,
                        std::uint64_t address);

} // namespace icebp::vp
