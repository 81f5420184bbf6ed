#pragma once

#include <systemc>

#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {
namespace report {

// Gives the text of a report of `object`, which it names first.
inline std::string text_of(const sc_core::sc_object& object, std::string_view what) {
  return std::string(object.name()) + ": " + std::string(what);
}

} // namespace report
} // namespace v0_1
} // namespace icebp
