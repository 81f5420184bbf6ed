#include <icebp/model/profiles/load_cpu_model.h>
#include <icebp/model/rules/execute.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <unistd.h>

namespace icebp {
namespace {

// A file of that text, as long as this object lives.
class File {
public:
  explicit File(const std::string& text)
      : path(testing::TempDir() + "icebp_cpu_" + std::to_string(getpid()) + ".json") {
    std::ofstream(path) << text;
  }
  ~File() { std::remove(path.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string path;
};

std::shared_ptr<const CpuModel> loaded(const std::string& profile) {
  std::shared_ptr<const CpuModel> cpu;
  EXPECT_EQ(load_cpu_model(profile, cpu).value_or(""), "");
  return cpu;
}

std::string problem(const std::string& profile) {
  const auto before = std::make_shared<const CpuModel>(*find_cpu_profile("amd-k8"));
  std::shared_ptr<const CpuModel> cpu = before;
  const auto problem = load_cpu_model(profile, cpu);
  EXPECT_TRUE(!problem || cpu == before);
  return problem.value_or("");
}

constexpr char own_cpu[] = R"({
  "name": "own-cpu",
  "from": "intel-skylake",
  "msrs": {"0xc0de": {"name": "OWN", "writable": "0xff", "reset": "0x5a"}}
})";

// The file is gone, and so is what read it.
TEST(LoadCpuModel, HoldsAllThatItNeedsOfTheFile) {
  std::shared_ptr<const CpuModel> cpu;
  {
    const File file(own_cpu);
    cpu = loaded(file.path);
  }
  ASSERT_NE(cpu, nullptr);
  { // and another takes what memory is free
    std::string other = own_cpu;
    other.replace(other.find("own-cpu"), 7, "any-cpu").replace(other.find("OWN"), 3, "ANY");
    const File file(other);
    for (unsigned n = 0; n < 3; ++n)
      EXPECT_EQ(loaded(file.path)->profile.name, "any-cpu");
  }
  EXPECT_EQ(cpu->profile.name, "own-cpu");
  CoreState state = power_up(*cpu);
  Request request;
  request.operation = Operation::rdmsr;
  request.length = 2;
  request.msr = 0xC0DE;
  EXPECT_EQ(execute(*cpu, state, request).outcome.value(), 0x5AU);
  EXPECT_EQ(cpu->msrs.find(0xC0DE).name, "OWN");
}

TEST(LoadCpuModel, TakesChangesOfFeatures) {
  const File file(own_cpu);
  EXPECT_TRUE(loaded(file.path)->profile.features.has(Feature::rtm));
  const auto cpu = loaded(file.path + ",-rtm");
  EXPECT_FALSE(cpu->profile.features.has(Feature::rtm));
  EXPECT_EQ(cpu->msrs.find(0xC0DE).name, "OWN");
  EXPECT_EQ(loaded("amd-zen1")->profile.name, "amd-zen1");
}

TEST(LoadCpuModel, TakesACycleTable) {
  CycleTable cycles = default_cycle_table;
  cycles.deliver.cycles += 7;
  std::shared_ptr<const CpuModel> cpu;
  ASSERT_FALSE(load_cpu_model("amd-zen1", cpu, cycles));
  EXPECT_EQ(cpu->cycles.deliver.cycles, default_cycle_table.deliver.cycles + 7);
}

TEST(LoadCpuModel, TellsFilePlaceKeyAndWhatIsLegal) {
  const File file(R"({
  "name": "own-cpu",
  "from": "intel-skylake",
  "physical_address_bits": 200
})");
  EXPECT_EQ(problem(file.path),
            file.path + ": line 4, /physical_address_bits: 200 is not in range; 32 to 52");
  EXPECT_EQ(problem("/no/such/cpu.json").rfind("/no/such/cpu.json: ", 0), 0U);
  EXPECT_NE(problem("intel-skylak").find("did you mean intel-skylake?"), std::string::npos);
  EXPECT_NE(problem("intel-skylake,-rt").find("rt"), std::string::npos);
}

} // namespace
} // namespace icebp
