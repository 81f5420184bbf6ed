#include <icebp/testbench/program/files/output_file.h>
#include <icebp/testbench/program/scenario/save_file.h>
#include <icebp/testbench/program/scenario/viewer_files.h>
#include <icebp/testbench/program/scenario/wave_names.h>

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

} // namespace

void write_viewer_files(const std::string& vcd) {
  std::ifstream in(vcd);
  if (!in)
    throw std::runtime_error(vcd + ": cannot be read again, for the files of the wave viewers");
  const VcdOverview overview = overview_of(in);
  const WaveView view = view_of(overview);

  const fs::path place = fs::absolute(vcd);
  const fs::path folder = place.parent_path();
  write_filters(folder / "icebp.filters");
  write_mappings(folder / ".surfer" / "mappings");
  fs::path beside = fs::path(vcd).replace_extension(".gtkw");
  std::ostringstream save_file;
  save_file << "[dumpfile] \"" << place.generic_string() << "\"\n";
  write_save_file(save_file, overview, view, fs::absolute(beside), "icebp.filters");
  write(beside, save_file_mark, save_file.str());
  std::ostringstream command_file;
  write_command_file(command_file, overview, view);
  write(beside.replace_extension(".sucl"), command_file_mark, command_file.str());
}

} // namespace icebp
