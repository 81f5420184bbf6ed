#include <icebp/testbench/program/files/junit_report.h>

namespace icebp {
namespace {

// XML 1.0 has no way to write most control characters.
std::string escaped(std::string_view text) {
  std::string xml;
  for (const char c : text)
    switch (c) {
    case '&':
      xml += "&amp;";
      break;
    case '<':
      xml += "&lt;";
      break;
    case '"':
      xml += "&quot;";
      break;
    case '\n':
      xml += "&#10;";
      break;
    default:
      xml += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  return xml;
}

} // namespace

void JunitSuite::failed(std::string_view name, std::string_view text) {
  ++failures_;
  add(name, "failure", text);
}

void JunitSuite::in_error(std::string_view name, std::string_view text) {
  ++errors_;
  add(name, "error", text);
}

void JunitSuite::skipped(std::string_view name) {
  ++skipped_;
  add(name, "skipped", "nothing is expected");
}

void JunitSuite::add(std::string_view name, const char* element, std::string_view text) {
  ++tests_;
  cases_ += "    <testcase classname=\"" + escaped(name_) + "\" name=\"" + escaped(name) + '"';
  if (*element == 0)
    cases_ += "/>\n";
  else
    cases_ += std::string("><") + element + " message=\"" + escaped(text) + "\"/></testcase>\n";
}

std::string JunitSuite::xml() const {
  const auto count = [](const char* what, std::size_t number) {
    return std::string(" ") + what + "=\"" + std::to_string(number) + '"';
  };
  return "  <testsuite name=\"" + escaped(name_) + '"' + count("tests", tests_) +
         count("failures", failures_) + count("errors", errors_) + count("skipped", skipped_) +
         ">\n" + cases_ + "  </testsuite>\n";
}

std::string junit_xml(const std::string& suites) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n" + suites + "</testsuites>\n";
}

} // namespace icebp
