#pragma once

#include <icebp/model/rules/cpu/msr_table.h>

#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// The name of a register; of one in a range with its number in place of the first register's 0.
inline std::string full_name(const ResolvedMsr& msr) {
  std::string name(msr.name);
  if (msr.number != 0)
    name.replace(name.find('0'), 1, std::to_string(msr.number));
  return name;
}

// `problem`, with that name of an MSR that is nearest to `name` if one is near.
std::string with_msr_guess(const std::string& problem, std::string_view name);

} // namespace v0_1
} // namespace icebp
