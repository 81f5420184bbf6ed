#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

constexpr const char* legal_64 = "is not a 64-bit value; \"0x\" and 1 to 16 hex digits, or an "
                                 "integer from 0";

TEST(VectorReader, ReadsEveryKey) {
  const VectorLine line = read(R"({
    "id": "a", "code": "0F 23\tf8", "profile": "amd-zen1",
    "apic_id": "0x21", "bsp": false, "mode": "compat", "cpl": 2, "rip": "0xabc", "rflags": "0x10002", "cr0": 1, "cr4": "0x2",
    "efer": "0xd01", "dr": [1, "0x2", 3, "0xffffffffffffffff"], "dr6": "0xffff0ff0",
    "dr7": 9216, "gpr": {"rax": 5, "r15": "0x6"}, "msr": {"0xc0000082": "0x7", "0x174": 8},
    "shadow": "none", "pending": 0, "redirect_db": true, "rtm": {"fallback": "0x900", "xbegin": 2048},
    "expect": {"vector": 1}})");
  EXPECT_EQ(line.id, "\"a\"");
  EXPECT_EQ(line.code, (std::vector<std::uint8_t>{0x0F, 0x23, 0xF8}));
  EXPECT_EQ(line.profile, find_cpu_profile("amd-zen1"));
  EXPECT_EQ(line.apic_id, 0x21u);
  EXPECT_EQ(line.bsp, false);
  EXPECT_EQ(line.mode, Mode::compatibility);
  EXPECT_EQ(line.cpl, 2);
  EXPECT_EQ(line.rip, 0xABCu);
  EXPECT_EQ(line.rflags, 0x10002u);
  EXPECT_EQ(line.cr0, 1u);
  EXPECT_EQ(line.cr4, 2u);
  EXPECT_EQ(line.efer, 0xD01u);
  EXPECT_EQ(line.dr, (std::array<std::uint64_t, 4>{1, 2, 3, ~std::uint64_t{0}}));
  EXPECT_EQ(line.dr6, 0xFFFF0FF0u);
  EXPECT_EQ(line.dr7, 0x2400u);
  EXPECT_EQ(line.gpr[0], 5u);
  EXPECT_EQ(line.gpr[15], 6u);
  EXPECT_FALSE(line.gpr[1]);
  ASSERT_EQ(line.msr.size(), 2u);
  EXPECT_EQ(line.msr[0].index, 0xC0000082u);
  EXPECT_EQ(line.msr[0].value, 7u);
  EXPECT_EQ(line.msr[1].index, 0x174u);
  EXPECT_EQ(line.redirect_db, true);
  EXPECT_EQ((**line.rtm).xbegin, 0x800u);
  EXPECT_EQ((**line.rtm).fallback, 0x900u);
  EXPECT_TRUE(line.has_expectation);
}

TEST(VectorReader, LeavesWhatIsNotGivenEmpty) {
  const VectorLine line = read(R"({"id":1,"code":"f1"})");
  EXPECT_EQ(line.profile, nullptr);
  EXPECT_FALSE(line.mode || line.cpl || line.rip || line.rflags || line.cr0 || line.cr4 ||
               line.efer || line.dr || line.dr6 || line.dr7 || line.redirect_db || line.rtm);
  EXPECT_TRUE(line.msr.empty());
  EXPECT_FALSE(line.has_expectation);
}

TEST(VectorReader, ReadsVmxControls) {
  const VectorLine line = read_with(
      R"("vmx":{"mov_dr_exiting":true,"exception_bitmap":"0xffffffff","use_msr_bitmaps":true,
                "msr_read":["0xc0000082",16,"0x40000000"],"msr_write":[]})");
  const VmxKeys& vmx = line.vmx.value().value();
  EXPECT_TRUE(vmx.mov_dr_exiting);
  EXPECT_EQ(vmx.exception_bitmap, 0xFFFFFFFFu);
  EXPECT_TRUE(vmx.use_msr_bitmaps);
  EXPECT_EQ(vmx.msr_read, (std::vector<std::uint32_t>{0xC0000082, 0x10, 0x40000000}));
  EXPECT_TRUE(vmx.msr_write.empty());
  EXPECT_FALSE(line.svm);
}

TEST(VectorReader, ReadsSvmControls) {
  const VectorLine line = read_with(
      R"("svm":{"dr_read":"0xffff","dr_write":128,"exceptions":"0x80000002","icebp":true,
                "msr_prot":true,"msr_read":["0x10"],"msr_write":["0x11"]})");
  const SvmKeys& svm = line.svm.value().value();
  EXPECT_EQ(svm.dr_read, 0xFFFFu);
  EXPECT_EQ(svm.dr_write, 0x80u);
  EXPECT_EQ(svm.exceptions, 0x80000002u);
  EXPECT_TRUE(svm.icebp && svm.msr_prot);
  EXPECT_EQ(svm.msr_read, std::vector<std::uint32_t>{0x10});
  EXPECT_EQ(svm.msr_write, std::vector<std::uint32_t>{0x11});
  EXPECT_FALSE(line.vmx);
}

TEST(VectorReader, AnEmptyObjectIsAGuestThatNothingExitsFor) {
  const VmxKeys vmx = read_with(R"("vmx":{})").vmx.value().value();
  EXPECT_FALSE(vmx.mov_dr_exiting || vmx.use_msr_bitmaps || vmx.exception_bitmap);
  EXPECT_TRUE(vmx.msr_read.empty() && vmx.msr_write.empty());
  const SvmKeys svm = read_with(R"("svm":{})").svm.value().value();
  EXPECT_FALSE(svm.dr_read || svm.dr_write || svm.exceptions || svm.icebp || svm.msr_prot);
  EXPECT_TRUE(svm.msr_read.empty() && svm.msr_write.empty());
  const VectorLine none = read_with(R"("vmx":null,"svm":null)");
  EXPECT_TRUE(none.vmx && !*none.vmx && none.svm && !*none.svm);
}

TEST(VectorReader, TakesMsrListsOfAnyLength) {
  std::string list = "0";
  for (int i = 1; i < 500; ++i)
    list += ',' + std::to_string(i);
  const VectorLine line = read_with(R"("vmx":{"msr_write":[)" + list + "]}");
  ASSERT_EQ((*line.vmx)->msr_write.size(), 500u);
  EXPECT_EQ((*line.vmx)->msr_write.back(), 499u);
}

TEST(VectorReader, RefusesWrongControls) {
  EXPECT_EQ(error_with(R"("vmx":5)"),
            R"(/vmx: 5 is not an object of VMX controls; {"mov_dr_exiting": true}, null)");
  EXPECT_EQ(error_with(R"("svm":[])"),
            R"(/svm: a list is not an object of SVM controls; {"icebp": true}, null)");
  EXPECT_EQ(error_with(R"("vmx":{"icebp":true})"),
            "/vmx/icebp: unknown key; mov_dr_exiting, exception_bitmap, use_msr_bitmaps, msr_read, "
            "msr_write");
  EXPECT_EQ(error_with(R"("svm":{"mov_dr_exiting":true})"),
            "/svm/mov_dr_exiting: unknown key; dr_read, dr_write, exceptions, icebp, msr_prot, "
            "msr_read, msr_write");
  EXPECT_EQ(error_with(R"("vmx":{"mov_dr_exiting":1})"),
            "/vmx/mov_dr_exiting: 1 is not a truth value; true, false");
  EXPECT_EQ(error_with(R"("vmx":{"mov_dr_exiting":true,"mov_dr_exiting":true})"),
            "/vmx/mov_dr_exiting: given twice; once");
  EXPECT_EQ(error_with(R"("vmx":{"exception_bitmap":"0x100000000"})"),
            "/vmx/exception_bitmap: \"0x100000000\" has one of bits 63:32 set; at most 0xffffffff");
  EXPECT_EQ(error_with(R"("svm":{"dr_write":65536})"),
            "/svm/dr_write: 65536 has one of bits 63:16 set; at most 0xffff");
  EXPECT_EQ(error_with(R"("svm":{"dr_read":null})"), std::string("/svm/dr_read: null ") + legal_64);
  EXPECT_EQ(error_with(R"("vmx":{"msr_read":"0x10"})"),
            R"(/vmx/msr_read: "0x10" is not a list of MSR indices; ["0x1d9"])");
  EXPECT_EQ(error_with(R"("vmx":{"msr_read":{}})"),
            R"(/vmx/msr_read: an object is not a list of MSR indices; ["0x1d9"])");
  EXPECT_EQ(error_with(R"("svm":{"msr_write":[0,"0x100000000"]})"),
            "/svm/msr_write/1: \"0x100000000\" has one of bits 63:32 set; at most 0xffffffff");
  EXPECT_EQ(
      error_with(R"("svm":{"msr_write":[0,[1]]})"),
      "/svm/msr_write/1: a list is not a 64-bit value or an MSR; \"0x\" and 1 to 16 hex digits, or "
      "an integer from 0, or a name that icebp msrs lists");
}

TEST(VectorReader, ForgetsTheLineBefore) {
  VectorLine line;
  VectorReader(profiles())
      .read(R"({"id":1,"code":"f1","cpl":3,"gpr":{"rax":1},"msr":{"0x174":1},"svm":{},)"
            R"("expect":{"gpr":{"rax":1},"msr":{"0x174":1},"dr6":1}})",
            line);
  VectorReader(profiles()).read(R"({"id":2,"code":"0f32"})", line);
  EXPECT_EQ(line.id, "2");
  EXPECT_EQ(line.code.size(), 2u);
  EXPECT_FALSE(line.cpl || line.gpr[0] || line.svm || line.has_expectation || line.expect.dr6);
  EXPECT_TRUE(line.msr.empty() && line.expect.gpr.empty() && line.expect.msr.empty());
}

TEST(VectorReader, ReturnsIdsVerbatim) {
  const auto id_of = [](const char* id) {
    return read(std::string(R"({"id":)") + id + R"(,"code":"f1"})").id;
  };
  for (const char* id :
       {"0", "-7", "18446744073709551615", "18446744073709551616", "-99999999999999999999", "\"\"",
        "\"a b\"", R"("\"\\\n\t\u0001")", "\"\xC3\xA9\""})
    EXPECT_EQ(id_of(id), id);
  EXPECT_EQ(id_of(R"("\u00e9")"), "\"\xC3\xA9\"");
}

TEST(VectorReader, RefusesOtherIds) {
  EXPECT_EQ(error_in(R"({"id":1.5,"code":"f1"})"), "/id: 1.5 is not an id; an integer or a string");
  EXPECT_EQ(error_in(R"({"id":null,"code":"f1"})"),
            "/id: null is not an id; an integer or a string");
  EXPECT_EQ(error_in(R"({"id":[1],"code":"f1"})"),
            "/id: a list is not an id; an integer or a string");
}

TEST(VectorReader, TakesThe64BitRange) {
  EXPECT_EQ(read_with(R"("rip":"0xFFFFffffFFFFffff")").rip, ~std::uint64_t{0});
  EXPECT_EQ(read_with(R"("rip":18446744073709551615)").rip, ~std::uint64_t{0});
  EXPECT_EQ(read_with(R"("rip":9999999999999999999)").rip, 9999999999999999999u);
  EXPECT_EQ(read_with(R"("rip":-0)").rip, 0u);
  for (const char* bad :
       {"18446744073709551616", "-1", "1.0", "1e3", "true", "null", "\"\"", "\"0x\"",
        "\"0x11112222333344445\"", "\"0xg\"", "\"1000\"", "\"0X1\"", "\"0x1 \""})
    EXPECT_EQ(error_with(std::string(R"("rip":)") + bad),
              std::string("/rip: ") + bad + " " + legal_64);
  EXPECT_EQ(error_with(R"("rip":[])"), std::string("/rip: a list ") + legal_64);
}

TEST(VectorReader, KeepsDr6AndDr7To32Bits) {
  EXPECT_EQ(read_with(R"("dr7":4294967295)").dr7, 0xFFFFFFFFu);
  EXPECT_EQ(error_with(R"("dr7":"0x100000400")"),
            "/dr7: \"0x100000400\" has one of bits 63:32 set; at most 0xffffffff");
  EXPECT_EQ(error_with(R"("dr6":4294967296)"),
            "/dr6: 4294967296 has one of bits 63:32 set; at most 0xffffffff");
}

TEST(VectorReader, RefusesWordsThatItDoesNotKnow) {
  EXPECT_EQ(
      error_with(R"("mode":"long64")"),
      "/mode: \"long64\" is not a mode (did you mean long?); real, v86, protected, compat, long");
  EXPECT_EQ(error_with(R"("mode":1)"),
            "/mode: 1 is not a mode; real, v86, protected, compat, long");
  EXPECT_EQ(error_with(R"("profile":"i486")"),
            "/profile: \"i486\" is not a profile; intel-core2, intel-sandybridge, "
            "intel-skylake, intel-sierra-forest, intel-emerald-rapids, amd-k8, amd-fam15h, "
            "amd-zen1, amd-zen4, amd-zen5, "
            "intel-pentium-m, intel-pentium4, intel-core-duo, intel-core2-t7600, "
            "intel-xeon-x5482, intel-atom-330, intel-pentium-n3530, intel-i7-2635qm, "
            "intel-i5-3570, intel-i7-3820qm, intel-i7-5600u, amd-athlon64-x2, "
            "amd-opteron-2384, amd-phenom2-x6, hygon-c86-7185, via-l4700, "
            "zhaoxin-kx-u5581, "
            "intel-max, amd-max");
  EXPECT_EQ(error_with(R"("shadow":"pop_ss")"),
            "/shadow: \"pop_ss\" is not a shadow (did you mean mov_ss?); none, sti, mov_ss");
  EXPECT_EQ(error_with(R"("cpl":5)"), "/cpl: 5 is not a privilege level; 0 to 3");
  EXPECT_EQ(error_with(R"("cpl":"0x0")"), "/cpl: \"0x0\" is not a privilege level; 0 to 3");
  EXPECT_EQ(error_with(R"("redirect_db":1)"), "/redirect_db: 1 is not a truth value; true, false");
}

TEST(VectorReader, RefusesANulByte) {
  VectorLine line;
  const std::string text = std::string(R"({"id":1,"code":"f1"})") + '\0' + "x";
  EXPECT_THROW(VectorReader(profiles()).read(text, line), InputError);
}

TEST(VectorReader, RefusesWhatIsNotSupportedYet) {
  EXPECT_EQ(error_with(R"("mem":{})"), "no error");
  EXPECT_EQ(error_with(R"("shadow":"sti")"), "no error");
  EXPECT_EQ(error_with(R"("shadow":"mov_ss")"), "no error");
  EXPECT_EQ(error_with(R"("pending":"0x1d80f")"), "no error");
  for (const char* foreign : {"0x10", "0x2000", "0x20000", "0x100000000"})
    EXPECT_EQ(error_with(std::string(R"("pending":")") + foreign + "\""),
              std::string("/pending: \"") + foreign +
                  "\" has bits that no trap has; B0-B3, BLD 0x800, BS 0x4000, BT 0x8000, RTM "
                  "0x10000; 0x1000 is dropped");
}

TEST(VectorReader, ReadsNoRtmRegion) {
  const VectorLine line = read_with(R"("rtm":null)");
  ASSERT_TRUE(line.rtm);
  EXPECT_FALSE(*line.rtm);
}

TEST(VectorReader, RefusesHalfAnRtmRegion) {
  EXPECT_EQ(error_with(R"("rtm":{"xbegin":1})"), "/rtm/fallback: missing; an address");
  EXPECT_EQ(error_with(R"("rtm":{"fallback":1})"), "/rtm/xbegin: missing; an address");
  EXPECT_EQ(error_with(R"("rtm":true)"), R"(/rtm: true is not an RTM region; )"
                                         R"({"xbegin": "0x800", "fallback": "0x900"}, null)");
}

TEST(VectorReader, RefusesUnknownAndDuplicateKeys) {
  EXPECT_EQ(error_with(R"("cppl":0)"),
            "/cppl: unknown key (did you mean cpl?); id, code, profile, apic_id, bsp, mode, cpl, "
            "rip, rflags, "
            "cr0, cr4, efer, dr, dr6, dr7, gpr, msr, mem, shadow, pending, redirect_db, rtm, vmx, "
            "svm, expect, $schema");
  EXPECT_EQ(error_with(R"("a/b~":0)").substr(0, 21), "/a~1b~0: unknown key;");
  EXPECT_EQ(error_with(R"("gpr":{"eax":0})"),
            "/gpr/eax: unknown register (did you mean rax?); rax, rcx, rdx, rbx, rsp, rbp, rsi, "
            "rdi, r8, r9, r10, "
            "r11, r12, r13, r14, r15");
  EXPECT_EQ(error_with(R"("expect":{"rax":0})"),
            "/expect/rax: unknown key; id, outcome, vector, error_code, cause, payload, exit, "
            "redirected, rip, rf, gpr, msr, mem, cr2, dr, dr6, dr7, serializing, cost, cycles");
  EXPECT_EQ(error_with(R"("cpl":0,"cpl":0)"), "/cpl: given twice; once");
  EXPECT_EQ(error_with(R"("id":2)"), "/id: given twice; once");
  EXPECT_EQ(error_with(R"("gpr":{"rax":0,"rbx":0,"rax":0})"), "/gpr/rax: given twice; once");
  EXPECT_EQ(error_with(R"("msr":{"0x174":0,"0x0174":0})"), "/msr/0x0174: given twice; once");
  EXPECT_EQ(error_with(R"("expect":{"dr6":0,"dr6":0})"), "/expect/dr6: given twice; once");
  EXPECT_EQ(error_with(R"("cpl":0,"\u0063pl":0)"), "/cpl: given twice; once");
}

TEST(VectorReader, NamesItsSchemaAtTheTopOnly) {
  EXPECT_EQ(error_with(R"("$schema":"vector.schema.json")"), "no error");
  EXPECT_EQ(error_with(R"("$schema":null)"),
            "/$schema: null is not a schema; a string, its path or address");
  EXPECT_EQ(error_with(R"("$schema":"a","$schema":"b")"), "/$schema: given twice; once");
  EXPECT_EQ(error_with(R"("expect":{"$schema":"a"})").substr(0, 29),
            "/expect/$schema: unknown key;");
}

TEST(VectorReader, RefusesWrongTypes) {
  EXPECT_EQ(error_with(R"("gpr":[])"),
            R"(/gpr: a list is not an object of registers; {"rax": "0x1"})");
  EXPECT_EQ(error_with(R"("gpr":5)"), R"(/gpr: 5 is not an object of registers; {"rax": "0x1"})");
  EXPECT_EQ(error_with(R"("msr":"0x0")"),
            R"(/msr: "0x0" is not an object of MSRs; {"0x1d9": "0x1"})");
  EXPECT_EQ(error_with(R"("dr":{})"),
            R"(/dr: an object is not a list of four values; ["0x0", "0x0", "0x0", "0x0"])");
  EXPECT_EQ(error_with(R"("expect":true)"),
            R"(/expect: true is not an object of answer keys; {"outcome": "retired"})");
  EXPECT_EQ(error_with(R"("cpl":{"a":[]})"), "/cpl: an object is not a privilege level; 0 to 3");
  EXPECT_EQ(error_in("5"), R"(5 is not an object; {"id": 1, "code": "f1"})");
  EXPECT_EQ(error_in(R"([{"id":1,"code":"f1"}])"),
            R"(a list is not an object; {"id": 1, "code": "f1"})");
}

TEST(VectorReader, WantsFourDebugRegisters) {
  EXPECT_EQ(error_with(R"("dr":[1,2,3])"), "/dr: values are missing; four, DR0 to DR3");
  EXPECT_EQ(error_with(R"("dr":[])"), "/dr: values are missing; four, DR0 to DR3");
  EXPECT_EQ(error_with(R"("dr":[1,2,3,4,5])"), "/dr/4: one value too many; four, DR0 to DR3");
  EXPECT_EQ(error_with(R"("dr":[1,2,"x",4])"), std::string("/dr/2: \"x\" ") + legal_64);
}

TEST(VectorReader, WantsMsrIndicesInHex) {
  for (const char* bad : {"174", "0x100000000", "NO_SUCH_REGISTER", ""})
    EXPECT_EQ(error_with(std::string(R"("msr":{")") + bad + R"(":0})"),
              std::string("/msr/") + bad +
                  ": not an MSR; \"0x0\" to \"0xffffffff\", or a name that icebp msrs lists");
  std::string many;
  for (int i = 0; i <= 64; ++i)
    many += (i == 0 ? "\"0x" : ",\"0x") + std::to_string(i) + "\":0";
  EXPECT_EQ(error_with("\"msr\":{" + many + "}"), "/msr/0x64: more MSRs than a line takes; 64");
}

// Indices typed from SDM vol. 4.
TEST(VectorReader, TakesNamesOfMsrs) {
  const VectorLine line = read(R"({"id":1,"code":"rdmsr","gpr":{"rcx":"IA32_DEBUGCTL","r9":"0x1d9"},
    "msr":{"LSTAR":1,"IA32_MC3_CTL":0},"vmx":{"msr_read":["IA32_PAT"],"msr_write":["0x277"]},
    "expect":{"msr":{"IA32_PAT":3}}})");
  EXPECT_EQ(line.gpr[1], 0x1D9u);
  EXPECT_EQ(line.gpr[9], 0x1D9u);
  ASSERT_EQ(line.msr.size(), 2u);
  EXPECT_EQ(line.msr[0].index, 0xC0000082u);
  EXPECT_EQ(line.msr[1].index, 0x40Cu);
  EXPECT_EQ((**line.vmx).msr_read, (**line.vmx).msr_write);
  EXPECT_EQ(line.expect.msr.at(0).index, 0x277u);
  EXPECT_EQ(error_with(R"("msr":{"LSTAR":1,"0xc0000082":1})"),
            "/msr/0xc0000082: given twice; once");
}

TEST(VectorReader, GuessesTheMsrThatWasMeant) {
  const std::string in_key = "; \"0x0\" to \"0xffffffff\", or a name that icebp msrs lists";
  EXPECT_EQ(error_with(R"("msr":{"LSTR":0})"),
            "/msr/LSTR: not an MSR (did you mean LSTAR?)" + in_key);
  EXPECT_EQ(error_with(R"("expect":{"msr":{"IA32_DEBUGCTR":0}})"),
            "/expect/msr/IA32_DEBUGCTR: not an MSR (did you mean IA32_DEBUGCTL?)" + in_key);
  EXPECT_EQ(error_with(R"("msr":{"PLATFORM_INF":0})"),
            "/msr/PLATFORM_INF: not an MSR (did you mean PLATFORM_INFO?)" + in_key);
  const std::string in_value = "; \"0x\" and 1 to 16 hex digits, or an integer from 0, or a name "
                               "that icebp msrs lists";
  EXPECT_EQ(
      error_with(R"("gpr":{"rcx":"IA32_MC3_STATS"})"),
      R"(/gpr/rcx: "IA32_MC3_STATS" is not a 64-bit value or an MSR (did you mean IA32_MC3_STATUS?))" +
          in_value);
  EXPECT_EQ(error_with(R"("gpr":{"rcx":"NO_SUCH_REGISTER"})"),
            "/gpr/rcx: \"NO_SUCH_REGISTER\" is not a 64-bit value or an MSR" + in_value);
  EXPECT_EQ(error_with(R"("gpr":{"rcx":true})"),
            "/gpr/rcx: true is not a 64-bit value or an MSR" + in_value);
  EXPECT_EQ(error_with(R"("svm":{"msr_read":["VM_RC"]})"),
            R"(/svm/msr_read/0: "VM_RC" is not a 64-bit value or an MSR (did you mean VM_CR?))" +
                in_value);
}

TEST(VectorReader, TakesTheTextOfCode) {
  EXPECT_EQ(read(R"({"id":1,"code":" MOV DR7, rax"})").code,
            (std::vector<std::uint8_t>{0x0F, 0x23, 0xF8}));
  EXPECT_EQ(error_in(R"({"id":1,"code":"nop"})").substr(0, 65),
            "/code: \"nop\" is no instruction of the model; mov dr0..dr15, REG; ");
  const std::string store = error_in(R"({"id":1,"code":"mov [rdi], eax"})");
  const std::string end =
      "; of any other its bytes in hex, in a scenario with \"does\" beside them";
  EXPECT_EQ(store.substr(store.size() - end.size()), end);
}

TEST(VectorReader, WantsWholeBytesOfCode) {
  const std::string legal = "; two hex digits a byte, blanks between bytes";
  EXPECT_EQ(error_in(R"({"id":1,"code":"0f 2"})"),
            "/code: \"0f 2\" has no byte at character 4" + legal);
  EXPECT_EQ(error_in(R"({"id":1,"code":"0f 2 3"})"),
            "/code: \"0f 2 3\" has no byte at character 4" + legal);
  EXPECT_EQ(error_in(R"({"id":1,"code":"0x0f"})"),
            "/code: \"0x0f\" has no byte at character 1" + legal);
  EXPECT_EQ(error_in(R"({"id":1,"code":" "})"), "/code: \" \" has no byte" + legal);
  EXPECT_EQ(error_in(R"({"id":1,"code":241})"),
            "/code: 241 is not code; a string with two hex digits a byte");
  EXPECT_EQ(error_in(R"({"id":1})"), "/code: missing; one instruction's bytes in hex");
  EXPECT_EQ(error_in(R"({"code":"f1"})"), "/id: missing; an integer or a string");
}

TEST(VectorReader, SaysWhereTextIsNoJson) {
  EXPECT_EQ(error_in(R"({"id":1,"code":"f1",})"),
            "column 21: syntax error: no key in double quotes, but }");
  EXPECT_EQ(error_in(R"({"id":1,"code":"f1"} x)"),
            "column 22: syntax error: the text goes on behind the JSON value, but x");
  EXPECT_EQ(error_in(R"({"id":1,/* comment */"code":"f1"})"),
            "column 9: syntax error: no key in double quotes, but /");
  EXPECT_EQ(error_in("{\"id\":\"\xFF\"}"), "column 7: syntax error: a string that is no UTF-8");
  EXPECT_EQ(error_in(R"({"id":01,"code":"f1"})"),
            "column 8: syntax error: neither a comma nor }, but 1");
  EXPECT_EQ(error_in(R"({"id":1e999,"code":"f1"})"), "column 7: syntax error: a number too big");
}

TEST(VectorReader, CutsLongTextsInMessages) {
  const std::string message = error_with(R"("mode":")" + std::string(5000, 'z') + '"');
  EXPECT_LT(message.size(), 130u);
  EXPECT_NE(message.find("zzz... is not a mode; real"), std::string::npos);
}

} // namespace
} // namespace icebp
