#include <icebp/model/json/input_error.h>
#include <icebp/testbench/program/files/output_file.h>
#include <icebp/testbench/program/scenario/save_file.h>
#include <icebp/testbench/program/scenario/viewer_files.h>
#include <icebp/testbench/program/scenario/wave_names.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace icebp {
namespace {

namespace fs = std::filesystem;

// The first lines; comments. A file that GTKWave has saved, under this name too, begins otherwise.
constexpr char save_file_mark[] =
    "[*] By icebp run, which writes it anew as long as this line is here";
constexpr char command_file_mark[] =
    "# By icebp run, which writes it anew as long as this line is here";

bool is_of_user(const fs::path& path, const std::string& mark) {
  std::ifstream in(path);
  std::string line;
  return in && (!std::getline(in, line) || line != mark);
}

void write(const fs::path& path, const std::string& mark, const std::string& text) {
  if (is_of_user(path, mark))
    return;
  OutputFile file(path.string());
  file.write(mark + "\n" + text);
  file.publish();
}

void refuse_file_of_user(const fs::path& path, const std::string& mark) {
  if (is_of_user(path, mark))
    throw std::runtime_error(path.string() + ": is not of this program; move it away");
}

VcdOverview overview_in(const std::string& vcd) {
  constexpr const char* legal = "name a VCD into which DebugCore::trace has put its signals";
  std::ifstream in(vcd);
  if (!in)
    throw InputError(vcd, std::string("cannot be read: ") + std::strerror(errno), legal);
  VcdOverview overview;
  try {
    overview = overview_of(in);
  } catch (const std::exception& error) {
    throw InputError(vcd, std::string("is no VCD: ") + error.what(), legal);
  }
  if (overview.cores.empty())
    throw InputError(vcd, "has no signals of a core", legal);
  return overview;
}

} // namespace

std::vector<std::string> write_viewer_files(const std::string& vcd, IfOfUser of_user) {
  const VcdOverview overview = overview_in(vcd);
  const WaveView view = view_of(overview);
  const fs::path save_file = fs::path(vcd).replace_extension(".gtkw");
  const fs::path command_file = fs::path(vcd).replace_extension(".sucl");
  if (of_user == IfOfUser::refuse) {
    refuse_file_of_user(save_file, save_file_mark);
    refuse_file_of_user(command_file, command_file_mark);
  }
  const fs::path place = fs::absolute(vcd);
  write_filters(place.parent_path() / "icebp.filters");
  write_mappings(place.parent_path() / ".surfer" / "mappings");
  std::ostringstream save_text;
  save_text << "[dumpfile] \"" << place.generic_string() << "\"\n";
  write_save_file(save_text, overview, view, fs::absolute(save_file), "icebp.filters");
  write(save_file, save_file_mark, save_text.str());
  std::ostringstream commands;
  write_command_file(commands, overview, view);
  write(command_file, command_file_mark, commands.str());
  return {save_file.string(), command_file.string()};
}

} // namespace icebp
