#include <icebp/testbench/program/scenario/save_file.h>
#include <icebp/testbench/program/scenario/vcd_reader.h>
#include <icebp/testbench/program/scenario/wave_names.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <map>
#include <ostream>
#include <string_view>
#include <utility>

namespace icebp {
namespace {

namespace fs = std::filesystem;

// ---- The VCD ------------------------------------------------------------------------------------

// "SystemC.intel.debug_unit.dr6" is `name` in `scope`.
struct Path {
  std::string scope;
  std::string name;
};

Path split(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? Path{"", path}
                                  : Path{path.substr(0, dot), path.substr(dot + 1)};
}

bool is_at(const WaveSignal& row, const Path& path) {
  return row.name == path.name &&
         (row.scope == WaveScope::core || split(path.scope).name == name_of(row.scope));
}

std::string core_of(const WaveSignal& row, const Path& path) {
  switch (row.scope) {
  case WaveScope::scenario:
    break;
  case WaveScope::core:
    return path.scope;
  case WaveScope::debug_unit:
  case WaveScope::msr_block:
  case WaveScope::exception_unit:
    return split(path.scope).scope;
  }
  return {};
}

bool is_raised(std::string_view phase) {
  std::uint64_t value = 0;
  for (const char bit : phase)
    value = 2 * value + (bit == '1');
  const auto is = [value](Phase wanted) { return value == static_cast<std::uint64_t>(wanted); };
  return is(Phase::fault) || is(Phase::trap) || is(Phase::exit);
}

class OverviewVisitor final : public VcdVisitor {
public:
  void declare(const std::string& path, unsigned width, const std::string& code) override {
    const Path parts = split(path);
    const auto rows = wave_signals();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const WaveSignal& candidate) {
      return candidate.width == width && is_at(candidate, parts);
    });
    if (row == rows.end())
      return signals_.push_back({path, {}, nullptr});
    signals_.push_back({path, core_of(*row, parts), row});
    if (row->values == WaveValues::phase)
      cores_.emplace(code, parts.scope);
  }

  void change(std::uint64_t time, std::size_t number, std::string_view bits) override {
    VcdSignal& signal = signals_[number];
    end_ = time;
    if (!signal.row || time == 0)
      return;
    signal.changes = true;
    if (signal.row->scope == WaveScope::scenario)
      steps_.push_back(time);
    if (signal.row->values == WaveValues::phase && !exception_ && is_raised(bits))
      exception_ = time;
  }

  VcdOverview overview() && {
    VcdOverview result{{}, {}, std::move(steps_), exception_, end_};
    for (const auto& [code, core] : cores_)
      result.cores.push_back(core);
    for (VcdSignal& signal : signals_)
      if (signal.row)
        result.signals.push_back(std::move(signal));
    std::stable_sort(result.signals.begin(), result.signals.end(),
                     [](const VcdSignal& a, const VcdSignal& b) { return a.row < b.row; });
    return result;
  }

private:
  std::vector<VcdSignal> signals_;           // by number
  std::map<std::string, std::string> cores_; // by the code of their phase
  std::vector<std::uint64_t> steps_;
  std::optional<std::uint64_t> exception_;
  std::uint64_t end_ = 0;
};

// ---- What is shown ------------------------------------------------------------------------------

struct Group {
  std::string name; // of the core; empty: of none
  std::vector<const VcdSignal*> open;
  std::vector<const VcdSignal*> closed;
};

bool is_open(const VcdSignal& signal, const WaveView& view) {
  if (view.signals.empty())
    return signal.changes && signal.row->rank != WaveRank::detail;
  const std::string name(signal.row->name);
  const std::string in_unit = std::string(name_of(signal.row->scope)) + "." + name;
  return std::any_of(view.signals.begin(), view.signals.end(), [&](const std::string& wanted) {
    return wanted == name || wanted == in_unit;
  });
}

Group group_of(const std::string& core, const VcdOverview& overview, const WaveView& view) {
  Group group{core.empty() ? "" : core.substr(core.find('.') + 1), {}, {}};
  for (const VcdSignal& signal : overview.signals) {
    if (signal.core != core)
      continue;
    if (core.empty() || is_open(signal, view))
      group.open.push_back(&signal);
    else if (signal.changes)
      group.closed.push_back(&signal);
  }
  return group;
}

// The signals of no core first.
std::vector<Group> groups_of(const VcdOverview& overview, const WaveView& view) {
  std::vector<Group> groups{group_of("", overview, view)};
  for (const std::string& core : overview.cores)
    groups.push_back(group_of(core, overview, view));
  return groups;
}

// ---- GTKWave ------------------------------------------------------------------------------------

// Flags of a trace (GTKWave analyzer.h).
constexpr unsigned hexadecimal = 0x2;
constexpr unsigned decimal = 0x4;
constexpr unsigned binary = 0x8;
constexpr unsigned right_justified = 0x20;
constexpr unsigned blank = 0x200;
constexpr unsigned ascii = 0x800;
constexpr unsigned collapsed = 0x1000;
constexpr unsigned translated_by_file = 0x2000;
constexpr unsigned closed = 0x400000;
constexpr unsigned group_begin = 0x800000;
constexpr unsigned group_end = 0x1000000;

constexpr int yellow = 3;
// Pixels.
constexpr unsigned names_width = 300;
constexpr unsigned tree_width = 220;
constexpr unsigned row_height = 21;
constexpr unsigned around_the_rows = 130; // tool bar, time, scroll bar
constexpr unsigned tallest = 1000;

unsigned radix_of(WaveValues values) {
  switch (values) {
  case WaveValues::decimal:
    return decimal;
  case WaveValues::bit:
    return binary;
  case WaveValues::text:
    return ascii;
  case WaveValues::hexadecimal:
  case WaveValues::phase:
  case WaveValues::operation:
  case WaveValues::outcome:
  case WaveValues::cause:
  case WaveValues::mode:
  case WaveValues::shadow:
  case WaveValues::vector:
  case WaveValues::cost:
  case WaveValues::msr:
    break;
  }
  return hexadecimal;
}

std::string range_of(const WaveSignal& row) {
  return row.width == 1 ? "" : "[" + std::to_string(row.width - 1) + ":0]";
}

// Without the range of bits; with the unit, if another has a signal of this name.
std::string alias_of(const WaveSignal& row) {
  const auto rows = wave_signals();
  const bool is_unique = std::count_if(rows.begin(), rows.end(), [&](const WaveSignal& other) {
                           return other.name == row.name;
                         }) == 1;
  return (is_unique ? "" : std::string(name_of(row.scope)) + "/") + std::string(row.name);
}

class SaveFile {
public:
  SaveFile(std::ostream& out, const fs::path& place, const fs::path& filters)
      : out_(out), place_(place), filters_(place.parent_path() / filters) {}

  void write(const VcdOverview& overview, const WaveView& view) {
    const std::vector<Group> groups = groups_of(overview, view);
    write_window(groups, view);
    for (const Group& group : groups)
      write(group);
  }

private:
  void write_window(const std::vector<Group>& groups, const WaveView& view) {
    // GTKWave takes the filters' paths relative to this one, from where the file is now.
    out_ << "[savefile] \"" << place_.generic_string() << "\"\n"
         << "[timestart] " << view.start << "\n[size] " << view.width << ' '
         << height_of(groups, view) << "\n[pos] -1 -1\n*" << std::fixed << std::setprecision(6)
         << -std::log2(200.0 * view.time_per_pixel) << ' ';
    if (view.marker)
      out_ << *view.marker;
    else
      out_ << "-1";
    for (int named_marker = 0; named_marker < 26; ++named_marker)
      out_ << " -1";
    out_ << "\n[sst_width] " << (view.has_tree ? tree_width : 0) << "\n[signals_width] "
         << names_width << "\n[sst_expanded] " << view.has_tree << '\n';
  }

  static unsigned height_of(const std::vector<Group>& groups, const WaveView& view) {
    std::size_t rows = 0;
    for (const Group& group : groups)
      rows += group.open.size() + (group.name.empty() ? 0 : 2) + (group.closed.empty() ? 0 : 1);
    const auto height = around_the_rows + row_height * static_cast<unsigned>(rows);
    return view.has_tree ? std::min(height, tallest) : height;
  }

  void write(const Group& group) {
    if (!group.name.empty())
      write_line(group_begin | blank, group.name);
    for (const VcdSignal* signal : group.open)
      write(*signal);
    if (!group.closed.empty()) {
      write_line(group_begin | closed | blank, "more of " + group.name);
      for (const VcdSignal* signal : group.closed)
        write(*signal);
      write_line(group_end | closed | collapsed | blank, "more of " + group.name);
    }
    if (!group.name.empty())
      write_line(group_end | blank, group.name);
  }

  void write_line(unsigned flags, const std::string& text) {
    out_ << '@' << std::hex << flags << std::dec << "\n-" << text << '\n';
  }

  void write(const VcdSignal& signal) {
    const WaveSignal& row = *signal.row;
    const std::string filter = filter_of(row);
    const unsigned flags =
        radix_of(row.values) | right_justified | (filter.empty() ? 0 : translated_by_file);
    out_ << '@' << std::hex << flags << std::dec << '\n';
    if (!filter.empty())
      out_ << "^1 " << (filters_ / (filter + ".txt")).generic_string() << '\n';
    if (row.rank == WaveRank::highlighted)
      out_ << "[color] " << yellow << '\n';
    out_ << "+{" << alias_of(row) << "} " << signal.path << range_of(row) << '\n';
  }

  std::ostream& out_;
  const fs::path place_;
  const fs::path filters_;
};

// ---- Surfer -------------------------------------------------------------------------------------

class CommandFile {
public:
  explicit CommandFile(std::ostream& out) : out_(out) {}

  void write(const VcdOverview& overview, const WaveView& view) {
    for (const Group& group : groups_of(overview, view)) {
      if (!group.name.empty()) {
        out_ << "divider_add " << group.name << '\n';
        ++items_;
      }
      for (const VcdSignal* signal : group.open)
        write(*signal);
    }
    if (view.marker)
      out_ << "cursor_set " << *view.marker << "\ngoto_cursor\n";
  }

private:
  void write(const VcdSignal& signal) {
    const WaveSignal& row = *signal.row;
    out_ << "variable_add " << signal.path << "\nitem_focus " << letters_of(items_++)
         << "_\nitem_set_format " << surfer_format_of(row) << '\n';
    if (row.rank == WaveRank::highlighted)
      out_ << "item_set_color Yellow\n";
    out_ << "item_unfocus\n";
  }

  // Items are numbered with letters, to the base of 26.
  static std::string letters_of(unsigned number) {
    std::string letters;
    do
      letters.insert(letters.begin(), static_cast<char>('a' + number % 26));
    while ((number /= 26) != 0);
    return letters;
  }

  std::ostream& out_;
  unsigned items_ = 0;
};

// ---- The window ---------------------------------------------------------------------------------

std::uint64_t pixels_before(std::uint64_t time, std::uint64_t pixels, const WaveView& view) {
  return time - std::min(time, pixels * view.time_per_pixel);
}

// Its borders leave GTKWave some 80 pixels less.
unsigned most_pixels_of_waves(const WaveView& view) {
  return view.width - names_width - (view.has_tree ? tree_width : 0);
}

// With 120 pixels from `time` to the end of the waves, where it can show that many.
unsigned finer_towards_the_end(std::uint64_t time, std::uint64_t end, const WaveView& view) {
  return static_cast<unsigned>(
      std::clamp<std::uint64_t>((end - time) / 120, 1, view.time_per_pixel));
}

} // namespace

VcdOverview overview_of(std::istream& vcd) {
  OverviewVisitor visitor;
  read_vcd(vcd, visitor);
  return std::move(visitor).overview();
}

WaveView view_of(const VcdOverview& overview) {
  WaveView view;
  if (!overview.exception)
    return view;
  view.marker = overview.exception;
  const auto behind =
      std::upper_bound(overview.steps.begin(), overview.steps.end(), *overview.exception);
  const std::uint64_t step = behind == overview.steps.begin() ? 0 : *(behind - 1);
  view.time_per_pixel = finer_towards_the_end(*view.marker, overview.end, view);
  // GTKWave opens at 0 if the window would reach behind the end.
  view.start =
      std::min(std::max(pixels_before(step, 40, view), pixels_before(*view.marker, 400, view)),
               pixels_before(overview.end, most_pixels_of_waves(view), view));
  return view;
}

void write_save_file(std::ostream& out, const VcdOverview& overview, const WaveView& view,
                     const fs::path& place, const fs::path& filters) {
  SaveFile(out, place, filters).write(overview, view);
}

void write_command_file(std::ostream& out, const VcdOverview& overview, const WaveView& view) {
  CommandFile(out).write(overview, view);
}

} // namespace icebp
