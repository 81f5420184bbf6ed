#pragma once
// Registers as text, in what more than one listing has.

#include <icebp/model/profiles/msr_name.h>
#include <icebp/model/rules/cpu/msr_table.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace icebp {

std::string hex_digits_of(std::uint64_t value, int digits);
// The same behind 0x.
std::string padded_hex(std::uint64_t value, int digits);
std::string json_string(std::string_view text);

// "rw", "ro", "wo", or "smm": read everywhere, written in SMM.
std::string_view access_of(const ResolvedMsr& msr);

// MsrCost::none where the register is not read, or not written.
MsrCost cost_of_read(const ResolvedMsr& msr);
MsrCost cost_of_write(const ResolvedMsr& msr);

// Members of a JSON object, without its braces.
std::string json_members_of(const ResolvedMsr& msr);

} // namespace icebp
