// The viewers' files of VCDs that are typed here.
#include <icebp/testbench/program/scenario/save_file.h>
#include <icebp/testbench/program/scenario/wave_names.h>

#include <gtest/gtest.h>

#include <sstream>

namespace icebp {
namespace {

// Two cores, of which "zeta" was traced first; a module that is none, and a unit that is none of
// ours.
constexpr char header[] = R"($timescale
     1 ps
$end
$scope module SystemC $end
$scope module alpha $end
$var wire    4  aaaag  phase [3:0]  $end
$upscope $end
$scope module other $end
$var wire    2  aaaah  phase [1:0]  $end
$var wire    3  aaaai  mode [2:0]  $end
$upscope $end
$scope module scenario $end
$var wire   32  aaaaa  step [31:0]  $end
$upscope $end
$scope module zeta $end
$var wire    5  aaaac  cause [4:0]  $end
$var wire    4  aaaab  phase [3:0]  $end
$scope module debug_unit $end
$var wire    1  aaaae  b0       $end
$var wire   32  aaaad  dr6 [31:0]  $end
$var wire    1  aaaaf  gd       $end
$upscope $end
$scope module shadow_unit $end
$var wire   32  aaaaj  dr6 [31:0]  $end
$upscope $end
$upscope $end
$upscope $end
$enddefinitions  $end
$dumpvars
b0 aaaag
b0 aaaah
b0 aaaai
b0 aaaaa
b0 aaaac
b0 aaaab
0aaaae
b11111111111111110000111111110000 aaaad
0aaaaf
b0 aaaaj
$end
)";

// Phase 5 is a fault, 6 a trap.
constexpr char story[] = R"(#2000
b1 aaaaa
b1 aaaab
b1 aaaai
#7000
b101 aaaab
b10001 aaaac
#9000
b11111111111111110010111111110001 aaaad
1aaaae
b1 aaaaj
#20000
b10 aaaaa
#22000
b110 aaaag
#40000
b0 aaaag
)";

VcdOverview overview_of_text(const std::string& text) {
  std::istringstream vcd(text);
  return overview_of(vcd);
}

std::string save_file_of(const VcdOverview& overview, const WaveView& view) {
  std::ostringstream out;
  write_save_file(out, overview, view, "/somewhere/w.gtkw", "names");
  return out.str();
}

std::string command_file_of(const VcdOverview& overview, const WaveView& view) {
  std::ostringstream out;
  write_command_file(out, overview, view);
  return out.str();
}

TEST(SaveFile, OpensAtTheFirstException) {
  const VcdOverview overview = overview_of_text(std::string(header) + story);
  EXPECT_EQ(overview.exception, 7000U);
  EXPECT_EQ(overview.steps, (std::vector<std::uint64_t>{2000, 20000}));
  EXPECT_EQ(overview.cores, (std::vector<std::string>{"SystemC.zeta", "SystemC.alpha"}));
  const WaveView view = view_of(overview);
  EXPECT_EQ(view.marker, 7000U);
  EXPECT_EQ(view.start, 1000U); // 40 pixels of 25 ps before the step
}

// 400 pixels of 25 ps are 10 ns.
TEST(SaveFile, OpensWithinALongStep) {
  const VcdOverview overview = overview_of_text(
      std::string(header) + "#2000\nb1 aaaaa\n#60000\nb101 aaaab\n#90000\nb0 aaaab\n");
  EXPECT_EQ(view_of(overview).start, 50000U);
}

TEST(SaveFile, OpensWithTheStepThatRaises) {
  const VcdOverview overview = overview_of_text(
      std::string(header) +
      "#2000\nb1 aaaaa\n#50000\nb10 aaaaa\n#51000\nb101 aaaab\n#90000\nb0 aaaab\n");
  EXPECT_EQ(view_of(overview).start, 49000U);
}

// GTKWave takes no start from which the window would reach behind the end. It is 1400 pixels wide,
// of which the tree has 220 and the names 300: 880 of 25 ps are 22 ns.
TEST(SaveFile, ReachesTheEndOfAShortTrace) {
  const VcdOverview overview = overview_of_text(
      std::string(header) +
      "#2000\nb1 aaaaa\n#20000\nb10 aaaaa\n#22000\nb101 aaaab\n#36000\nb0 aaaab\n");
  const WaveView view = view_of(overview);
  EXPECT_EQ(view.marker, 22000U);
  EXPECT_EQ(view.time_per_pixel, 25U);
  EXPECT_EQ(view.start, 14000U);
}

TEST(SaveFile, OpensAtZeroIfAllHasRoom) {
  const VcdOverview overview = overview_of_text(
      std::string(header) + "#2000\nb1 aaaaa\n#16000\nb101 aaaab\n#21000\nb0 aaaab\n");
  EXPECT_EQ(view_of(overview).start, 0U);
}

// 1200 ps in 120 pixels are 10 ps a pixel, and 880 pixels 8.8 ns.
TEST(SaveFile, ShowsAnExceptionJustBeforeTheEnd) {
  const VcdOverview overview = overview_of_text(
      std::string(header) + "#2000\nb1 aaaaa\n#58800\nb101 aaaab\n#60000\nb0 aaaab\n");
  const WaveView view = view_of(overview);
  EXPECT_EQ(view.time_per_pixel, 10U);
  EXPECT_EQ(view.start, 51200U);
}

// An exit is phase 8; an instruction's comes without an exception before it.
TEST(SaveFile, OpensAtAnExit) {
  const VcdOverview overview =
      overview_of_text(std::string(header) + "#2000\nb1 aaaaa\nb1 aaaab\n#4000\nb1000 aaaab\n");
  EXPECT_EQ(view_of(overview).marker, 4000U);
}

TEST(SaveFile, OpensAtTheStartWithoutAnException) {
  const VcdOverview overview =
      overview_of_text(std::string(header) + "#2000\nb1 aaaaa\nb100 aaaab\n");
  EXPECT_EQ(view_of(overview).marker, std::nullopt);
  EXPECT_EQ(view_of(overview).start, 0U);
  EXPECT_NE(save_file_of(overview, view_of(overview)).find("*-12.287712 -1 -1"), std::string::npos);
  EXPECT_EQ(command_file_of(overview, view_of(overview)).find("cursor_set"), std::string::npos);
}

// What never changes is left out; flags 22 hexadecimal, 24 decimal, 28 bits, 2000 by a filter,
// 800200 a group, c00200 a closed one; 2^12.287712 = 200 x 25.
TEST(SaveFile, HasAGroupForEachCore) {
  const VcdOverview overview = overview_of_text(std::string(header) + story);
  EXPECT_EQ(save_file_of(overview, view_of(overview)), R"([savefile] "/somewhere/w.gtkw"
[timestart] 1000
[size] 1400 340
[pos] -1 -1
*-12.287712 7000 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1
[sst_width] 220
[signals_width] 300
[sst_expanded] 1
@24
+{step} SystemC.scenario.step[31:0]
@800200
-zeta
@2022
^1 /somewhere/names/phase.txt
+{phase} SystemC.zeta.phase[3:0]
@2022
^1 /somewhere/names/cause.txt
[color] 3
+{cause} SystemC.zeta.cause[4:0]
@22
[color] 3
+{dr6} SystemC.zeta.debug_unit.dr6[31:0]
@c00200
-more of zeta
@28
+{b0} SystemC.zeta.debug_unit.b0
@1401200
-more of zeta
@1000200
-zeta
@800200
-alpha
@2022
^1 /somewhere/names/phase.txt
+{phase} SystemC.alpha.phase[3:0]
@1000200
-alpha
)");
}

TEST(SaveFile, ShowsTextAsAscii) {
  const VcdOverview overview = overview_of_text(
      "$scope module c $end\n$var wire 4 a phase [3:0] $end\n"
      "$var wire 384 b instruction [383:0] $end\n$upscope $end\n$enddefinitions $end\n"
      "#1000\nb1 a\nb01101000 b\n");
  EXPECT_NE(save_file_of(overview, view_of(overview))
                .find("@820\n[color] 3\n+{instruction} c.instruction[383:0]\n"),
            std::string::npos);
}

TEST(SaveFile, ShowsTheSignalsOfAStory) {
  const VcdOverview overview = overview_of_text(std::string(header) + story);
  WaveView view;
  view.has_tree = false;
  view.signals = {"debug_unit.gd", "b0"};
  const std::string text = save_file_of(overview, view);
  const std::size_t closed = text.find("-more of zeta");
  EXPECT_LT(text.find("SystemC.zeta.debug_unit.gd\n"), closed);
  EXPECT_LT(text.find("SystemC.zeta.debug_unit.b0\n"), closed);
  EXPECT_GT(text.find("SystemC.zeta.phase"), closed);
  EXPECT_NE(text.find("[sst_width] 0\n"), std::string::npos);
}

TEST(CommandFile, HasADividerForEachCore) {
  const VcdOverview overview = overview_of_text(std::string(header) + story);
  EXPECT_EQ(command_file_of(overview, view_of(overview)), R"(variable_add SystemC.scenario.step
item_focus a_
item_set_format Unsigned
item_unfocus
divider_add zeta
variable_add SystemC.zeta.phase
item_focus c_
item_set_format icebp_phase
item_unfocus
variable_add SystemC.zeta.cause
item_focus d_
item_set_format icebp_cause
item_set_color Yellow
item_unfocus
variable_add SystemC.zeta.debug_unit.dr6
item_focus e_
item_set_format Hexadecimal
item_set_color Yellow
item_unfocus
divider_add alpha
variable_add SystemC.alpha.phase
item_focus g_
item_set_format icebp_phase
item_unfocus
cursor_set 7000
goto_cursor
)");
}

// a to z, then ba: to the base of 26.
TEST(CommandFile, NumbersMoreItemsThanLetters) {
  std::string vcd = "$scope module SystemC $end\n";
  std::string changes = "$enddefinitions $end\n#5\n";
  for (int core = 10; core < 30; ++core) {
    const std::string number = std::to_string(core);
    vcd += "$scope module c" + number + " $end\n$var wire 4 " + number +
           " phase [3:0] $end\n$upscope $end\n";
    changes += "b1 " + number + "\n";
  }
  const VcdOverview overview = overview_of_text(vcd + "$upscope $end\n" + changes);
  const std::string text = command_file_of(overview, WaveView{});
  EXPECT_NE(text.find("SystemC.c22.phase\nitem_focus z_\n"), std::string::npos) << text;
  EXPECT_NE(text.find("SystemC.c23.phase\nitem_focus bb_\n"), std::string::npos) << text;
}

// Every name fits the signal that has it.
TEST(WaveNames, FitTheirSignals) {
  std::size_t named = 0;
  for (const WaveSignal& signal : wave_signals())
    for (const ValueName& name : names_of(signal.values)) {
      ++named;
      EXPECT_LE(name.value, ~std::uint64_t{0} >> (64 - signal.width)) << signal.name << name.name;
    }
  EXPECT_GT(named, 400U);
}

TEST(WaveNames, OfMsrsAreThoseOfBothVendors) {
  std::string both;
  std::string intel;
  for (const ValueName& name : names_of(WaveValues::msr)) {
    if (name.value == 0x174)
      both = name.name;
    if (name.value == 0x1D9)
      intel = name.name;
  }
  EXPECT_EQ(names_of(WaveValues::msr).back().value, 0xFFFFFFFFU);
  EXPECT_EQ(names_of(WaveValues::msr).back().name, "none");
  EXPECT_NE(both.find("SYSENTER_CS"), std::string::npos) << both;
  EXPECT_NE(intel.find("DEBUGCTL"), std::string::npos) << intel;
}

} // namespace
} // namespace icebp
