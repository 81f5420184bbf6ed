#pragma once

#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// What to tell where `find_cpu_profile(name)` finds none: the name that was meant, and the legal
// ones. The rules themselves neither throw nor print.
std::string unknown_profile(std::string_view name);

} // namespace v0_1
} // namespace icebp
