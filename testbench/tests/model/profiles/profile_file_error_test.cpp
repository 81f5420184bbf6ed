#include <icebp/model/profiles/profile_text.h>
#include <icebp/testbench/tests/model/profiles/profile_file_support.h>

namespace icebp {
namespace {

std::string file_error(const std::string& text) {
  return error_of([&] { ProfileFile file(text); });
}
std::string error_of_keys(const std::string& more, const std::string& from = "intel-skylake") {
  return file_error(derived(more, from));
}
std::string msr_error(const std::string& index, const std::string& keys,
                      const std::string& more = "", const std::string& from = "intel-skylake") {
  return error_of_keys(more + R"("msrs":{")" + index + "\":{" + keys + "}}", from);
}

// ---- Errors: place, problem, what would be legal

const std::string legal_names = legal_profiles();

TEST(ProfileFileError, NotJson) {
  EXPECT_EQ(file_error("{\n\"name\" 7}"),
            "line 2, column 8: syntax error: no colon behind a key, but 7");
}

TEST(ProfileFileError, NotAnObject) {
  EXPECT_EQ(file_error("[]"),
            R"(a list is not a profile; {"name": "my-cpu", "from": "intel-skylake"})");
}

TEST(ProfileFileError, UnknownKey) {
  EXPECT_EQ(error_of_keys(R"("msr":{})"), "/msr: unknown key (did you mean msrs?); name, from, "
                                          "source, features, physical_address_bits, counts, "
                                          "mov_dr_ladder, quirks, msrs, $schema");
}

TEST(ProfileFileError, Schema) {
  EXPECT_EQ(error_of_keys(R"("$schema":"../docs/schema/profile.schema.json")"), "no error");
  EXPECT_EQ(error_of_keys(R"("$schema":1)"),
            "/$schema: 1 is not a schema; a string, its path or address");
  EXPECT_EQ(error_of_keys(R"("quirks":{"$schema":""})").substr(0, 31),
            "/quirks/$schema: unknown key; i");
}

TEST(ProfileFileError, DuplicateKey) {
  EXPECT_EQ(error_of_keys(R"("from":"amd-k8")"), "/from: given twice; once");
}

TEST(ProfileFileError, Name) {
  EXPECT_EQ(file_error(R"({"from":"amd-k8"})"), "/name: missing; a name of its own");
  EXPECT_EQ(file_error(R"({"name":"","from":"amd-k8"})"), "/name: empty; a name of its own");
  EXPECT_EQ(file_error(R"({"name":7,"from":"amd-k8"})"), "/name: 7 is not text; a string");
  EXPECT_EQ(file_error(R"({"name":"amd-k8","from":"amd-k8"})"),
            "/name: \"amd-k8\" is a profile already; a name of its own");
}

TEST(ProfileFileError, From) {
  EXPECT_EQ(file_error(R"({"name":"x"})"), "/from: missing; " + legal_names);
  EXPECT_EQ(error_of_keys("", "i486"), "/from: \"i486\" is not a profile; " + legal_names);
  EXPECT_EQ(error_of_keys("", "my.json"), "/from: \"my.json\" is a file; " + legal_names);
  EXPECT_EQ(error_of_keys("", "my.json,-nx"), "/from: \"my.json,-nx\" is a file; " + legal_names);
  EXPECT_EQ(error_of_keys("", "amd-k8,nx"), "/from: \"nx\" does not say whether to add or to mask "
                                            "off a feature; +name, -name");
}

TEST(ProfileFileError, Source) {
  EXPECT_EQ(error_of_keys(R"("source":"")"), "/source: empty; where it is from");
  EXPECT_EQ(error_of_keys(R"("source":[])"), "/source: a list is not text; a string");
}

TEST(ProfileFileError, Features) {
  EXPECT_EQ(error_of_keys(R"("features":"-rtm")"),
            R"(/features: "-rtm" is not a list of features; ["-rtm"])");
  EXPECT_EQ(error_of_keys(R"("features":[7])"), "/features/0: 7 is not a feature; +name, -name");
  EXPECT_EQ(error_of_keys(R"("features":["-rtm","-tsx"])").substr(0, 44),
            "/features/1: \"tsx\" is not a feature; msr, se");
  EXPECT_EQ(error_of_keys(R"("features":["-rtm","+rtm"])"),
            "/features/1: \"rtm\" is given twice; once");
}

TEST(ProfileFileError, PhysicalAddressBits) {
  EXPECT_EQ(error_of_keys(R"("physical_address_bits":31)"),
            "/physical_address_bits: 31 is not in range; 32 to 52");
  EXPECT_EQ(error_of_keys(R"("physical_address_bits":53)"),
            "/physical_address_bits: 53 is not in range; 32 to 52");
  EXPECT_EQ(error_of_keys(R"("physical_address_bits":"46")").substr(0, 52),
            "/physical_address_bits: \"46\" is not a 64-bit value; ");
}

TEST(ProfileFileError, Counts) {
  EXPECT_EQ(error_of_keys(R"("counts":12)"),
            R"(/counts: 12 is not an object of counts; {"mca_banks": 10})");
  EXPECT_EQ(error_of_keys(R"("counts":{"banks":12})"),
            "/counts/banks: unknown key; mca_banks, mtrr_pairs, rtit_ranges, lbr_entries, "
            "counters, fixed_counters, lbr_depths");
  const struct {
    const char *name, *above, *most;
  } mosts[] = {{"mca_banks", "33", "32"},   {"mtrr_pairs", "11", "10"},
               {"rtit_ranges", "5", "4"},   {"lbr_entries", "33", "32"},
               {"counters", "9", "8"},      {"fixed_counters", "5", "4"},
               {"lbr_depths", "256", "255"}};
  for (const auto& [name, above, most] : mosts)
    EXPECT_EQ(error_of_keys(std::string("\"counts\":{\"") + name + "\":" + above + "}"),
              std::string("/counts/") + name + ": " + above + " is not in range; 0 to " + most);
}

TEST(ProfileFileError, Quirks) {
  EXPECT_EQ(error_of_keys(R"("quirks":{"gd":true})").substr(0, 46),
            "/quirks/gd: unknown key; int1_keeps_b, bld_wri");
  EXPECT_EQ(error_of_keys(R"("quirks":{"gd_sets_rf":1})"),
            "/quirks/gd_sets_rf: 1 is not a truth value; true, false");
  EXPECT_EQ(error_of_keys(R"("quirks":{"string_granularity":true})"),
            "/quirks/string_granularity: true is not a granularity; exact, one_late, blocks_of_64");
}

TEST(ProfileFileError, MovDrLadder) {
  const std::string legal = "; each once: instruction_too_long, lock_prefix, rex_r, intercept, "
                            "dr45_with_de, general_detect, cpl, reserved_upper_half";
  EXPECT_EQ(error_of_keys(R"("mov_dr_ladder":["cpl"])"),
            "/mov_dr_ladder: checks are missing" + legal);
  const std::string first_seven = R"("mov_dr_ladder":["instruction_too_long","lock_prefix",
                                     "rex_r","dr45_with_de","cpl","general_detect","intercept",)";
  EXPECT_EQ(error_of_keys(first_seven + "\"cpl\"]"), "/mov_dr_ladder/7: given twice" + legal);
  EXPECT_EQ(error_of_keys(first_seven + "\"int1\"]"),
            "/mov_dr_ladder/7: \"int1\" is not a check of MOV DR" + legal);
  EXPECT_EQ(error_of_keys(first_seven + "8]"),
            "/mov_dr_ladder/7: 8 is not a check of MOV DR" + legal);
}

// ---- Errors of registers

TEST(ProfileFileError, IndexOfARegister) {
  const std::string legal = " is not the index of an MSR; \"0x\" and 1 to 8 hex digits, or a "
                            "name that icebp msrs lists";
  EXPECT_EQ(msr_error("PAT", R"("reset":0)"), "no error");
  EXPECT_EQ(msr_error("PATS", R"("reset":0)"),
            "/msrs/PATS: \"PATS\" is not the index of an MSR (did you mean PAT?)" +
                legal.substr(legal.find(';')));
  EXPECT_EQ(msr_error("0x100000000", R"("reset":0)"), "/msrs/0x100000000: \"0x100000000\"" + legal);
  EXPECT_EQ(error_of_keys(R"("msrs":[])"),
            R"(/msrs: a list is not an object of registers by index; {"0x1a0": {"access": "ro"}})");
  EXPECT_EQ(error_of_keys(R"("msrs":{"0x277":7})"),
            R"(/msrs/0x277: 7 is not a register; {"access": "ro"})");
  EXPECT_EQ(error_of_keys(R"("msrs":{"0x1a0":{"reset":1},"0x1A0":{"reset":1}})"),
            "/msrs/0x1A0: given twice; each index once");
}

TEST(ProfileFileError, KeysOfARegister) {
  EXPECT_EQ(msr_error("0x277", ""),
            "/msrs/0x277: says nothing; name, access, writable, gp, reset, on_init");
  EXPECT_EQ(msr_error("0x277", R"("mask":0)"),
            "/msrs/0x277/mask: unknown key; name, access, writable, gp, reset, on_init");
  EXPECT_EQ(msr_error("0x277", R"("access":"r")"),
            "/msrs/0x277/access: \"r\" is not an access; rw, ro, wo, smm, absent");
  EXPECT_EQ(msr_error("0x1ee", R"("name":"X","on_init":"clear")"),
            "/msrs/0x1ee/on_init: \"clear\" is not what INIT does; reset, keep");
  for (const char* key : {"writable", "gp", "reset"})
    EXPECT_EQ(
        msr_error("0x277", "\"" + std::string(key) + "\":-1"),
        "/msrs/0x277/" + std::string(key) +
            ": -1 is not a 64-bit value; \"0x\" and 1 to 16 hex digits, or an integer from 0");
}

TEST(ProfileFileError, KeysThatARegisterCannotHave) {
  EXPECT_EQ(msr_error("0x277", R"("name":"PAT")"),
            "/msrs/0x277/name: the catalogue has it: IA32_PAT; leave it out");
  EXPECT_EQ(msr_error("0x277", R"("on_init":"keep")"),
            "/msrs/0x277/on_init: the catalogue has it: IA32_PAT; leave it out");
  EXPECT_EQ(msr_error("0x277", R"("access":"absent","reset":0)"),
            "/msrs/0x277/reset: the register is absent; leave it out");
  EXPECT_EQ(msr_error("0x277", R"("access":"absent","gp":0)"),
            "/msrs/0x277/gp: the register is absent; leave it out");
  EXPECT_EQ(msr_error("0x277", R"("access":"ro","writable":0)"),
            "/msrs/0x277/writable: the register is not written; leave it out");
  EXPECT_EQ(msr_error("0xfe", R"("gp":0)"), // MTRRCAP is read only
            "/msrs/0xfe/gp: the register is not written; leave it out");
  EXPECT_EQ(msr_error("0x79", R"("writable":1)"), // IA32_BIOS_UPDT_TRIG
            "/msrs/0x79/writable: a write to this register leaves nothing; leave it out");
}

TEST(ProfileFileError, MasksWithACommonBit) {
  EXPECT_EQ(msr_error("0x1ee", R"("name":"X","writable":"0x3","gp":"0x6")"),
            "/msrs/0x1ee/gp: 0x2 is both writable and #GP; writable 0x3, gp 0x6 without a common "
            "bit");
  // IA32_SYSENTER_CS: the low half is writable.
  EXPECT_EQ(msr_error("0x174", R"("gp":"0x10")"),
            "/msrs/0x174/gp: 0x10 is both writable and #GP; writable 0xffffffff, gp 0x10 without a "
            "common bit");
  EXPECT_EQ(msr_error("0x122", R"("writable":"0x7")", R"("features":["+tsx_ctrl"],)"),
            "/msrs/0x122/writable: 0x4 is both writable and #GP; writable 0x7, gp "
            "0xfffffffffffffffc without a common bit");
}

TEST(ProfileFileError, BitsThatTheCpuDoesNotHave) {
  EXPECT_EQ(msr_error("0x1d9", R"("writable":"0xffc7","gp":"0xffffffffffff0038")"),
            "/msrs/0x1d9/writable: 0x4 needs the feature bus_lock_detect; at most 0xffc3");
  EXPECT_EQ(msr_error("0x1d9", R"("writable":"0xffc7","gp":"0xffffffffffff0038")",
                      R"("features":["+bus_lock_detect"],)"),
            "no error");
  // 39 bits of physical address
  EXPECT_EQ(msr_error("0x201", R"("writable":"0xfffffff800","gp":"0xffffff00000007ff")"),
            "/msrs/0x201/writable: 0x8000000000 is above the CPU's physical addresses; at most "
            "0x7ffffff800");
  EXPECT_EQ(msr_error("0x201", R"("gp":"0xfff00000000007ff")"),
            "/msrs/0x201/gp: 0xfff8000000000 is above the CPU's physical addresses; at least "
            "0xffffff80000007ff");
}

TEST(ProfileFileError, RegistersThatTheCpuDoesNotHave) {
  EXPECT_EQ(msr_error("0x6a0", R"("reset":0)"),
            "/msrs/0x6a0: the CPU does not have this register; one of these features: shstk, ibt");
  EXPECT_EQ(msr_error("0x6a0", R"("access":"absent")"), "no error");
  EXPECT_EQ(msr_error("0x680", R"("reset":0)", R"("counts":{"lbr_entries":0},)"),
            "/msrs/0x680: the CPU has none of these registers; a count that is not 0");
  EXPECT_EQ(msr_error("0x1ee", R"("name":"X")", R"("features":["-msr"],)"),
            "/msrs/0x1ee: the CPU does not have this register; one of these features: msr");
  EXPECT_EQ(msr_error("0x1ee", R"("name":"X","access":"absent")"),
            "/msrs/0x1ee/access: the CPU does not have this register; leave the register out");
}

TEST(ProfileFileError, ResetValues) {
  EXPECT_EQ(msr_error("0x1ee", R"("name":"X","writable":"0xff","reset":"0x180")"),
            "/msrs/0x1ee/reset: the reset value could not be written back: 0x100 is #GP; reset and "
            "gp without a common bit");
  EXPECT_EQ(msr_error("0x1a0", R"("gp":"0x80")"), // 850089h on the i7-6700K
            "/msrs/0x1a0/gp: the reset value could not be written back: 0x80 is #GP; reset and gp "
            "without a common bit");
  EXPECT_EQ(msr_error("0xc0000082", R"("reset":"0x800000000000")"),
            "/msrs/0xc0000082/reset: 0x800000000000 is not a canonical address; bits 63:47 all "
            "alike");
  EXPECT_EQ(msr_error("0xc0000082", R"("reset":"0x800000000000")", R"("features":["+la57"],)"),
            "no error");
  EXPECT_EQ(msr_error("0x179", R"("reset":"0xc0b")"), // MCG_CAP: 10 banks
            "/msrs/0x179/reset: 0x1 tells counts and features; 0xc0a");
}

TEST(ProfileFileError, NamesOfNewRegisters) {
  const std::string legal = " is not a register's name; 1 to 64 of A-Z, a-z, 0-9 and _";
  EXPECT_EQ(msr_error("0x1ee", R"("reset":0)"),
            "/msrs/0x1ee/name: missing; the catalogue does not have this register");
  EXPECT_EQ(msr_error("0x600", R"("reset":0)", "", "amd-k8"), // Intel's
            "/msrs/0x600/name: missing; the catalogue does not have this register");
  EXPECT_EQ(msr_error("0x1ee", R"("name":"")"), "/msrs/0x1ee/name: \"\"" + legal);
  EXPECT_EQ(msr_error("0x1ee", R"("name":"A B")"), "/msrs/0x1ee/name: \"A B\"" + legal);
  EXPECT_EQ(msr_error("0x1ee", R"("name":1)"), "/msrs/0x1ee/name: 1" + legal);
  const auto named = [](std::size_t letters) {
    return msr_error("0x1ee", R"("name":")" + std::string(letters, 'A') + '"');
  };
  EXPECT_EQ(named(64), "no error");
  EXPECT_NE(named(65).find(legal), std::string::npos) << named(65);
  EXPECT_EQ(msr_error("0x1ee", R"("name":"IA32_PAT")"),
            "/msrs/0x1ee/name: \"IA32_PAT\" is the name of 0x277; a name of its own");
  EXPECT_EQ(msr_error("0x1ee", R"("name":"IA32_MC9_CTL")"),
            "/msrs/0x1ee/name: \"IA32_MC9_CTL\" is the name of 0x424; a name of its own");
}

std::string new_registers(std::size_t count) {
  std::string registers;
  for (std::size_t n = 0; n < count; ++n)
    registers += (n == 0 ? "\"0x" : ",\"0x") + std::to_string(10000 + n) + R"(":{"name":"X)" +
                 std::to_string(n) + "\"}";
  return "\"msrs\":{" + registers + "}";
}

TEST(ProfileFileError, MoreNewRegistersThanThereIsRoomFor) {
  const auto table = std::make_unique<const MsrTable>(*find_cpu_profile("amd-max"));
  std::size_t most = msr_slot_count - static_cast<std::size_t>(MsrSlot::first_unnamed);
  std::set<std::size_t> taken; // but for the registers that rules name
  for (const ResolvedMsr& msr : *table)
    if (msr.slot >= static_cast<std::size_t>(MsrSlot::first_unnamed))
      taken.insert(msr.slot);
  most -= taken.size();
  EXPECT_EQ(error_of_keys(new_registers(most), "amd-max"), "no error");
  EXPECT_EQ(error_of_keys(new_registers(most + 1), "amd-max"),
            "/msrs: " + std::to_string(most + 1) + " new registers; at most " +
                std::to_string(most));
}

} // namespace
} // namespace icebp
