// Writes what stands beside the waves in traces, and their dictionary:
//   wave_files names FOLDER              filters of GTKWave, and mappings of Surfer in .surfer
//   wave_files view VCD STORIES FOLDER   the save file and the command file of VCD's scenario
//   wave_files page                      docs/waves.md, on standard output
// STORIES has a line for each scenario: its name, where the window begins and the marker stands, in
// ps, ps a pixel, and the signals that tell its story.

#include <icebp/testbench/program/scenario/save_file.h>
#include <icebp/testbench/program/scenario/wave_names.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace icebp;

constexpr char intro[] =
    R"(# The waves

<!-- Written by traces/update.sh from model/wave_signals.cpp and the model's tables of names. -->

`icebp run SCENARIO.json --vcd X.vcd` writes the value changes of every core, `DebugCore::trace` those
of a core in your own platform, into a scope by the core's name (`core[0]` is `core_0`) with three units below it. Beside
`X.vcd` come `X.gtkw`, for GTKWave, and `X.sucl`, for Surfer: they open at the first exception, show
what changes, in one group a core, and name the values below. Those of your platform are written by

    icebp savefile X.vcd

and the viewers are called so:

    gtkwave X.vcd X.gtkw
    surfer X.vcd --command-file X.sucl     # from the folder of the waves, where .surfer has the names

GTKWave finds the names in the folder `icebp.filters`, from any folder, as long as it stays beside the
save file. What you save from GTKWave as `X.gtkw` stays; the next run writes anew only what a run wrote. The
files for Surfer follow its documentation and have not been run.

Each phase, access and event lasts a cycle at least; a counter tells two of the same kind apart. Signals
take their values where a phase begins. An *absent* value reads all ones, shown as `none`; no value is
ever unknown. All are of DebugCore but `step`, which is of `icebp run`, and `instruction`, `opcode` and
`rip`, which the simulator around a core knows: it gives them to `InstructionWaves` (model/core_waves.h).
)";

void write_signals(std::ostream& out, WaveScope scope) {
  out << "\n## " << scope
      << "\n\n| signal | bits | values | meaning |\n| --- | --- | --- | --- |\n";
  for (const WaveSignal& signal : wave_signals())
    if (signal.scope == scope)
      out << "| `" << signal.name << "` | " << signal.width << " | " << signal.values
          << (signal.may_be_absent ? ", or absent" : "") << " | " << signal.meaning << " |\n";
}

void write_page(std::ostream& out) {
  out << intro;
  for (const auto& scope : name_table<WaveScope>)
    write_signals(out, scope.value);
  out << "\n## Values with names\n\n| table | values |\n| --- | --- |\n";
  for (const auto& table : name_table<WaveValues>) {
    const std::vector<ValueName> names = names_of(table.value);
    if (names.empty() || table.value == WaveValues::msr)
      continue;
    out << "| " << table.name << " | ";
    for (const ValueName& name : names)
      out << (&name == &names.front() ? "" : ", ") << name.value << " `" << name.name << '`';
    out << " |\n";
  }
  out << "| msr | by index, as `icebp msrs` lists them; a register that the vendors name "
         "differently "
         "has both names |\n";
}

std::ifstream open(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    throw std::runtime_error(path + ": cannot be read");
  return file;
}

WaveView story_of(const std::string& name, const std::string& stories) {
  std::ifstream file = open(stories);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    WaveView view;
    view.has_tree = false;
    view.marker = 0;
    if (!(words >> word) || word != name)
      continue;
    if (!(words >> view.start >> *view.marker >> view.time_per_pixel))
      throw std::runtime_error(stories + ": two times and a scale are wanted: " + line);
    while (words >> word)
      view.signals.push_back(word);
    return view;
  }
  throw std::runtime_error(stories + ": has no line for " + name);
}

void write_view(const fs::path& vcd, const std::string& stories, const fs::path& folder) {
  const std::string name = vcd.stem().string();
  std::ifstream in = open(vcd.string());
  const VcdOverview overview = overview_of(in);
  const WaveView view = story_of(name, stories);
  std::ofstream save_file(folder / (name + ".gtkw"));
  save_file << "[*] From the repository's root: gtkwave out/" << name << ".vcd traces/" << name
            << ".gtkw\n";
  write_save_file(save_file, overview, view, "/icebp/traces/" + name + ".gtkw", "filters");
  std::ofstream command_file(folder / (name + ".sucl"));
  command_file << "# From here: surfer ../out/" << name << ".vcd --command-file " << name
               << ".sucl; not run yet\n";
  write_command_file(command_file, overview, view);
  save_file.close();
  command_file.close();
  if (!save_file || !command_file)
    throw std::runtime_error(folder.string() + ": cannot be written; name a folder that exists");
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 2 && words[0] == "names") {
    write_filters(fs::path(words[1]) / "filters");
    write_mappings(fs::path(words[1]) / ".surfer" / "mappings");
  } else if (words.size() == 4 && words[0] == "view") {
    write_view(words[1], words[2], words[3]);
  } else if (words.size() == 1 && words[0] == "page") {
    write_page(std::cout);
  } else {
    std::cerr << "usage: wave_files names FOLDER | view VCD STORIES FOLDER | page\n";
    return 2;
  }
  return 0;
}

} // namespace

// The library of the scenarios links SystemC, whose own main asks for it.
extern "C" int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "wave_files: " << error.what() << "\n";
    return 2;
  }
}
