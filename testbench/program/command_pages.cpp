// Writes what describes the program elsewhere, from the tables of verbs and options:
// `command_pages man VERSION` its man page, `command_pages bash` bash's completion.
#include <icebp/testbench/program/command_line.h>

#include <iostream>
#include <string>

namespace icebp {
namespace {

// Text as roff takes it: no line begins with a control character, a dash is a minus.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text)
    if (c == '\\')
      escaped += "\\e";
    else if (c == '-')
      escaped += "\\-";
    else
      escaped += c;
  return escaped.empty() || (escaped[0] != '.' && escaped[0] != '\'') ? escaped : "\\&" + escaped;
}

void put_option(std::ostream& out, const OptionRow& option) {
  out << ".TP\n.B ";
  if (option.letter != 0)
    out << "\\-" << option.letter << ", ";
  out << "\\-\\-" << roff(option.name);
  if (option.argument != nullptr)
    out << " \\fI" << option.argument << "\\fR";
  out << '\n' << roff(option.meaning) << ".\n";
}

void put_man(std::ostream& out, const std::string& version) {
  out << ".TH ICEBP 1 \"\" \"icebp " << version << "\" \"User Commands\"\n"
      << ".SH NAME\nicebp \\- model of an x86 core's debug unit and MSR block\n"
      << ".SH SYNOPSIS\n";
  for (const VerbRow& verb : verbs)
    out << ".B icebp " << verb.name << "\n[\\fIOPTION\\fR...] " << roff(verb.words) << "\n.br\n";
  out << ".SH DESCRIPTION\n";
  for (const VerbRow& verb : verbs) {
    out << ".SS icebp " << verb.name << "\n" << roff(verb.meaning) << '\n';
    for (const OptionRow& option : options)
      if (is_one_of(option.verbs, verb.name))
        put_option(out, option);
  }
  out << ".SH EXIT STATUS\n" << roff(exit_statuses) << ".\n";
}

std::string options_of(std::string_view verb) {
  std::string all;
  for (const OptionRow& option : options)
    if (is_one_of(option.verbs, verb))
      all += " --" + std::string(option.name);
  return all;
}

constexpr char bash_beginning[] = R"(# bash completion of icebp
_icebp() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=
  ((COMP_CWORD == 1)) || verb=${COMP_WORDS[1]}
  local words= files=
  case $previous in
  --profile) words=$("$1" profiles 2>/dev/null | cut -d' ' -f1) files='!*.json' ;;
  --color) words='auto always never' ;;
  --vcd | --junit) files='!*' ;;
  --filter | --rw-map) ;;
  *)
    case $verb,$current in
    ,*) words=')";

constexpr char bash_end[] = R"(
    esac
    ;;
  esac
  mapfile -t COMPREPLY < <({
    compgen -W "$words" -- "$current"
    [[ -z $files ]] || { compgen -f -X "$files" -- "$current"; compgen -d -- "$current"; }
  } | sort -u)
}
complete -o filenames -F _icebp icebp
)";

void put_bash(std::ostream& out) {
  std::string names;
  for (const VerbRow& verb : verbs)
    names += std::string(verb.name) + ' ';
  out << bash_beginning << names << "--help --version' ;;\n";
  for (const VerbRow& verb : verbs)
    out << "    " << verb.name << ",-*) words='" << options_of(verb.name) << "' ;;\n";
  out << "    run,*) files='!*.json' ;;\n    check,*) files='!*' ;;\n    "
         "savefile,*) files='!*.vcd' ;;\n    help,*) words='"
      << names << "' ;;" << bash_end;
}

} // namespace
} // namespace icebp

int main(int argc, char** argv) {
  const std::string page = argc > 1 ? argv[1] : "";
  if (page == "man" && argc == 3)
    icebp::put_man(std::cout, argv[2]);
  else if (page == "bash" && argc == 2)
    icebp::put_bash(std::cout);
  else
    return 2;
  return std::cout.flush() ? 0 : 2;
}
