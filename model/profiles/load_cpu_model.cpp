#include <icebp/model/json/input_error.h>
#include <icebp/model/profiles/load_cpu_model.h>
#include <icebp/model/profiles/profiles.h>

namespace icebp {
inline namespace v0_1 {
namespace {

struct CpuOfAFile {
  CpuOfAFile(std::string_view profile, const CycleTable& cycles)
      : model(profiles.named(profile), cycles) {}

  Profiles profiles; // has the texts and tables that the model points to
  CpuModel model;
};

} // namespace

std::optional<std::string> load_cpu_model(std::string_view profile,
                                          std::shared_ptr<const CpuModel>& cpu,
                                          const CycleTable& cycles) {
  try {
    const auto whole = std::make_shared<const CpuOfAFile>(profile, cycles);
    cpu = {whole, &whole->model};
  } catch (const InputError& error) {
    return error.what();
  }
  return std::nullopt;
}

} // namespace v0_1
} // namespace icebp
