#pragma once
// The verbs and options of `icebp`, as tables: from them come the parser, the help, the man page
// and bash's completion.

#include <boost/program_options/variables_map.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace icebp {

struct VerbRow {
  std::string_view name;
  const char* words;   // behind it, as the help shows them
  const char* summary; // a line
  const char* meaning;
};
inline constexpr VerbRow verbs[] = {
    {"run", "SCENARIO.json|FOLDER...", "play scenarios on the timed model; timeline and waves",
     "Plays each scenario on the timed model, prints its timeline, compares what it expects, and "
     "writes its waves beside a GTKWave save file. A folder stands for its *.json files."},
    {"check", "FILE...", "answer vectors, a JSON object a line",
     "Answers each line on standard output and compares what it expects; differences and the "
     "summary "
     "go to standard error. - is standard input."},
    {"savefile", "FILE.vcd...", "name the values in the waves of a platform of your own",
     "Writes beside each VCD, into which DebugCore::trace has put signals, what run writes beside "
     "its "
     "own: a save file of GTKWave, a command file of Surfer, and the names of values."},
    {"msrs", "", "list the MSRs of a profile, or tell the bits of one",
     "Lists index, access, writable and faulting bits, value after RESET, scope, cost and grade of "
     "each MSR; with --rw-map, tells the bits of one."},
    {"profiles", "", "list the CPU profiles, or show one with its CPUID",
     "Lists the profiles; with --profile, shows one: features, counts, quirks and CPUID."},
    {"help", "[VERB]", "tell about a verb", "Tells about a verb, or all of them."},
};

struct OptionRow {
  const char* name;
  char letter;          // 0: none
  const char* argument; // null: a switch
  std::string_view verbs;
  const char* meaning;
};
inline constexpr OptionRow options[] = {
    {"profile", 0, "P", "run check msrs profiles",
     "CPU profile of cores and lines that name none (intel-skylake), or to list; with a feature "
     "less: intel-skylake,-rtm; derived, in a file: my-cpu.json"},
    {"vcd", 0, "FILE", "run",
     "waves to FILE, or into a folder, which is made if need be: one that exists or ends with /, "
     "or "
     "any not ending with .vcd where several scenarios or a folder are played; - is standard "
     "output, and the timeline goes to standard error. Without it, the scenario's name with .vcd, "
     "in "
     "this folder"},
    {"no-vcd", 0, nullptr, "run", "no waves"},
    {"quiet", 0, nullptr, "run", "differences and the summary only"},
    {"loosely-timed", 0, nullptr, "run", "on loosely timed cores, which have no waves"},
    {"json", 0, nullptr, "run msrs profiles",
     "a JSON object a line: a step's answer as check gives it, a register, a profile"},
    {"junit", 0, "FILE", "run check", "results for a CI server to FILE, as JUnit XML"},
    {"color", 0, "WHEN", "run", "auto (on a terminal), always or never"},
    {"filter", 0, "REGEX", "msrs", "those whose name or index matches"},
    {"compare", 0, "PROFILE", "msrs",
     "what differs: - as --profile has it, + as this profile has it"},
    {"rw-map", 0, "MSR", "msrs",
     "the 64 bits of one, by index (0x1d9) or name: fields, and what becomes of a bit that is "
     "written"},
    {"help", 'h', nullptr, "run check savefile msrs profiles help",
     "print what the verb does, and stop"},
    {"version", 'V', nullptr, "", "print the version, and stop"},
};

inline constexpr const char* exit_statuses = "0 all well, 1 a difference from what is expected, 2 "
                                             "bad input or output that cannot be written";

// Whether `word` is one of `words`, which blanks separate.
bool is_one_of(std::string_view words, std::string_view word);

const VerbRow* find_verb(std::string_view name);

struct CommandLine {
  const VerbRow* verb = nullptr; // null: none is needed for --help and --version
  std::vector<std::string> words;
  boost::program_options::variables_map values;

  bool has(const char* option) const { return values.count(option) != 0; }
  // Of an option with an argument; empty if it is not given.
  std::string text(const char* option) const;
};

// Throws InputError.
CommandLine parse_command_line(int argc, const char* const* argv);

// About one verb, or with null about all.
std::string help_text(const VerbRow* verb);

} // namespace icebp
