#include <icebp/testbench/program/scenario/timeline.h>

#include <iomanip>
#include <sstream>

namespace icebp {
namespace {

std::string hex(std::uint64_t value, int digits) {
  std::ostringstream text;
  text << std::hex << std::setfill('0') << std::setw(digits) << value;
  return text.str();
}

template <typename Step, typename Cycle>
void print_columns(std::ostream& out, const Step& step, const Cycle& cycle, const std::string& time,
                   const std::string& core, const std::string& instruction, std::string_view cause,
                   const std::string& exception, const std::string& dr6, const std::string& dr7) {
  out << std::right << std::setw(4) << step << std::setw(7) << cycle << std::setw(10) << time
      << "  " << std::left << std::setw(12) << core << ' ' << std::setw(22) << instruction << ' '
      << std::setw(22) << cause << ' ' << std::setw(36) << exception << ' ' << dr6 << "  " << dr7
      << '\n'
      << std::right;
}

} // namespace

void print_timeline_head(std::ostream& out) {
  print_columns(out, "step", "cycle", "time", "core", "instruction", "cause", "exception",
                "DR6     ", "DR7");
}

void print_timeline_row(std::ostream& out, const TimelineRow& row) {
  print_columns(out, row.step, row.cycle, row.time, row.core, row.instruction,
                name_of(row.outcome.cause), description_of(row.outcome), hex(row.dr6, 8),
                hex(row.dr7, 8));
}

std::string description_of(const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::retired)
    return "-";
  std::ostringstream text;
  text << std::hex;
  if (outcome.vector == Vector::none) { // an instruction exit, or cancelled
    text << outcome.kind << ' ' << outcome.code;
    return text.str();
  }
  text << outcome.vector;
  if (outcome.error_code())
    text << '(' << *outcome.error_code() << ')';
  text << ' ' << outcome.kind;
  if (outcome.payload())
    text << ", payload " << *outcome.payload();
  if (outcome.redirected)
    text << ", to firmware";
  return text.str();
}

} // namespace icebp
