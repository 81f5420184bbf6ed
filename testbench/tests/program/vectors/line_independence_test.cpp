// A line is answered as if it were alone: nothing of the line before stays.
#include <icebp/testbench/program/vectors/vector_keys.h>
#include <icebp/testbench/tests/program/program_test.h>

#include <array>
#include <cstdio>
#include <set>
#include <sstream>

namespace icebp {
namespace {

// Lines that give a key of the vocabulary each, with a value unlike the default, and lines whose
// answer such a value would change if it stayed.
constexpr const char* whole_lines[] = {
    // INT1, with as little as a line may have; what a #DB shows
    R"({"id":1,"code":"f1"})",
    R"({"id":"a","code":"f1","$schema":"s.json"})",
    R"({"id":2,"code":"f1","cpl":3,"rip":"0x2000","rflags":"0x10102"})",
    R"({"id":3,"code":"f1","dr":[1,2,3,4],"dr6":"0xffff0ff1","dr7":"0x2400"})",
    R"({"id":4,"code":"f1","redirect_db":true})",
    R"({"id":5,"code":"f1","pending":"0x4001"})",
    R"({"id":6,"code":"f1","pending":"0x1","shadow":"mov_ss"})",
    R"({"id":7,"code":"f1","shadow":"sti"})",
    R"({"id":8,"code":"f1","mode":"protected","cr0":"0x11"})",
    R"({"id":9,"code":"f1","mode":"v86"})",
    R"({"id":10,"code":"f1","vmx":{"exception_bitmap":2,"mov_dr_exiting":true}})",
    R"({"id":11,"code":"f1","vmx":null})",
    R"({"id":12,"code":"f1","profile":"amd-zen1","svm":{"icebp":true,"dr_read":255,"dr_write":255,"exceptions":2}})",
    R"({"id":13,"code":"f1","profile":"amd-zen1","svm":{}})",
    R"({"id":14,"code":"f1","rtm":{"xbegin":"0x800","fallback":"0x900"}})",
    R"({"id":15,"code":"f1","rtm":null})",
    // MOV DR
    R"({"id":20,"code":"0f 23 f8"})",
    R"({"id":21,"code":"0f 23 e0","cr4":"0x6f8"})",
    R"({"id":22,"code":"0f 23 e0"})",
    R"({"id":23,"code":"0f 21 c0","rflags":"0x102"})",
    R"({"id":24,"code":"0f 21 c0","dr":["0x1000",0,0,0],"dr7":"0x401"})",
    R"({"id":25,"code":"0f 21 f8","vmx":{}})",
    R"({"id":26,"code":"0f 21 c3","profile":"amd-zen1"})",
    // RDMSR and WRMSR
    R"({"id":30,"code":"0f 32"})",
    R"({"id":31,"code":"0f 32","gpr":{"rcx":"0x1b"},"bsp":false})",
    R"({"id":32,"code":"0f 32","gpr":{"rcx":"0x1b"}})",
    R"({"id":33,"code":"0f 32","gpr":{"rcx":"0x802"},"msr":{"0x1b":"0xfee00d00"},"apic_id":33})",
    R"({"id":34,"code":"0f 32","gpr":{"rcx":"0x802"},"msr":{"0x1b":"0xfee00d00"}})",
    R"({"id":35,"code":"0f 32","gpr":{"rcx":"0xc0000080"},"efer":"0xd00"})",
    R"({"id":36,"code":"0f 32","gpr":{"rcx":"0xc0000080"}})",
    R"({"id":37,"code":"0f 32","gpr":{"rcx":"0xc0000082"},"msr":{"0xc0000082":"0x123","0x174":8}})",
    R"({"id":38,"code":"0f 32","gpr":{"rcx":"0xc0000082"}})",
    R"({"id":39,"code":"0f 32","gpr":{"rcx":"0x600"}})",
    R"({"id":40,"code":"0f 32","gpr":{"rcx":"0x600"},"profile":"amd-zen1"})",
    R"({"id":41,"code":"0f 32","gpr":{"rcx":"0x10"},"vmx":{"use_msr_bitmaps":true,"msr_read":["0x10"],"msr_write":["0x174"]}})",
    R"({"id":42,"code":"0f 32","gpr":{"rcx":"0x10"},"vmx":{"use_msr_bitmaps":true}})",
    R"({"id":43,"code":"0f 32","gpr":{"rcx":"0x10"},"profile":"amd-zen1","svm":{"msr_prot":true,"msr_read":["0x10"],"msr_write":["0x174"]}})",
    R"({"id":44,"code":"0f 32","gpr":{"rcx":"0x10"},"profile":"amd-zen1","svm":{"msr_prot":true}})",
    R"({"id":45,"code":"0f 30","gpr":{"rcx":"0x174","rax":8}})",
    R"({"id":46,"code":"0f 30","gpr":{"rcx":"0xc0000080","rax":"0x100"},"mode":"protected"})",
    R"({"id":47,"code":"0f 30","gpr":{"rcx":"0xc0000080","rax":"0x100"},"mode":"protected","cr0":"0x11"})",
    // a list of MSRs in memory
    R"({"id":50,"code":"f2 0f 01 c6","profile":"intel-max","gpr":{"rcx":1,"rsi":"0x4000","rdi":"0x5000"},
        "mem":{"0x4000":"1b 00 00 00 00 00 00 00","0x5000":"00 00 00 00 00 00 00 00"}})",
    R"({"id":51,"code":"f2 0f 01 c6","profile":"intel-max","gpr":{"rcx":1,"rsi":"0x4000","rdi":"0x5000"}})",
    // Expectations that differ from the answer in every key,
    R"({"id":60,"code":"f1","expect":{"id":1,"outcome":"retired","vector":null,"error_code":0,
        "cause":"none","payload":null,"exit":{"reason":1},"redirected":true,"rip":5,"rf":null,
        "gpr":{"rax":1},"msr":{"0x174":1},"mem":{"0x10":"01"},"cr2":5,"dr":[1,2,3,4],"dr6":5,
        "dr7":5,"serializing":true,"cost":"slow_read","cycles":1}})",
    // that take any value under a mask,
    R"({"id":61,"code":"f1","expect":{"payload":{"value":1,"mask":0},"rip":{"value":1,"mask":0},
        "gpr":{"rax":{"value":1,"mask":0},"rcx":{"value":1,"mask":0}},
        "msr":{"0x174":{"value":1,"mask":0},"0x175":{"value":1,"mask":0}},
        "dr":[{"value":1,"mask":0},{"value":1,"mask":0},{"value":1,"mask":0},{"value":1,"mask":0}],
        "dr6":{"value":1,"mask":0},"dr7":{"value":1,"mask":0}}})",
    R"({"id":62,"code":"0f 23 f8","vmx":{"mov_dr_exiting":true},
        "expect":{"exit":{"reason":{"value":1,"mask":0},"qualification":{"value":1,"mask":0}}}})",
    // the same without the mask,
    R"({"id":63,"code":"f1","expect":{"payload":1,"rip":1,"gpr":{"rax":1},"msr":{"0x174":1},
        "dr":[1,1,1,1],"dr6":1,"dr7":1}})",
    R"({"id":64,"code":"f1","expect":{"payload":{"value":1},"rip":{"value":1},
        "gpr":{"rax":{"value":1}},"msr":{"0x174":{"value":1}},
        "dr":[{"value":1},{"value":1},{"value":1},{"value":1}],
        "dr6":{"value":1},"dr7":{"value":1}}})",
    R"({"id":65,"code":"0f 23 f8","vmx":{"mov_dr_exiting":true},"expect":{"exit":{"reason":1}}})",
    // and none at all.
    R"({"id":66,"code":"f1","expect":{}})",
    R"({"id":67,"code":"0f 23 f8","vmx":{"mov_dr_exiting":true},"expect":{"exit":{}}})",
};

// Lines that end in an error, with much read before it.
constexpr const char* bad_lines[] = {
    R"({"id":70,"code":"f1 )",
    R"({"id":71,"code":"f1","dr":[1,2)",
    R"({"id":72,"code":"f1","dr":[1,2,3]})",
    R"({"id":73,"code":"f1","gpr":{"rax":1,"rcx":"x"}})",
    R"({"id":74,"code":"f1","msr":{"0x174":8,"0x175":"x"}})",
    R"({"id":75,"code":"f1","mem":{"0x4000":"1b 00 00 00 00 00 00 00","0x5000":"0"}})",
    R"({"id":76,"code":"f1","rip":"0x2000","cpl":9})",
    R"({"id":77,"code":"f1","vmx":{"exception_bitmap":2,"mov_dr_exiting":1}})",
    R"({"id":78,"code":"f1","profile":"amd-zen1","svm":{"icebp":true,"msr_read":[1,"x"]}})",
    R"({"id":79,"code":"f1","profile":"i486"})",
    R"({"id":80,"code":"f1","expect":{"vector":13,"gpr":{"rax":{"mask":0)",
    R"({"id":81,"code":"f1","expect":{"vector":13,"dr":[1,2,3]}})",
    R"({"id":82,"code":"f1","expect":{"dr6":{"mask":0}}})",
    R"({"id":83,"code":"f1","efer":0,"redirect_db":true,"expect":{"vector":13}})",
    R"({"id":84,"code":"90","pending":"0x1","expect":{"vector":13}})",
    R"({"id":85,"code":"f1","id":86})",
    R"({"code":"f1","rip":"0x2000"})", // no id
    R"({"id":87})",                    // no code
    R"({"cpl":9})",                    // neither
    "rubbish",
};

// MOV DR0 from each register, and a line that sets them all.
std::vector<std::string> lines_of_registers() {
  std::vector<std::string> lines;
  std::string gpr;
  for (unsigned n = 0; n < 16; ++n) {
    char code[16];
    std::snprintf(code, sizeof code, "%s0f 23 %02x", n < 8 ? "" : "41 ", 0xC0 + n % 8);
    lines.push_back(R"({"id":90,"code":")" + std::string(code) + "\"}");
    gpr += (gpr.empty() ? "\"" : ",\"") + std::string(name_of(static_cast<Gpr>(n))) +
           "\":" + std::to_string(n + 1);
  }
  lines.push_back(R"({"id":91,"code":"f1","gpr":{)" + gpr + "}}");
  return lines;
}

std::vector<std::string> all_lines() {
  std::vector<std::string> lines = lines_of_registers();
  lines.insert(lines.end(), std::begin(whole_lines), std::end(whole_lines));
  lines.insert(lines.end(), std::begin(bad_lines), std::end(bad_lines));
  for (std::string& line : lines)
    for (std::size_t at; (at = line.find('\n')) != line.npos;)
      line.erase(at, 1);
  return lines;
}

// What `icebp check` says of the second line of a file.
struct SaidOfTheSecond {
  std::string answer;
  std::string differences;
};

using Counts = std::array<unsigned, 5>; // of the summary

struct Checked {
  SaidOfTheSecond second;
  Counts counts;
};

Checked check_second(const std::string& first, const std::string& second) {
  std::istringstream in(first + '\n' + second);
  std::ostringstream out;
  std::stringstream err;
  check({{"-"}, nullptr, ""}, profiles(), in, out, err);
  Checked checked{};
  checked.second.answer = out.str().substr(first.empty() ? 0 : out.str().find('\n') + 1);
  std::string line;
  std::string summary;
  for (; std::getline(err, line); summary = line)
    if (line.compare(0, 5, "-:2: ") == 0)
      checked.second.differences += line + '\n';
  Counts& n = checked.counts;
  std::sscanf(summary.c_str(),
              "%u lines, %u matched, %u different, %u without expectation, %u in error", &n[0],
              &n[1], &n[2], &n[3], &n[4]);
  return checked;
}

TEST(LineIndependence, NothingOfTheLineBeforeStays) {
  const std::vector<std::string> lines = all_lines();
  std::vector<Checked> alone;
  for (const std::string& line : lines)
    alone.push_back(check_second({}, line));
  for (std::size_t a = 0; a < lines.size(); ++a)
    for (std::size_t b = 0; b < lines.size(); ++b) {
      const Checked behind = check_second(lines[a], lines[b]);
      ASSERT_EQ(behind.second.answer, alone[b].second.answer) << lines[a] << '\n' << lines[b];
      ASSERT_EQ(behind.second.differences, alone[b].second.differences) << lines[a] << '\n'
                                                                        << lines[b];
      for (std::size_t n = 0; n < behind.counts.size(); ++n)
        ASSERT_EQ(behind.counts[n], alone[a].counts[n] + alone[b].counts[n]) << lines[a] << '\n'
                                                                             << lines[b];
    }
}

TEST(LineIndependence, BadLinesAreInErrorAndWholeOnesAreNot) {
  const auto lines_in_error = [](std::string line) {
    for (std::size_t at; (at = line.find('\n')) != line.npos;)
      line.erase(at, 1);
    return check_second({}, line).counts[4];
  };
  for (const char* line : bad_lines)
    EXPECT_EQ(lines_in_error(line), 1u) << line;
  for (const char* line : whole_lines)
    EXPECT_EQ(lines_in_error(line), 0u) << line;
}

// What the program names as legal behind "; " in the message of an unknown key.
std::set<std::string> legal_keys(const std::string& message) {
  std::istringstream names(message.substr(message.rfind("; ") + 2));
  std::set<std::string> keys;
  for (std::string name; std::getline(names >> std::ws, name, ',');)
    keys.insert(name);
  return keys;
}

TEST(LineIndependence, TheWholeLinesGiveEveryKey) {
  std::set<std::string> keys, expect, rtm, vmx, svm;
  const auto take = [](const nlohmann::json& from, std::set<std::string>& to) {
    for (const auto& entry : from.items())
      to.insert(entry.key());
  };
  for (const char* text : whole_lines) {
    const nlohmann::json line = nlohmann::json::parse(text);
    take(line, keys);
    take(line.value("expect", nlohmann::json::object()), expect);
    take(line.value("rtm", nlohmann::json::object()), rtm);
    take(line.value("vmx", nlohmann::json::object()), vmx);
    take(line.value("svm", nlohmann::json::object()), svm);
  }
  EXPECT_EQ(keys, legal_keys(error_with(R"("?":0)")));
  EXPECT_EQ(expect, legal_keys(error_with(R"("expect":{"?":0})")));
  EXPECT_EQ(rtm, legal_keys(error_with(R"("rtm":{"?":0})")));
  EXPECT_EQ(vmx, legal_keys(error_with(R"("vmx":{"?":0})")));
  EXPECT_EQ(svm, legal_keys(error_with(R"("svm":{"?":0})")));
}

} // namespace
} // namespace icebp
