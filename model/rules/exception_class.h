#pragma once
// Tells what an exception during the delivery of another comes to (SDM vol. 3 tables 6-4, 6-5).

#include <cstdint>

namespace icebp {
inline namespace v0_1 {

enum class ExceptionClass : std::uint8_t { benign, contributory, page_fault, double_fault };

// Gives the class of a vector, 0 to 31. #DB is benign: it neither makes nor suffers a double fault.
constexpr ExceptionClass exception_class(std::uint8_t vector) {
  switch (vector) {
  case 0:  // #DE
  case 10: // #TS
  case 11: // #NP
  case 12: // #SS
  case 13: // #GP
  case 21: // #CP
    return ExceptionClass::contributory;
  case 8:
    return ExceptionClass::double_fault;
  case 14:
  case 20: // #VE
    return ExceptionClass::page_fault;
  default:
    return ExceptionClass::benign;
  }
}

enum class Escalation : std::uint8_t { serial, double_fault, shutdown };

// Tells what `second` comes to, raised while `first` was being delivered. Serial: it is delivered
// as if it were alone.
constexpr Escalation escalation(std::uint8_t first, std::uint8_t second) {
  const ExceptionClass before = exception_class(first);
  const ExceptionClass now = exception_class(second);
  const bool serious = now == ExceptionClass::contributory || now == ExceptionClass::page_fault;
  if (!serious || before == ExceptionClass::benign)
    return Escalation::serial;
  if (before == ExceptionClass::double_fault)
    return Escalation::shutdown;
  if (before == ExceptionClass::contributory && now == ExceptionClass::page_fault)
    return Escalation::serial;
  return Escalation::double_fault;
}

} // namespace v0_1
} // namespace icebp
