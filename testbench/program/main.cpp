#include <icebp/model/json/input_error.h>
#include <icebp/model/profiles/profiles.h>
#include <icebp/model/rules/vocabulary/legal_names.h>
#include <icebp/testbench/program/command_line.h>
#include <icebp/testbench/program/files/temporaries.h>
#include <icebp/testbench/program/profiles/listing.h>
#include <icebp/testbench/program/profiles/rw_map.h>
#include <icebp/testbench/program/scenario/run.h>
#include <icebp/testbench/program/scenario/viewer_files.h>
#include <icebp/testbench/program/vectors/check.h>

#include <sysc/tracing/sc_tracing_ids.h>
#include <systemc>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace icebp {
namespace {

constexpr int bad_input = 2;

// Null if none is given.
const CpuProfile* given_profile(Profiles& profiles, const CommandLine& line,
                                const char* option = "profile") {
  try {
    return line.has(option) ? &profiles.named(line.text(option)) : nullptr;
  } catch (const InputError& error) {
    throw InputError(std::string("--") + option, error.what(), {});
  }
}

const CpuProfile& profile_of(Profiles& profiles, const CommandLine& line) {
  const CpuProfile* given = given_profile(profiles, line);
  return given != nullptr ? *given : profiles.named("intel-skylake");
}

bool wants_color(const CommandLine& line) {
  const std::string when = line.has("color") ? line.text("color") : "auto";
  if (when != "auto" && when != "always" && when != "never")
    throw InputError("--color", '"' + when + "\" is not known", "auto, always, never");
  const char* no_color = std::getenv("NO_COLOR"); // https://no-color.org
  return when == "always" ||
         (when == "auto" && isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == 0));
}

void refuse_both(const CommandLine& line, const char* option, const char* other, const char* why) {
  if (line.has(option) && line.has(other))
    throw InputError("--" + std::string(option), why, "leave out this or --" + std::string(other));
}

int run_verb(const CommandLine& line) {
  if (line.words.empty())
    throw InputError("run", "takes one scenario or more", "icebp run SCENARIO.json|FOLDER...");
  refuse_both(line, "vcd", "loosely-timed", "loosely timed cores have no waves");
  refuse_both(line, "vcd", "no-vcd", "asks for waves");
  Profiles profiles;
  RunOptions options;
  options.scenarios = line.words;
  options.profile = given_profile(profiles, line);
  options.quiet = line.has("quiet");
  options.loosely_timed = line.has("loosely-timed");
  options.no_vcd = line.has("no-vcd");
  options.json = line.has("json");
  options.color = wants_color(line);
  options.junit = line.text("junit");
  if (line.has("vcd"))
    options.vcd = line.text("vcd");
  return run(options, profiles, std::cout, std::cerr);
}

int check_verb(const CommandLine& line) {
  if (line.words.empty())
    throw InputError("check", "takes one file or more",
                     "icebp check FILE..., - for standard input");
  Profiles profiles;
  const CheckOptions options{line.words, given_profile(profiles, line), line.text("junit")};
  return check(options, profiles, std::cin, std::cout, std::cerr);
}

int savefile_verb(const CommandLine& line) {
  if (line.words.empty())
    throw InputError("savefile", "takes one VCD or more", "icebp savefile FILE.vcd...");
  for (const std::string& vcd : line.words)
    for (const std::string& file : write_viewer_files(vcd, IfOfUser::refuse))
      std::cout << file << '\n';
  return 0;
}

void want_no_words(const CommandLine& line) {
  if (!line.words.empty())
    throw InputError(std::string(line.verb->name), "takes no file",
                     "leave " + line.words.front() + " out");
}

int msrs_verb(const CommandLine& line) {
  want_no_words(line);
  for (const char* other : {"filter", "compare"})
    refuse_both(line, "rw-map", other, "tells of one MSR");
  Profiles profiles;
  const CpuProfile& profile = profile_of(profiles, line);
  if (line.has("rw-map"))
    show_rw_map(profile, line.text("rw-map"), line.has("json"), std::cout);
  else if (const CpuProfile* other = given_profile(profiles, line, "compare"))
    compare_msrs(profile, *other, line.text("filter"), line.has("json"), std::cout);
  else
    list_msrs(profile, line.text("filter"), line.has("json"), std::cout);
  return 0;
}

int profiles_verb(const CommandLine& line) {
  want_no_words(line);
  Profiles profiles;
  if (const CpuProfile* given = given_profile(profiles, line))
    show_profile(*given, line.has("json"), std::cout);
  else
    list_profiles(line.has("json"), std::cout);
  return 0;
}

int help_verb(const CommandLine& line) {
  if (line.words.size() > 1)
    throw InputError("help", "takes one verb", names_in(verbs));
  const VerbRow* verb = nullptr;
  if (!line.words.empty()) {
    const std::string& name = line.words.front();
    verb = find_verb(name);
    if (verb == nullptr)
      throw InputError("help", with_guess('"' + name + "\" is not a verb", name, names_in(verbs)),
                       names_in(verbs));
  }
  std::cout << help_text(verb);
  return 0;
}

struct Implementation {
  std::string_view verb;
  int (*run)(const CommandLine& line);
};
constexpr Implementation implementations[] = {
    {"run", run_verb},   {"check", check_verb},       {"savefile", savefile_verb},
    {"msrs", msrs_verb}, {"profiles", profiles_verb}, {"help", help_verb},
};

int obey(const CommandLine& line) {
  if (line.has("version")) {
    std::cout << "icebp " ICEBP_VERSION "\n";
    return 0;
  }
  if (line.has("help")) {
    std::cout << help_text(line.verb);
    return 0;
  }
  for (const Implementation& implementation : implementations)
    if (implementation.verb == line.verb->name)
      return implementation.run(line);
  throw std::logic_error("a verb without a function");
}

// Output that is lost is an error, whatever the verb says.
int with_output(int status) {
  errno = 0;
  if (std::cout.flush())
    return status;
  std::cerr << "icebp: standard output cannot be written"
            << (errno != 0 ? std::string(": ") + std::strerror(errno) : "") << '\n';
  return bad_input;
}

} // namespace
} // namespace icebp

int sc_main(int argc, char** argv) {
  using sc_core::sc_report_handler;
  sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  // Where a scenario fails before it starts, its waves are empty and thrown away.
  sc_report_handler::set_actions(sc_core::SC_ID_TRACING_CLOSE_EMPTY_FILE_, sc_core::SC_DO_NOTHING);
  icebp::remove_temporaries_at_signals();
  try {
    return icebp::with_output(icebp::obey(icebp::parse_command_line(argc, argv)));
  } catch (const std::exception& error) {
    std::cout.flush();
    std::cerr << "icebp: " << error.what() << "\n";
    return icebp::bad_input;
  }
}

// SystemC would print its banner before anything else.
int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
