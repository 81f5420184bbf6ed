#pragma once
// The program as users call it: what it prints, where, and its exit status.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace icebp::test {

struct Ran {
  int status;
  std::string out;
  std::string err;
};

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder of its own for each test, where the program runs.
class Cli : public testing::Test {
protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("icebp_cli_" + std::string(test->name()) + '_' + std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "work");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Ran icebp(const std::string& arguments) const {
    files_before_ = files();
    const std::string command = "cd '" + (folder_ / "work").string() + "' && '" + program() + "' " +
                                arguments + " >../out 2>../err </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_whole(folder_ / "out"),
            read_whole(folder_ / "err")};
  }

  // A script in the folder "work", where $icebp is the program.
  Ran shell(const std::string& script) const {
    write("script", "icebp='" + program() + "'\n" + script);
    const std::string command =
        "cd '" + (folder_ / "work").string() + "' && bash script >../out 2>../err </dev/null";
    const int status = std::system(command.c_str());
    std::filesystem::remove(folder_ / "work" / "script");
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_whole(folder_ / "out"),
            read_whole(folder_ / "err")};
  }

  // The names in the folder "work".
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const std::filesystem::directory_entry& entry :
         std::filesystem::directory_iterator(folder_ / "work"))
      names.insert(entry.path().filename().string());
    return names;
  }

  // Another one than the build's where the tests are linked anew: with a mutant, with sanitizers.
  static std::string program() {
    const char* other = std::getenv("ICEBP_EXECUTABLE");
    return other != nullptr ? other : ICEBP_EXECUTABLE;
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / "work" / name) << text;
  }

  // `icebp run` of a scenario of this text.
  Ran run(const std::string& scenario) const {
    write("s.json", scenario);
    return icebp("run s.json");
  }
  Ran run_steps(const std::string& steps) const {
    return run(R"({"title":"A title","steps":[)" + steps + "]}");
  }

  // `icebp check` of one line, with the keys id and code given.
  Ran check_with(const std::string& more) const {
    write("v.jsonl", R"({"id":7,"code":"f1",)" + more + "}\n");
    return icebp("check v.jsonl");
  }

  void expect_run_error(const Ran& ran, const std::string& message) const {
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.err, "icebp: " + message + '\n');
    EXPECT_EQ(files(), files_before_) << "something is left behind";
  }

  // An error that is found before anything is played.
  void expect_refusal(const Ran& ran, const std::string& message) const {
    expect_run_error(ran, message);
    EXPECT_EQ(ran.out, "");
  }

  std::filesystem::path folder_;
  mutable std::set<std::string> files_before_; // the program was called
};

// What the program names as legal.
inline constexpr const char* profiles =
    "intel-core2, intel-sandybridge, intel-skylake, intel-sierra-forest, intel-emerald-rapids, "
    "amd-k8, amd-fam15h, amd-zen1, amd-zen4, amd-zen5, "
    "intel-pentium-m, intel-pentium4, intel-core-duo, intel-core2-t7600, "
    "intel-xeon-x5482, intel-atom-330, intel-pentium-n3530, intel-i7-2635qm, "
    "intel-i5-3570, intel-i7-3820qm, intel-i7-5600u, amd-athlon64-x2, "
    "amd-opteron-2384, amd-phenom2-x6, hygon-c86-7185, via-l4700, "
    "zhaoxin-kx-u5581, "
    "intel-max, amd-max";
inline constexpr const char* features =
    "msr, sep, pat, ds, pdcm, rtm, la57, bus_lock_detect, syscall, nx, rdtscp, lm, "
    "dbext, apic, mtrr, mca, x2apic, aperfmperf, tsc_adjust, xsaves, shstk, ibt, "
    "fred, wrmsrns, msr_imm, perfmon_v2, mcg_ctl, ibrs, stibp, ssbd, psfd, vmx, sgx, lmce, "
    "cmci, smrr, platform_info, lbr_stack, perfmon, core_capabilities, "
    "arch_capabilities, flush_l1d, tsx_ctrl, srbds_ctrl, waitpkg, xfd, intel_pt, "
    "tsc_deadline, pks, uintr, user_msr, msrlist, mpx, enqcmd, arch_lbr, doitm, "
    "sdbg, vmx_secondary, ept_vpid, vmx_true_ctls, vmfunc, vmx_tertiary, vmx_exit_ctls2, "
    "lbr_stack_core2, lbr_stack_core_duo, lbr_info, full_width_pmc, pebs_baseline, perfmon_v4, "
    "xapic_disable, svm, osvw, ibs, "
    "lbr_v2, ibpb, sbpb, avic, virt_ssbd, "
    "fs_gs_base_ns, perfctr_core, no_lmsle, sev, auto_ibrs, cpuid_user_disable, lbr_freeze";
inline constexpr const char* one_int1 = R"({"code":"f1","expect":{"vector":1,"rip":"0x1001"}})";

} // namespace icebp::test
