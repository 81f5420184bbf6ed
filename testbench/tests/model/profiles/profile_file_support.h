#pragma once

#include <icebp/model/profiles/profile_file.h>
#include <icebp/testbench/tests/program/program_test.h>

#include <string>

namespace icebp {

// A profile from intel-skylake, or another one, with `more` keys.
inline std::string derived(const std::string& more, const std::string& from = "intel-skylake") {
  return R"({"name":"my-cpu","from":")" + from + "\"" + (more.empty() ? "" : "," + more) + "}";
}

} // namespace icebp
