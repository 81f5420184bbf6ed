#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace icebp {

// Results in the XML form that CI servers read as JUnit's. A suite is one input file.
class JunitSuite {
public:
  explicit JunitSuite(std::string name) : name_(std::move(name)) {}

  void passed(std::string_view name) { add(name, "", ""); }
  // `text` tells the differences.
  void failed(std::string_view name, std::string_view text);
  // Bad input.
  void in_error(std::string_view name, std::string_view text);
  // Nothing was expected.
  void skipped(std::string_view name);

  // The element `testsuite`.
  std::string xml() const;

private:
  void add(std::string_view name, const char* element, std::string_view text);

  std::string name_;
  std::string cases_;
  std::size_t tests_ = 0;
  std::size_t failures_ = 0;
  std::size_t errors_ = 0;
  std::size_t skipped_ = 0;
};

// A whole report of suites.
std::string junit_xml(const std::string& suites);

} // namespace icebp
