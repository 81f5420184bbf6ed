#include <icebp/testbench/program/json/input_error.h>
#include <icebp/testbench/program/profiles/listing.h>
#include <icebp/testbench/program/profiles/profiles.h>
#include <icebp/testbench/program/scenario/run.h>
#include <icebp/testbench/program/vectors/check.h>

#include <boost/program_options.hpp>
#include <sysc/tracing/sc_tracing_ids.h>
#include <systemc>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace icebp {
namespace {

namespace po = boost::program_options;

constexpr char usage[] =
    "usage: icebp run SCENARIO.json [--profile P] [--vcd FILE] [--quiet]\n"
    "                 [--loosely-timed]\n"
    "       icebp check FILE... [--profile P]\n"
    "       icebp msrs [--profile P] [--filter REGEX] [--json]\n"
    "       icebp profiles [--profile P] [--json]\n"
    "       icebp --help | --version\n"
    "\n"
    "run plays a scenario on the timed model and writes its waves. check answers\n"
    "vectors, a JSON object a line, on standard output; - is standard input. msrs\n"
    "prints the MSRs of a profile, profiles the profiles, or one with its CPUID.\n"
    "Exit status: 0 all well, 1 a difference, 2 bad input.\n";

constexpr int bad_input = 2;

const CpuProfile& default_profile(Profiles& profiles, const po::variables_map& values) {
  try {
    return profiles.named(values["profile"].as<std::string>());
  } catch (const InputError& error) {
    throw InputError("--profile", error.what(), {});
  }
}

po::options_description visible_options() {
  po::options_description options("options");
  options.add_options()                                                     //
      ("profile", po::value<std::string>()->default_value("intel-skylake"), //
       "CPU profile of cores and lines that name none; a feature less: intel-skylake,-rtm; "
       "a derived one: my-cpu.json")                                                 //
      ("vcd", po::value<std::string>(),                                              //
       "run: file for the waves; the scenario's name with .vcd, here, if not given") //
      ("quiet", "run: differences and the summary only")                             //
      ("loosely-timed", "run: on loosely timed cores, without waves")                //
      ("filter", po::value<std::string>()->default_value("", ""),                    //
       "msrs: those whose name or index matches")                                    //
      ("json", "msrs, profiles: a JSON object a line")                               //
      ("help,h", "print this and stop")                                              //
      ("version", "print the version and stop");
  return options;
}

po::variables_map parse(int argc, char** argv) try {
  po::options_description all = visible_options();
  all.add_options()("words", po::value<std::vector<std::string>>()->default_value({}, ""));
  po::positional_options_description positional;
  positional.add("words", -1);
  po::variables_map values;
  po::store(po::command_line_parser(argc, argv).options(all).positional(positional).run(), values);
  po::notify(values);
  return values;
} catch (const po::error& error) {
  throw InputError("", error.what(),
                   "--profile P, --vcd FILE, --quiet, --loosely-timed, --filter REGEX, --json, "
                   "--help, --version");
}

struct OwnedOption {
  const char* name;
  const char* commands; // that take it
};
constexpr OwnedOption owned_options[] = {
    {"vcd", "run"},     {"quiet", "run"},          {"loosely-timed", "run"},
    {"filter", "msrs"}, {"json", "msrs profiles"}, {"profile", "run check msrs profiles"},
};

bool is_one_of(std::string_view words, std::string_view word) {
  return (" " + std::string(words) + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

void refuse_options_of_others(const std::string& command, const po::variables_map& values) {
  for (const OwnedOption& option : owned_options)
    if (values.count(option.name) && !values[option.name].defaulted() &&
        !is_one_of(option.commands, command)) {
      const std::string_view commands = option.commands;
      throw InputError("--" + std::string(option.name),
                       "is an option of icebp " +
                           std::string(commands.substr(0, commands.find(' '))),
                       "leave it out");
    }
}

int run_command(const std::vector<std::string>& files, const po::variables_map& values) {
  if (files.size() != 1)
    throw InputError("run", "takes one scenario file", "icebp run SCENARIO.json");
  RunOptions options;
  options.scenario = files.front();
  Profiles profiles;
  options.default_profile = &default_profile(profiles, values);
  options.quiet = values.count("quiet") != 0;
  options.loosely_timed = values.count("loosely-timed") != 0;
  if (options.loosely_timed && values.count("vcd"))
    throw InputError("--vcd", "loosely timed cores have no waves", "one of the two options");
  if (values.count("vcd"))
    options.vcd = values["vcd"].as<std::string>();
  return run(options, profiles, std::cout);
}

int check_command(const std::vector<std::string>& files, const po::variables_map& values) {
  if (files.empty())
    throw InputError("check", "takes one file or more",
                     "icebp check FILE..., - for standard input");
  Profiles profiles;
  return check(files, profiles, default_profile(profiles, values), std::cin, std::cout, std::cerr);
}

void want_no_words(const std::string& command, const std::vector<std::string>& words) {
  if (!words.empty())
    throw InputError(command, "takes no file", "leave " + words.front() + " out");
}

int msrs_command(const std::vector<std::string>& words, const po::variables_map& values) {
  want_no_words("msrs", words);
  Profiles profiles;
  list_msrs(default_profile(profiles, values), values["filter"].as<std::string>(),
            values.count("json") != 0, std::cout);
  return 0;
}

int profiles_command(const std::vector<std::string>& words, const po::variables_map& values) {
  want_no_words("profiles", words);
  const bool as_json = values.count("json") != 0;
  Profiles profiles;
  if (values["profile"].defaulted())
    list_profiles(as_json, std::cout);
  else
    show_profile(default_profile(profiles, values), as_json, std::cout);
  return 0;
}

struct Command {
  std::string_view name;
  int (*run)(const std::vector<std::string>& words, const po::variables_map& values);
};
constexpr Command commands[] = {
    {"run", run_command},
    {"check", check_command},
    {"msrs", msrs_command},
    {"profiles", profiles_command},
};
constexpr const char* legal_commands = "run, check, msrs or profiles; icebp --help tells more";

int command(int argc, char** argv) {
  const po::variables_map values = parse(argc, argv);
  if (values.count("help")) {
    std::cout << usage << "\n" << visible_options();
    return 0;
  }
  if (values.count("version")) {
    std::cout << "icebp " ICEBP_VERSION "\n";
    return 0;
  }
  auto words = values["words"].as<std::vector<std::string>>();
  if (words.empty())
    throw InputError("", "no command is given", legal_commands);
  const std::string name = words.front();
  words.erase(words.begin());
  for (const Command& candidate : commands)
    if (candidate.name == name) {
      refuse_options_of_others(name, values);
      return candidate.run(words, values);
    }
  throw InputError("", "\"" + name + "\" is not a command", legal_commands);
}

} // namespace
} // namespace icebp

int sc_main(int argc, char** argv) {
  using sc_core::sc_report_handler;
  sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  // Where a scenario fails before it starts, its waves are empty and thrown away.
  sc_report_handler::set_actions(sc_core::SC_ID_TRACING_CLOSE_EMPTY_FILE_, sc_core::SC_DO_NOTHING);
  try {
    return icebp::command(argc, argv);
  } catch (const std::exception& error) {
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
