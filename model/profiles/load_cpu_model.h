#pragma once

#include <icebp/model/rules/cpu/cpu_model.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// Makes the CPU that `profile` says, as the program's option --profile reads it: a file,
// "my-cpu.json" (docs/profiles.md), or a profile that comes with the library, with features added
// and masked off, "my-cpu.json,-rtm". The CPU holds all that it needs of the file. Gives what is
// wrong, and then leaves `cpu` alone: the file, the line, the key, and what would be legal.
std::optional<std::string> load_cpu_model(std::string_view profile,
                                          std::shared_ptr<const CpuModel>& cpu,
                                          const CycleTable& cycles = default_cycle_table);

} // namespace v0_1
} // namespace icebp
