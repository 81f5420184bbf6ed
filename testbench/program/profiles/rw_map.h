#pragma once

#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/testbench/program/profiles/msr_fields.h>

#include <ostream>
#include <string>
#include <vector>

namespace icebp {

// What becomes of a bit of a written value.
enum class BitWrite : std::uint8_t {
  stored,
  canonical, // stored, if all of these bits are alike; else #GP
  gp,        // 1 is #GP
  dropped,   // the bit keeps its value
  taken,     // of a register that is only written: it does something, and nothing is left
  refused,   // every write is #GP
};
template <>
inline constexpr auto name_table<BitWrite> = names_in_order<BitWrite>("stored", "canonical",
                                                                      "#GP if 1", "dropped",
                                                                      "taken", "#GP");

// Neighbouring bits that are alike.
struct BitRange {
  unsigned high, low;
  BitWrite write;
  const MsrField* field; // null: the bits have no name, or the model knows none
};

// The 64 bits of a register, the highest first.
std::vector<BitRange> bit_ranges_of(const ResolvedMsr& msr, const MsrFields* fields);

// `icebp msrs --rw-map`: the bits of one register, as a table or as a JSON object. `wanted` is an
// index such as 0x1d9, or a name, with IA32_ or MSR_ or without. Throws InputError if the CPU has
// no such register.
void show_rw_map(const CpuProfile& profile, const std::string& wanted, bool as_json,
                 std::ostream& out);

} // namespace icebp
