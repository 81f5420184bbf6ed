#include <icebp/model/json/input_error.h>
#include <icebp/model/rules/vocabulary/legal_names.h>
#include <icebp/testbench/program/command_line.h>

#include <boost/program_options.hpp>

#include <algorithm>
#include <sstream>

namespace icebp {
namespace {

namespace po = boost::program_options;

constexpr std::size_t page_width = 80;

std::string name_for_boost(const OptionRow& option) {
  return option.letter == 0 ? option.name : std::string(option.name) + ',' + option.letter;
}

po::options_description boost_options() {
  po::options_description all;
  for (const OptionRow& option : options)
    if (option.argument == nullptr)
      all.add_options()(name_for_boost(option).c_str(), option.meaning);
    else
      all.add_options()(name_for_boost(option).c_str(), po::value<std::string>(), option.meaning);
  return all;
}

std::string names_of_options() {
  std::string names;
  for (const OptionRow& option : options)
    append_name(names, "--" + std::string(option.name) +
                           (option.argument == nullptr ? "" : " " + std::string(option.argument)));
  return names;
}

std::string without_dashes(const std::string& option) {
  return option.substr(std::min(option.find_first_not_of('-'), option.size()));
}

po::variables_map values_of(int argc, const char* const* argv) try {
  po::options_description all = boost_options();
  all.add_options()("words", po::value<std::vector<std::string>>()->default_value({}, ""));
  po::positional_options_description positional;
  positional.add("words", -1);
  constexpr int style =
      po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map values;
  po::store(
      po::command_line_parser(argc, argv).options(all).positional(positional).style(style).run(),
      values);
  po::notify(values);
  return values;
} catch (const po::unknown_option& error) {
  throw InputError(
      "", with_guess(error.what(), without_dashes(error.get_option_name()), names_in(options)),
      names_of_options());
} catch (const po::error& error) {
  throw InputError("", error.what(), names_of_options());
}

void refuse_options_of_others(const CommandLine& line) {
  for (const OptionRow& option : options)
    if (line.has(option.name) && !is_one_of(option.verbs, line.verb->name))
      throw InputError("--" + std::string(option.name),
                       "is an option of icebp " +
                           std::string(option.verbs.substr(0, option.verbs.find(' '))),
                       "leave it out");
}

// `text` in lines no longer than the page, all but the first behind `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::istringstream words{std::string(text)};
  std::string lines;
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > page_width) {
      lines += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines;
}

void put_row(std::string& help, std::string name, std::string_view text, std::size_t indent) {
  name.resize(std::max(indent, name.size() + 2), ' ');
  help += name + wrapped(text, indent) + '\n';
}

void put_option(std::string& help, const OptionRow& option) {
  std::string name = option.letter == 0 ? "      " : "  -" + std::string(1, option.letter) + ", ";
  name += "--" + std::string(option.name);
  if (option.argument != nullptr)
    name += " " + std::string(option.argument);
  put_row(help, std::move(name), option.meaning, 24);
}

} // namespace

bool is_one_of(std::string_view words, std::string_view word) {
  return (" " + std::string(words) + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

const VerbRow* find_verb(std::string_view name) {
  for (const VerbRow& verb : verbs)
    if (verb.name == name)
      return &verb;
  return nullptr;
}

std::string CommandLine::text(const char* option) const {
  return has(option) ? values[option].as<std::string>() : "";
}

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  line.values = values_of(argc, argv);
  line.words = line.values["words"].as<std::vector<std::string>>();
  if (line.words.empty()) {
    if (line.has("help") || line.has("version"))
      return line;
    throw InputError("", "no verb is given", names_in(verbs) + "; icebp help tells more");
  }
  const std::string name = line.words.front();
  line.words.erase(line.words.begin());
  line.verb = find_verb(name);
  if (line.verb == nullptr)
    throw InputError("", with_guess('"' + name + "\" is not a verb", name, names_in(verbs)),
                     names_in(verbs) + "; icebp help tells more");
  if (!line.has("version"))
    refuse_options_of_others(line);
  return line;
}

std::string help_text(const VerbRow* verb) {
  std::string help = "usage: icebp ";
  if (verb == nullptr) {
    help += "VERB [OPTION...] [WORD...]\n\n";
    for (const VerbRow& row : verbs)
      put_row(help, "  " + std::string(row.name), row.summary, 12);
    help += "\nicebp help VERB, or icebp VERB --help, tells about one; icebp -V is the version.\n";
  } else {
    help += std::string(verb->name) + " [OPTION...] " + verb->words + "\n\n" +
            wrapped(verb->meaning, 0) + "\n\n";
    for (const OptionRow& option : options)
      if (is_one_of(option.verbs, verb->name))
        put_option(help, option);
  }
  return help + '\n' + wrapped("Exit status: " + std::string(exit_statuses) + '.', 0) + '\n';
}

} // namespace icebp
