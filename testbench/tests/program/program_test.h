#pragma once

#include <icebp/model/json/input_error.h>
#include <icebp/testbench/program/vectors/check.h>
#include <icebp/testbench/program/vectors/vector_reader.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace icebp {

// Live as long as the tests: an Answer points into its model.
inline Profiles& profiles() {
  static Profiles all;
  return all;
}

inline std::shared_ptr<const CpuModel> cpu_of(const CpuProfile& profile) {
  return profiles().model_of(profile);
}

inline std::shared_ptr<const CpuModel> cpu_named(const char* profile) {
  return cpu_of(*find_cpu_profile(profile));
}

inline VectorLine read(const std::string& text) {
  VectorLine line;
  VectorReader(profiles()).read(text, line);
  return line;
}

// A line with the two required keys and `more`.
inline VectorLine read_with(const std::string& more) {
  return read(R"({"id":1,"code":"f1",)" + more + "}");
}

template <typename Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

inline std::string error_in(const std::string& text) {
  return error_of([&] { read(text); });
}

inline std::string error_with(const std::string& more) {
  return error_of([&] { read_with(more); });
}

inline Answer run(const std::string& text, const char* profile = "intel-skylake") {
  const VectorLine line = read(text);
  return run_line(line, cpu_of(line.profile ? *line.profile : *find_cpu_profile(profile)));
}

inline nlohmann::json json_of(const Answer& answer) {
  std::string text;
  append_json(text, answer);
  return nlohmann::json::parse(text);
}

} // namespace icebp
