#include <icebp/model/rules/registers/payload.h>
#include <icebp/testbench/program/vectors/outcome_text.h>

#include <array>
#include <ios>
#include <sstream>
#include <string_view>

namespace icebp {
namespace {

// The bits of DR6 (SDM vol. 3 17.2.3).
struct PayloadBit {
  std::uint64_t mask;
  std::string_view name;
};
constexpr PayloadBit payload_bits[] = {
    {field<0>::mask, "B0"},       {field<1>::mask, "B1"},       {field<2>::mask, "B2"},
    {field<3>::mask, "B3"},       {payload::bus_lock, "BLD"},   {payload::general_detect, "BD"},
    {payload::single_step, "BS"}, {payload::task_switch, "BT"}, {payload::rtm_abort, "RTM"},
};

// The names of Linux's uapi vmx.h and svm.h.
struct ExitName {
  std::uint64_t code;
  std::string_view name;
};
constexpr ExitName vmx_exits[] = {
    {0, "EXCEPTION_NMI"}, {29, "DR_ACCESS"},     {31, "MSR_READ"}, {32, "MSR_WRITE"},
    {78, "RDMSRLIST"},    {79, "WRMSRLIST"},     {80, "URDMSR"},   {81, "UWRMSR"},
    {84, "MSR_READ_IMM"}, {85, "MSR_WRITE_IMM"},
};
constexpr ExitName svm_exits[] = {{0x7C, "MSR"}, {0x88, "ICEBP"}};

std::string hex_text(std::uint64_t value) {
  std::ostringstream text;
  text << std::hex << value;
  return text.str();
}

template <typename Names>
std::string name_in(const Names& names, std::uint64_t code) {
  for (const ExitName& exit : names)
    if (exit.code == code)
      return " " + std::string(exit.name);
  return "";
}

std::string vmx_text(const Answer& answer) {
  const ExitAnswer& exit = *answer.exit;
  const std::uint64_t reason = exit[ExitField::reason].value_or(0);
  std::ostringstream text;
  text << "exit " << reason << name_in(vmx_exits, reason);
  if (answer.vector != Vector::none)
    text << ", " << answer.vector;
  if (const auto& qualification = exit[ExitField::qualification])
    text << ", qualification "
         << (answer.vector == Vector::db ? payload_text(*qualification) : hex_text(*qualification));
  return text.str();
}

// Exit codes with a number: READ_DR0 to WRITE_DR15, EXCP_BASE + vector.
struct NumberedExits {
  std::uint64_t first, count;
  std::string_view name;
};
constexpr NumberedExits svm_numbered_exits[] = {
    {0x20, 16, "READ_DR"}, {0x30, 16, "WRITE_DR"}, {0x40, 32, "EXCP_BASE+"}};

std::string svm_text(const ExitAnswer& exit) {
  const std::uint64_t code = exit[ExitField::code].value_or(0);
  std::ostringstream text;
  text << std::hex << "exit " << code << name_in(svm_exits, code) << std::dec;
  for (const NumberedExits& exits : svm_numbered_exits)
    if (code >= exits.first && code - exits.first < exits.count)
      text << ' ' << exits.name << code - exits.first;
  return text.str();
}

std::string exception_text(const Answer& answer) {
  std::ostringstream text;
  text << std::hex << answer.vector;
  if (answer.error_code)
    text << '(' << *answer.error_code << ')';
  text << ' ' << answer.outcome;
  if (answer.vector == Vector::db)
    text << ", payload " << payload_text(answer.payload.value_or(0));
  if (answer.vector == Vector::pf)
    text << ", address " << answer.payload.value_or(0);
  if (answer.redirected)
    text << ", to firmware";
  return text.str();
}

} // namespace

std::string payload_text(std::uint64_t payload) {
  std::ostringstream text;
  text << std::hex << payload;
  for (const PayloadBit& bit : payload_bits)
    if ((payload & bit.mask) != 0)
      text << ' ' << bit.name;
  return text.str();
}

std::string outcome_text(const Answer& answer) {
  if (answer.exit)
    return answer.exit->of_svm ? svm_text(*answer.exit) : vmx_text(answer);
  if (answer.vector == Vector::none)
    return std::string(name_of(answer.outcome));
  return exception_text(answer);
}

} // namespace icebp
