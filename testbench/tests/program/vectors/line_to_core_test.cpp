#include <icebp/model/json/input_error.h>
#include <icebp/testbench/program/vectors/check.h>
#include <icebp/testbench/program/vectors/line_to_core.h>
#include <icebp/testbench/program/vectors/vector_reader.h>
#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

Core core_with(const std::string& more, const char* profile = "intel-skylake") {
  return core_of(read_with(more), cpu_named(profile));
}

std::string core_error(const std::string& more, const char* profile = "intel-skylake") {
  return error_of([&] { core_with(more, profile); });
}

std::uint64_t msr_of(const Core& core, std::uint32_t index) {
  return core.state.msr[core.cpu->msrs.find(index).slot];
}

struct ModeCase {
  const char* mode;
  unsigned cpl;
  std::uint64_t rflags, cr0, cr4, efer;
};

TEST(LineToCore, HasTheDefaultsOfThePage) {
  const Core fresh = core_of(read(R"({"id":1,"code":"f1"})"), cpu_named("intel-skylake"));
  EXPECT_EQ(fresh.machine.mode, Mode::long_mode);
  EXPECT_EQ(fresh.machine.rip, 0x1000u);
  EXPECT_EQ(fresh.machine.gpr, (std::array<std::uint64_t, 16>{}));
  EXPECT_EQ(fresh.state.dr[6], 0xFFFF0FF0u);
  EXPECT_EQ(fresh.state.dr[7], 0x400u);
  for (const ModeCase& expected : {ModeCase{"long", 0, 2, 0x80050033, 0x6F0, 0xD01},
                                   ModeCase{"compat", 0, 2, 0x80050033, 0x6F0, 0xD01},
                                   ModeCase{"protected", 0, 2, 0x80050033, 0x6F0, 0},
                                   ModeCase{"v86", 3, 0x20002, 0x80050033, 0x6F0, 0},
                                   ModeCase{"real", 0, 2, 0x60000010, 0, 0}}) {
    const Core core = core_with(std::string(R"("mode":")") + expected.mode + '"');
    EXPECT_EQ(core.machine.cpl, expected.cpl) << expected.mode;
    EXPECT_EQ(core.machine.rflags, expected.rflags) << expected.mode;
    EXPECT_EQ(core.machine.cr0, expected.cr0) << expected.mode;
    EXPECT_EQ(core.machine.cr4, expected.cr4) << expected.mode;
    EXPECT_EQ(core.state[MsrSlot::efer], expected.efer) << expected.mode;
  }
}

TEST(LineToCore, PutsEveryKeyIn) {
  const Core core = core_with(
      R"("cpl":1,"rip":"0x2000","rflags":"0x10002","cr0":"0x80000011","cr4":"0x8","efer":"0x500",
         "dr":[1,2,3,4],"gpr":{"rsp":9},"msr":{"0x174":5},"redirect_db":true)");
  EXPECT_EQ(core.machine.cpl, 1);
  EXPECT_EQ(core.machine.rip, 0x2000u);
  EXPECT_EQ(core.machine.rflags, 0x10002u);
  EXPECT_EQ(core.machine.cr0, 0x80000011u);
  EXPECT_EQ(core.machine.cr4, 8u);
  EXPECT_EQ(core.state[MsrSlot::efer], 0x500u);
  EXPECT_EQ(core.state.dr[3], 4u);
  EXPECT_EQ(core.machine[Gpr::rsp], 9u);
  EXPECT_EQ(msr_of(core, 0x174), 5u);
  EXPECT_TRUE(core.machine.redirect_db);
}

TEST(LineToCore, ForcesFixedBitsOfDr6AndDr7AndKeepsGd) {
  const Core intel = core_with(R"("dr6":0,"dr7":"0x2000")");
  EXPECT_EQ(intel.state.dr[6], 0xFFFE0FF0u);
  EXPECT_EQ(intel.state.dr[7], 0x2400u);
  const Core amd = core_with(R"("dr6":"0xffffffff","dr7":"0xfffffffe")", "amd-zen1");
  EXPECT_EQ(amd.state.dr[6], 0xFFFFEFFFu);
  EXPECT_EQ(amd.state.dr[7], 0xFFFF27FEu);
}

TEST(LineToCore, RefusesContradictions) {
  const std::string efer = "/efer: EFER.LMA contradicts the mode; 1 in long and compat, 0 in other "
                           "modes";
  EXPECT_EQ(core_error(R"("efer":"0x1")"), efer);
  EXPECT_EQ(core_error(R"("mode":"compat","efer":0)"), efer);
  EXPECT_EQ(core_error(R"("mode":"protected","efer":"0xd01")"), efer);
  const std::string cr0 = "/cr0: CR0.PE contradicts the mode; 0 in real, 1 in other modes";
  EXPECT_EQ(core_error(R"("cr0":"0x80000010")"), cr0);
  EXPECT_EQ(core_error(R"("mode":"real","cr0":1)"), cr0);
  EXPECT_EQ(core_error(R"("mode":"v86","cr0":0)"), cr0);
  const std::string vm = "/rflags: RFLAGS.VM=1 contradicts the mode; 1 in v86 only";
  EXPECT_EQ(core_error(R"("rflags":"0x20002")"), vm);
  EXPECT_EQ(core_error(R"("mode":"protected","rflags":"0x20002")"), vm);
  EXPECT_EQ(core_error(R"("cr4":"0x1000")"), "/cr4: LA57 is not in this CPU; CR4.LA57 is 0");
  const std::string cpl = "/cpl: contradicts the mode; 0 in real, 3 in v86";
  EXPECT_EQ(core_error(R"("mode":"real","cpl":3)"), cpl);
  EXPECT_EQ(core_error(R"("mode":"v86","cpl":0)"), cpl);
  EXPECT_EQ(core_error(R"("rip":"0x800000000000")"),
            "/rip: not canonical; 48 bits, 57 with CR4.LA57, sign-extended");
}

TEST(LineToCore, RefusesAHypervisorOfTheOtherVendor) {
  const std::string vmx = "/vmx: not on a CPU of this vendor; svm";
  const std::string svm = "/svm: not on a CPU of this vendor; vmx";
  const std::string both = "/svm: vmx and svm in one core; one of the two";
  for (const char* profile : {"intel-skylake", "intel-max"}) {
    EXPECT_EQ(core_error(R"("vmx":{})", profile), "no error");
    EXPECT_EQ(core_error(R"("svm":{})", profile), svm);
    EXPECT_EQ(core_error(R"("vmx":{},"svm":{})", profile), both);
    EXPECT_EQ(core_error(R"("vmx":{},"svm":null)", profile), "no error");
  }
  for (const char* profile : {"amd-zen1", "amd-max"}) {
    EXPECT_EQ(core_error(R"("svm":{})", profile), "no error");
    EXPECT_EQ(core_error(R"("vmx":{})", profile), vmx);
    EXPECT_EQ(core_error(R"("vmx":{},"svm":{})", profile), both);
  }
}

TEST(LineToCore, CarriesAGuestAndTakesItAway) {
  Core core = core_with(
      R"("vmx":{"mov_dr_exiting":true,"exception_bitmap":2,"use_msr_bitmaps":true,
                "msr_read":["0x10"],"msr_write":["0xc0000082"]})");
  {
    const Core copy = core;
    apply(read_with(R"("cpl":3)"), core);
    EXPECT_EQ(core.machine.vmx, copy.machine.vmx);
  }
  const VmxControls& vmx = *context_of(core.machine).vmx();
  EXPECT_TRUE(vmx.mov_dr_exiting);
  EXPECT_EQ(vmx.exceptions, 2u);
  EXPECT_TRUE(vmx.msr_bitmaps->exits(0x10, false));
  EXPECT_FALSE(vmx.msr_bitmaps->exits(0x10, true));
  EXPECT_TRUE(vmx.msr_bitmaps->exits(0xC0000082, true));
  EXPECT_FALSE(vmx.msr_bitmaps->exits(0xC0000082, false));
  apply(read_with(R"("vmx":{})"), core);
  EXPECT_FALSE(context_of(core.machine).vmx()->mov_dr_exiting);
  EXPECT_EQ(context_of(core.machine).vmx()->msr_bitmaps, nullptr);
  apply(read_with(R"("vmx":null)"), core);
  EXPECT_EQ(context_of(core.machine).guest, nullptr);
}

TEST(LineToCore, ImpliesVmInV86) {
  EXPECT_EQ(core_with(R"("mode":"v86","rflags":"0x2")").machine.rflags, 0x20002u);
  EXPECT_EQ(core_with(R"("mode":"v86","rflags":"0x20002")").machine.rflags, 0x20002u);
}

// docs/vectors.md, pending: held with `mov_ss`, due with `none`, an error with `sti`.
TEST(LineToCore, PutsAPendingTrapWhereItWaits) {
  const Boundary held = core_with(R"("pending":"0x5001","shadow":"mov_ss")").state.boundary;
  EXPECT_EQ(held.shadow, Shadow::mov_ss);
  EXPECT_EQ(held.held.payload, 0x4001u);
  EXPECT_EQ(held.held.causes, only(Cause::held_trap));
  EXPECT_FALSE(held.due.any());
  const Boundary due = core_with(R"("pending":"0x4001")").state.boundary;
  EXPECT_EQ(due.due.payload, 0x4001u);
  EXPECT_FALSE(due.held.any());
  EXPECT_TRUE(core_with(R"("pending":"0x1000")").state.boundary.is_quiet());
  EXPECT_EQ(core_error(R"("pending":"0x1","shadow":"sti")"),
            "/pending: a trap due in the shadow of STI; shadow none or mov_ss");
  EXPECT_EQ(core_error(R"("pending":0,"shadow":"sti")"), "no error");
}

TEST(LineToCore, RefusesAPendingTrapOfAnotherCpu) {
  EXPECT_EQ(core_error(R"("pending":"0x800")"),
            "/pending: BLD is not in this CPU; without bit 0x800");
  EXPECT_EQ(core_error(R"("pending":"0x800")", "amd-zen5"), "no error");
  EXPECT_EQ(core_error(R"("pending":"0x10000")", "amd-zen1"),
            "/pending: RTM is not in this CPU; without bit 0x10000");
  EXPECT_EQ(core_error(R"("pending":"0x10000","shadow":"mov_ss")"), "no error");
}

TEST(LineToCore, OpensAnRtmRegion) {
  const Core core =
      core_with(R"("rflags":"0x10102","gpr":{"rcx":5},"rtm":{"xbegin":1,"fallback":2})");
  const RtmRegion& region = *context_of(core.machine).rtm;
  EXPECT_EQ(region.xbegin, 1u);
  EXPECT_EQ(region.fallback, 2u);
  EXPECT_EQ(core.machine.rtm->gpr[1], 5u);
  EXPECT_EQ(core.machine.rtm->rflags, 0x102u); // RF is of the first instruction
  EXPECT_EQ(context_of(core_with(R"("rtm":null)").machine).rtm, nullptr);
  EXPECT_EQ(core_error(R"("rtm":{"xbegin":1,"fallback":2})", "amd-zen1"),
            "/rtm: RTM is not in this CPU; leave it out");
  EXPECT_EQ(core_error(R"("rtm":null)", "amd-zen1"), "no error");
}

TEST(LineToCore, TellsTheCoreOfTfAndRf) {
  const CoreContext context = context_of(core_with(R"("rflags":"0x102")").machine);
  EXPECT_TRUE(context.tf);
  EXPECT_FALSE(context.rf);
  EXPECT_TRUE(context_of(core_with(R"("rflags":"0x10002")").machine).rf);
}

TEST(LineToCore, RefusesWhatTheCpuOrTheModeCannotHave) {
  EXPECT_EQ(core_error(R"("mode":"protected","rip":"0x100000000")"),
            "/rip: more than 32 bits outside 64-bit mode; at most 0xffffffff");
  EXPECT_EQ(core_error(R"("mode":"protected","rip":"0xffffffff")"), "no error");
}

TEST(LineToCore, ChecksMsrsForWidthAndFixedBitsOnly) {
  EXPECT_EQ(msr_of(core_with(R"("msr":{"0xc0000082":"0x800000000000"})"), 0xC0000082),
            0x800000000000u);
  EXPECT_EQ(msr_of(core_with(R"("msr":{"0x277":"0x0202020202020202"})"), 0x277),
            0x0202020202020202u);
  EXPECT_EQ(core_error(R"("msr":{"0x174":"0x100000000"})"),
            "/msr/0x174: 0x100000000 does not fit IA32_SYSENTER_CS; bits of 0xffffffff, the others "
            "as in 0x0");
  EXPECT_EQ(core_error(R"("msr":{"0x600":0})", "amd-zen1"),
            "/msr/0x600: not an MSR of amd-zen1; leave it out");
  EXPECT_EQ(core_error(R"("msr":{"0xc0000080":"0xd01"})"),
            "/msr/0xc0000080: EFER has a key of its own; efer");
  EXPECT_EQ(core_error(R"("efer":"0x8000000000000d01")"),
            "/efer: 0x8000000000000d01 has reserved bits; of 0xd01");
}

TEST(LineToCore, OverridesACarriedCore) {
  Core core = core_with(R"("cpl":3,"cr4":"0x6f8","rflags":"0x10002","dr7":"0x2400")");
  apply(read_with(R"("gpr":{"rax":1},"mode":"long")"), core);
  EXPECT_EQ(core.machine.cpl, 3);
  EXPECT_EQ(core.machine.cr4, 0x6F8u);
  EXPECT_EQ(core.state.dr[7], 0x2400u);
  EXPECT_EQ(core.machine[Gpr::rax], 1u);
  apply(read_with(R"("mode":"v86")"), core);
  EXPECT_EQ(core.machine.cpl, 3);
  EXPECT_EQ(core.machine.rflags, 0x30002u);
  EXPECT_EQ(core.state[MsrSlot::efer], 0u);
  apply(read_with(R"("mode":"protected","cr4":"0x8")"), core);
  EXPECT_EQ(core.machine.cpl, 0);
  EXPECT_EQ(core.machine.rflags, 0x10002u);
  EXPECT_EQ(core.machine.cr4, 8u);
  EXPECT_EQ(error_of([&] { apply(read_with(R"("cr0":0)"), core, "/steps/3"); }),
            "/steps/3/cr0: CR0.PE contradicts the mode; 0 in real, 1 in other modes");
}

TEST(LineToCore, WantsExactlyOneInstruction) {
  const auto error = [](const char* code) {
    const VectorLine line = read(std::string(R"({"id":1,"code":")") + code + "\"}");
    const Core core = core_of(line, cpu_named("intel-skylake"));
    return error_of([&] { instruction_of(line, core, "/steps/3"); });
  };
  const std::string legal = "; exactly one of MOV to or from DR, RDMSR, WRMSR, WRMSRNS, RDMSRLIST, "
                            "WRMSRLIST, URDMSR, UWRMSR, INT1";
  EXPECT_EQ(error("0f 23"), "/steps/3/code: not one instruction, truncated" + legal);
  EXPECT_EQ(error("f1 90"), "/steps/3/code: not one instruction, trailing bytes" + legal);
  EXPECT_EQ(error("90"), "/steps/3/code: no instruction that is supported" + legal);
  EXPECT_EQ(error("66 0f 01 c6"), "/steps/3/code: no instruction that is supported" + legal);
  EXPECT_EQ(error("f0 0f 23 f8"), "no error");
}

} // namespace
} // namespace icebp
