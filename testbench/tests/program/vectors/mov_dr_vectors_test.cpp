// The vectors P1 to P18 of docs/debug-unit.md 10.1 as vector lines, on every profile.

#include <icebp/testbench/tests/program/program_test.h>

#include <sstream>

namespace icebp {
namespace {

struct MovDrVector {
  const char* id;
  const char* line;  // without id and expect
  const char* intel; // null: not applicable
  const char* amd;

  friend std::ostream& operator<<(std::ostream& out, const MovDrVector& vector) {
    return out << vector.id;
  }
};

constexpr const char* db = R"({"outcome":"fault","vector":1,"error_code":null,"rip":"0x1000",
    "cause":"general_detect","payload":"0x2000","rf":0,
    "dr6":{"value":"0x2000","mask":"0xe00f"},"dr7":{"value":0,"mask":"0x2000"}})";
constexpr const char* gp_cpl = R"({"outcome":"fault","vector":13,"error_code":0,"cause":"cpl",
    "payload":null,"rf":1,"dr7":{"value":"0x2000","mask":"0x2000"}})";
constexpr const char* gp_value = R"({"outcome":"fault","vector":13,"error_code":0,
    "cause":"reserved_upper_half","payload":null,"rf":1,"dr6":"0xffff0ff0","dr7":"0x400"})";
constexpr const char* ud_dr45 = R"({"outcome":"fault","vector":6,"error_code":null,
    "cause":"dr45_with_de","payload":null,"rf":1,"dr7":{"value":"0x2000","mask":"0x2000"}})";
constexpr const char* ud_lock = R"({"outcome":"fault","vector":6,"cause":"lock_prefix"})";
constexpr const char* ud_rex = R"({"outcome":"fault","vector":6,"cause":"rex_r"})";
constexpr const char* retired = R"({"outcome":"retired","vector":null,"cause":"none","rf":null})";

constexpr const char* vm_exit = R"({"outcome":"exit","vector":null,"error_code":null,"rip":"0x1000",
    "cause":"intercept","payload":null,"rf":0,"dr6":"0xffff0ff0","dr7":"0x2400",
    "exit":{"reason":29,"qualification":"0x4","intr_info":null,"error_code":null}})";

constexpr MovDrVector vectors[] = {
    {"P1", R"("code":"0f 23 c0","cpl":3,"dr7":"0x2400")", db, gp_cpl},
    {"P2", R"("code":"0f 23 f8","dr7":"0x2400","gpr":{"rax":"0x100000400"})", db, db},
    {"P3", R"("code":"0f 23 f0","cpl":3,"dr7":"0x2400","gpr":{"rax":"0x100000000"})", db, gp_cpl},
    {"P4", R"("code":"0f 23 f0","gpr":{"rax":"0x100000000"})", gp_value, gp_value},
    {"P5", R"("code":"0f 23 f0","mode":"compat","gpr":{"rax":"0x100000000"})", retired, retired},
    {"P6", R"("code":"0f 23 e0","cr4":"0x6f8","dr7":"0x2400")", ud_dr45, ud_dr45},
    {"P7", R"("code":"0f 23 e8","cr4":"0x6f8","cpl":3,"dr7":"0x2400")", ud_dr45, ud_dr45},
    {"P8", R"("code":"f0 0f 23 c0","cpl":3,"dr7":"0x2400")", ud_lock, ud_lock},
    {"P9", R"("code":"44 0f 23 c0","dr7":"0x2400")", ud_rex, ud_rex},
    {"P10", R"("code":"0f 23 c0","mode":"v86","dr7":"0x2400")", db, gp_cpl},
    {"P11", R"("code":"0f 21 c0","dr7":"0x2400","dr":[1,0,0,0],"gpr":{"rax":7})", db, db},
    {"P12", R"("code":"0f 21 c0","dr":[1,0,0,0],"gpr":{"rax":7})", retired, retired},
    {"P13",
     R"("code":"0f 23 e0","cpl":3,"cr4":"0x6f8","dr7":"0x2400","vmx":{"mov_dr_exiting":true})",
     vm_exit, nullptr},
    {"P14", R"("code":"44 0f 23 c0","dr7":"0x2400","vmx":{"mov_dr_exiting":true})", ud_rex,
     nullptr},
    {"P15", R"("code":"0f 23 f8","dr7":"0x2400","svm":{"dr_write":"0x80"})", nullptr, db},
    {"P16", R"("code":"0f 23 f8","cpl":3,"dr7":"0x2400","svm":{"dr_write":"0x80"})", nullptr,
     gp_cpl},
    {"P17", R"("code":"0f 23 04")", retired, retired},
    {"P18", R"("code":"0f 23 e8","gpr":{"rax":"0x10000000000"})", gp_value, gp_value},
};

std::string run_on(const CpuProfile& profile, const MovDrVector& vector) {
  const char* expect = profile.vendor == Vendor::intel ? vector.intel : vector.amd;
  if (!expect)
    return {};
  std::istringstream in(std::string(R"({"id":")") + vector.id + R"(",)" + vector.line +
                        R"(,"expect":)" + nlohmann::json::parse(expect).dump() + "}\n");
  std::ostringstream out;
  std::ostringstream err;
  const int status = check({{"-"}, &profile, ""}, profiles(), in, out, err);
  return status == 0 ? "" : err.str() + out.str();
}

class MovDrVectors : public testing::TestWithParam<MovDrVector> {};

TEST_P(MovDrVectors, OnEveryProfile) {
  for (const CpuProfile& profile : cpu_profiles) {
    const bool has_64_bit_mode = profile.has(Feature::lm); // which the lines are of
    EXPECT_EQ(has_64_bit_mode ? run_on(profile, GetParam()) : "", "") << profile.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Spec, MovDrVectors, testing::ValuesIn(vectors),
                         [](const auto& test) { return std::string(test.param.id); });

TEST(MovDrVector, AFaultingReadLeavesItsRegister) {
  const Answer faulted =
      run(R"({"id":1,"code":"0f 21 c0","dr7":"0x2400","dr":[1,0,0,0],"gpr":{"rax":7}})");
  EXPECT_EQ(faulted.after.machine.gpr[0], 7u);
  EXPECT_EQ(faulted.gpr_changed, 0u);
}

} // namespace
} // namespace icebp
