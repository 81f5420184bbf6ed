// What stands beside the waves for their viewers.
#include <icebp/testbench/tests/program/cli/cli.h>

namespace icebp::test {
namespace {

using Files = std::set<std::string>;

class CliWaves : public Cli {
protected:
  void SetUp() override {
    Cli::SetUp();
    write("s.json", std::string(R"({"title":"A title","steps":[)") + one_int1 + "]}");
  }
  std::string text(const std::string& name) const { return read_whole(folder_ / "work" / name); }
};

TEST_F(CliWaves, HaveASaveFileWithNames) {
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.vcd").status, 0);
  EXPECT_EQ(files(), Files({".surfer", "icebp.filters", "s.json", "w.gtkw", "w.sucl", "w.vcd"}));
  const std::string save_file = text("w.gtkw");
  const std::string here = std::filesystem::canonical(folder_ / "work").string();
  EXPECT_NE(save_file.find("[dumpfile] \"" + here + "/w.vcd\"\n"), std::string::npos) << save_file;
  EXPECT_NE(save_file.find("[savefile] \"" + here + "/w.gtkw\"\n"), std::string::npos);
  EXPECT_NE(save_file.find("^1 " + here + "/icebp.filters/cause.txt\n"), std::string::npos);
  EXPECT_NE(text("icebp.filters/vector.txt").find("01 #DB\n"), std::string::npos);
  EXPECT_NE(text("icebp.filters/none_decimal_32.txt").find("4294967295 none\n"), std::string::npos);
  EXPECT_NE(text("w.sucl").find("item_set_format icebp_vector\n"), std::string::npos);
  // # begins a comment of Surfer's.
  EXPECT_EQ(text(".surfer/mappings/icebp_vector.txt"),
            "Name = icebp_vector\nBits = 8\n0x1 DB\n0x6 UD\n0xd GP\n0xe PF\n0xff none\n");
}

TEST_F(CliWaves, AreWrittenAnewWithTheirFiles) {
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.vcd").status, 0);
  const std::string save_file = text("w.gtkw");
  write("w.gtkw", save_file + "@22\nSystemC.no.such.signal\n");
  write("icebp.filters/cause.txt", "00 something else\n");
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.vcd").status, 0);
  EXPECT_EQ(text("w.gtkw"), save_file);
  EXPECT_EQ(text("icebp.filters/cause.txt").substr(0, 8), "00 none\n");
}

// GTKWave saves under the same name, and writes a first line of its own.
TEST_F(CliWaves, LeaveWhatAUserHasSaved) {
  const std::string saved = "[*]\n[*] GTKWave Analyzer v3.3.118 (w)1999-2023 BSI\n";
  write("w.gtkw", saved);
  write("w.sucl", "zoom_fit\n");
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.vcd").status, 0);
  EXPECT_EQ(text("w.gtkw"), saved);
  EXPECT_EQ(text("w.sucl"), "zoom_fit\n");
  write("w.gtkw", "");
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.vcd").status, 0);
  EXPECT_EQ(text("w.gtkw"), "");
}

TEST_F(CliWaves, HaveAnotherEndingThanVcd) {
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.1").status, 0);
  EXPECT_EQ(icebp("run s.json --quiet --vcd w").status, 0);
  EXPECT_EQ(files(), Files({".surfer", "icebp.filters", "s.json", "w", "w.1", "w.gtkw", "w.sucl"}));
}

TEST_F(CliWaves, CannotHaveTheirFiles) {
  write("icebp.filters", "a file");
  const Ran ran = icebp("run s.json --quiet --vcd w.vcd");
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("icebp.filters: cannot be made: "), std::string::npos) << ran.err;
  EXPECT_EQ(text("icebp.filters"), "a file");
}

TEST_F(CliWaves, GoIntoAPipeAlone) {
  const Ran ran = shell("mkfifo pipe.vcd; cat pipe.vcd >copy & $icebp run s.json --vcd pipe.vcd\n"
                        "s=$?; wait; exit $s");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(files(), Files({"copy", "pipe.vcd", "s.json"}));
}

// --- icebp savefile

std::string with(std::string text, const std::string& name, const std::string& other) {
  for (std::size_t at = 0; (at = text.find(name, at)) != text.npos; at += other.size())
    text.replace(at, name.size(), other);
  return text;
}

TEST_F(CliWaves, OfOthersGetTheFilesThatARunWrites) {
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.vcd").status, 0);
  const Ran ran =
      shell("cp w.vcd own.vcd; mkdir more; mv w.vcd more; $icebp savefile own.vcd more/w.vcd");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "own.gtkw\nown.sucl\nmore/w.gtkw\nmore/w.sucl\n");
  EXPECT_EQ(text("own.gtkw"), with(text("w.gtkw"), "/w.", "/own."));
  EXPECT_EQ(text("own.sucl"), text("w.sucl"));
  EXPECT_EQ(text("more/icebp.filters/cause.txt"), text("icebp.filters/cause.txt"));
}

// A core's signal, of several names in two cores, among signals of other kinds.
TEST_F(CliWaves, OfOthersMayHoldOtherSignals) {
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.vcd").status, 0);
  const std::string vcd = text("w.vcd");
  const std::size_t scope = vcd.find("$scope"), zero = vcd.find("$dumpvars") + 10;
  write("other.vcd",
        vcd.substr(0, scope) +
            "$var real 1 !r temperature $end\n$var wire 1 !w a $end\n$var wire 1 !w b $end\n"
            "$var string 1 !s text $end\n" +
            vcd.substr(scope, zero - scope) + "r1.5 !r\n1!w\nsHello !s\n" + vcd.substr(zero));
  EXPECT_EQ(icebp("savefile other.vcd").err, "");
  EXPECT_EQ(text("other.sucl"), text("w.sucl"));
}

TEST_F(CliWaves, OfOthersAreRefusedIfTheyAreNone) {
  const std::string legal = "; name a VCD into which DebugCore::trace has put its signals";
  expect_refusal(icebp("savefile"), "savefile: takes one VCD or more; icebp savefile FILE.vcd...");
  expect_refusal(icebp("savefile no.vcd"),
                 "no.vcd: cannot be read: No such file or directory" + legal);
  expect_refusal(icebp("savefile s.json"),
                 "s.json: is no VCD: not a change of a known signal: {\"title\":\"A" + legal);
  write("cut.vcd", "$var wire 1 $end\n");
  expect_refusal(icebp("savefile cut.vcd"),
                 "cut.vcd: is no VCD: words are missing before $end" + legal);
  write("scopes.vcd", "$upscope $end\n");
  expect_refusal(icebp("savefile scopes.vcd"),
                 "scopes.vcd: is no VCD: more scopes end than begin" + legal);
  write("none.vcd", "$var wire 1 ! a $end\n#0\n1!\n");
  expect_refusal(icebp("savefile none.vcd"), "none.vcd: has no signals of a core" + legal);
}

TEST_F(CliWaves, OfOthersDoNotLoseWhatAUserHasSaved) {
  EXPECT_EQ(icebp("run s.json --quiet --vcd w.vcd").status, 0);
  for (const char* file : {"w.gtkw", "w.sucl"}) {
    EXPECT_EQ(icebp("savefile w.vcd").status, 0);
    write(file, "of a user\n");
    expect_refusal(icebp("savefile w.vcd"),
                   std::string(file) + ": is not of this program; move it away");
    EXPECT_EQ(text(file), "of a user\n");
    std::filesystem::remove(folder_ / "work" / file);
  }
}

} // namespace
} // namespace icebp::test
