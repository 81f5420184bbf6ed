#include <icebp/testbench/tests/docs/docs_text.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace icebp::test {
namespace {

namespace fs = std::filesystem;

bool is_text(const fs::path& path) {
  static const std::string_view endings[] = {".h",    ".cpp", ".md",   ".txt", ".cmake",
                                             ".json", ".in",  ".gtkw", ".sh",  ".patch",
                                             ".yml",  ".csv", ".c",    ".py",  ".sv"};
  for (const std::string_view ending : endings)
    if (path.extension() == ending)
      return true;
  return path.extension().empty();
}

void add(std::vector<TextFile>& files, const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  files.push_back({fs::relative(path, root()).generic_string(),
                   std::string(std::istreambuf_iterator<char>(in), {})});
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

} // namespace

fs::path root() { return ICEBP_ROOT; }

const std::vector<TextFile>& text_files() {
  static const std::vector<TextFile> all = [] {
    std::vector<TextFile> files;
    for (const char* folder : {"model", "tlm", "c", "testbench", "docs", "traces", "cmake", ".ci"})
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root() / folder))
        if (entry.is_regular_file() && is_text(entry.path()))
          add(files, entry.path());
    for (const fs::directory_entry& entry : fs::directory_iterator(root()))
      if (entry.is_regular_file() && is_text(entry.path()))
        add(files, entry.path());
    return files;
  }();
  return all;
}

std::vector<std::string> comments_of(const std::string& code) {
  std::vector<std::string> comments;
  std::istringstream lines(code);
  std::string line;
  bool goes_on = false;
  while (std::getline(lines, line)) {
    const std::size_t at = line.find("//");
    if (at == std::string::npos) {
      goes_on = false;
      continue;
    }
    const bool is_alone = trimmed(std::string_view(line).substr(0, at)).empty();
    const std::string text(trimmed(std::string_view(line).substr(at + 2)));
    if (goes_on && is_alone)
      comments.back() += " " + text;
    else
      comments.push_back(text);
    goes_on = true;
  }
  return comments;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.emplace_back(trimmed(text.substr(begin, end - begin)));
    if (end == std::string_view::npos)
      return parts;
    begin = end + 1;
  }
}

std::vector<std::string> cells_of(std::string_view line) {
  line = trimmed(line);
  if (line.size() < 2 || line.front() != '|' || line.back() != '|')
    return {};
  return split(line.substr(1, line.size() - 2), '|');
}

} // namespace icebp::test
