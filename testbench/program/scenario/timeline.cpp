#include <icebp/model/profiles/msr_name.h>
#include <icebp/testbench/program/scenario/timeline.h>
#include <icebp/testbench/program/vectors/outcome_text.h>

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <string_view>
#include <tuple>

namespace icebp {
namespace {

// ECMA-48 graphic renditions.
constexpr char red[] = "\033[1;31m";
constexpr char yellow[] = "\033[33m";
constexpr char dim[] = "\033[2m";
constexpr char bold[] = "\033[1m";
constexpr char plain[] = "\033[0m";

struct Column {
  std::size_t width; // at least; two blanks follow
  bool right;
  const char* head;
};
constexpr std::array columns{
    Column{4, true, "step"},      Column{4, true, "line"},    Column{5, true, "cycle"},
    Column{7, true, "time"},      Column{4, false, "core"},   Column{18, false, "instruction"},
    Column{32, false, "outcome"}, Column{19, false, "cause"}, Column{8, false, "DR6"},
    Column{8, false, "DR7"},
};
constexpr std::size_t core_column = 4;

std::string hex(std::uint64_t value, int digits = 0) {
  std::ostringstream text;
  text << std::hex << std::setfill('0') << std::setw(digits) << value;
  return text.str();
}

class Changes {
public:
  void add(std::string_view name, std::uint64_t value) {
    text_ += text_.empty() ? "" : " ";
    text_.append(name).append("=").append(hex(value));
  }
  const std::string& text() const { return text_; }

private:
  std::string text_;
};

std::string cost_text(const Answer& answer) {
  std::string text = std::to_string(answer.cycles) + (answer.cycles == 1 ? " cycle" : " cycles");
  if (answer.cost != MsrCost::none)
    text.append(", ").append(name_of(answer.cost));
  else if (answer.serializing)
    text += ", serializing";
  return text;
}

} // namespace

std::string changes_text(const TimelineRow& row) {
  const Answer& answer = row.answer;
  Changes changes;
  if (answer.after.machine.rip != row.rip)
    changes.add("rip", answer.after.machine.rip);
  for (const auto& [reg, name] : name_table<Gpr>)
    if ((answer.gpr_changed >> static_cast<unsigned>(reg) & 1) != 0)
      changes.add(name, answer.after.machine.gpr[static_cast<std::size_t>(reg)]);
  for (std::size_t i = 0; i < row.dr.size(); ++i)
    if (answer.after.state.dr[i] != row.dr[i])
      changes.add("DR" + std::to_string(i), answer.after.state.dr[i]);
  if (answer.cr2)
    changes.add("CR2", *answer.cr2);
  if (answer.msr_changed.any())
    for (const ResolvedMsr& msr : answer.after.cpu->msrs)
      if (answer.msr_changed[msr.slot])
        changes.add(full_name(msr), answer.value_of(msr));
  for (const MemoryRange& range : answer.memory_changes)
    for (std::size_t i = 0; i < range.bytes.size(); ++i)
      changes.add('[' + hex(range.address + i) + ']', range.bytes[i]);
  return changes.text() + (changes.text().empty() ? "" : "; ") + cost_text(answer);
}

std::string Timeline::line_of(const Cells& cells) const {
  static_assert(std::tuple_size_v<Cells> == columns.size());
  std::string line;
  std::size_t place = 0; // where the column begins, if all before it had room
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t width =
        i == core_column ? std::max(core_width_, columns[i].width) : columns[i].width;
    const std::size_t blanks = width - std::min(width, cells[i].size());
    if (columns[i].right)
      line.append(blanks, ' ');
    line += cells[i];
    place += width + 2;
    line.resize(std::max(place, line.size() + 2), ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

void Timeline::put(const char* style, const std::string& text) {
  if (color_ && *style != 0)
    out_ << style << text << plain << '\n';
  else
    out_ << text << '\n';
}

void Timeline::head() {
  Cells cells;
  for (std::size_t i = 0; i < cells.size(); ++i)
    cells[i] = columns[i].head;
  put(bold, line_of(cells));
}

void Timeline::row(const TimelineRow& row) {
  const Answer& answer = row.answer;
  const bool retired = answer.outcome == OutcomeKind::retired;
  put(row.different ? red
      : retired     ? ""
                    : yellow,
      line_of({std::to_string(row.step), std::to_string(row.line), std::to_string(row.cycle),
               row.time, row.core, row.instruction, outcome_text(answer),
               answer.cause == Cause::none ? "-" : std::string(name_of(answer.cause)),
               hex(answer.after.state.dr[6], 8), hex(answer.after.state.dr[7], 8)}));
  Cells changes;
  changes[core_column + 1] = changes_text(row);
  put(dim, line_of(changes));
}

void Timeline::difference(const std::string& text) { put(red, "! " + text); }

void Timeline::note(const std::string& text) { put(bold, text); }

} // namespace icebp
