#include <icebp/testbench/tests/rules/decision_table.h>
#include <icebp/testbench/tests/rules/oracles/mov_dr_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <algorithm>
#include <array>

namespace icebp::test {
namespace {

struct ValueClass {
  u64 value;
  u64 low_half;  // what arrives outside 64-bit mode
  u64 dr6[2][2]; // read back, table 2.2: without and with RTM, without and with BLD
  u64 dr7[2];    // section 3: without and with RTM
};
// In the order of the oracle's words for `value`.
constexpr ValueClass value_classes[] = {
    {0, 0, {{0xFFFF0FF0, 0xFFFF07F0}, {0xFFFE0FF0, 0xFFFE07F0}}, {0x400, 0x400}},
    {0xFFFFFFFF,
     0xFFFFFFFF,
     {{0xFFFFEFFF, 0xFFFFEFFF}, {0xFFFFEFFF, 0xFFFFEFFF}},
     {0xFFFF27FF, 0xFFFF2FFF}},
    {0x5A5A5A5AFFFFFFFF,
     0xFFFFFFFF,
     {{0xFFFFEFFF, 0xFFFFEFFF}, {0xFFFFEFFF, 0xFFFFEFFF}},
     {0xFFFF27FF, 0xFFFF2FFF}},
};

enum Input { authority, guest, too_long, lock, rex_r, mode, cpl, de, gd, reg, direction, value };
const std::vector<DecisionTable::Input> inputs{
    {"authority", {"intel", "intel_documented", "amd"}},
    {"guest", {"none", "vmx_exiting", "svm_intercept"}},
    {"too_long", {"no", "yes"}},
    {"lock", {"no", "yes"}},
    {"rex_r", {"no", "yes"}},
    {"mode", {"real", "v86", "protected", "compat", "long"}},
    {"cpl", {"0", "1", "2", "3"}},
    {"de", {"0", "1"}},
    {"gd", {"0", "1"}},
    {"reg", {"0", "1", "2", "3", "4", "5", "6", "7"}},
    {"direction", {"read", "write"}},
    {"value", {"zero", "low", "upper"}},
};
using Case = std::array<unsigned, 12>;

unsigned word(Input input, std::string_view name) {
  const std::vector<std::string>& values = inputs[input].values;
  return static_cast<unsigned>(std::find(values.begin(), values.end(), name) - values.begin());
}

const DecisionTable& oracle() {
  static const DecisionTable table(std::string(ICEBP_ORACLE_DIR) + "/mov_dr_priority.csv", inputs);
  return table;
}

std::string text(const Case& one) {
  std::string out;
  for (std::size_t n = 0; n < one.size(); ++n)
    out += inputs[n].column + " " + inputs[n].values[one[n]] + ", ";
  return out;
}

// What runs the core: nobody; a hypervisor that intercepts this access; one that intercepts every
// other register and direction, which for the oracle is nobody.
enum class Hypervisor { absent, intercepts_this, intercepts_others };

struct Guest {
  VmxControls vmx;
  SvmControls svm;
};

Guest guest_of(const Request& request, Hypervisor hypervisor) {
  const bool write = request.operation == Operation::mov_to_dr;
  const auto this_bit = static_cast<std::uint16_t>(bit(request.dr));
  Guest guest;
  guest.vmx.mov_dr_exiting = hypervisor == Hypervisor::intercepts_this;
  if (hypervisor == Hypervisor::intercepts_this) {
    (write ? guest.svm.dr_write : guest.svm.dr_read) = this_bit;
  } else {
    guest.svm.dr_read = guest.svm.dr_write = 0xFFFF;
    (write ? guest.svm.dr_write : guest.svm.dr_read) = static_cast<std::uint16_t>(~this_bit);
  }
  return guest;
}

Request request_of(const Case& one) {
  const u64 source = value_classes[one[value]].value;
  Request request = one[direction] == 1 ? write_dr(one[reg], source) : read_dr(one[reg]);
  request.gpr = static_cast<std::uint8_t>((5 * one[reg] + 3) % 16);
  request = in_mode(request, *value_of<Mode>(inputs[mode].values[one[mode]]), one[cpl]);
  request.context.cr4_de = one[de] == 1;
  request.encoding_faults = only_if(one[too_long] == 1, Cause::instruction_too_long) |
                            only_if(one[lock] == 1, Cause::lock_prefix) |
                            only_if(one[rex_r] == 1, Cause::rex_r);
  return request;
}

// 7.1: register, direction, GPR. 7.2: 20h + n or 30h + n, the GPR in EXITINFO1.
testing::AssertionResult is_instruction_exit(const Outcome& actual, bool vmx,
                                             const Request& request) {
  const bool read = request.operation == Operation::mov_from_dr;
  Outcome expected;
  expected.kind = OutcomeKind::exit;
  expected.cause = Cause::intercept;
  if (vmx) {
    expected.code = 29;
    expected.data = request.dr + (read ? 0x10u : 0u) + 0x100u * request.gpr;
  } else {
    expected.code = static_cast<std::uint16_t>((read ? 0x20u : 0x30u) + request.dr);
    expected.data = request.gpr;
  }
  return same(actual, expected);
}

// Executes one case and compares outcome and state with the row that decides it.
testing::AssertionResult agrees(const CpuModel& cpu, const MovDrCpu& expected_cpu, const Case& one,
                                const DecisionTable::Row& row, const Request& request) {
  CoreState state = prepared_dr(one[gd] == 1);
  CoreState expected = state;
  const Outcome outcome = execute(cpu, state, request).outcome;
  const Cause cause = *value_of<Cause>(row.at("cause"));
  const std::string& kind = row.at("outcome");
  const bool long_mode = request.context.mode == Mode::long_mode;
  const ValueClass& source = value_classes[one[value]];
  testing::AssertionResult result = testing::AssertionFailure() << "no such outcome: " << kind;
  if (kind == "#GP") {
    result = is_gp0(outcome, cause);
  } else if (kind == "#UD") {
    result = is_ud(outcome, cause);
  } else if (kind == "VM exit" || kind == "#VMEXIT") {
    result = is_instruction_exit(outcome, kind == "VM exit", request);
  } else if (kind == "#DB") {
    result = is_gd_db(outcome);
    expected.dr[6] = 0xFFFF6FF0; // BD new, BS kept, B cleared
    expected.dr[7] = 0x455;      // GD cleared
  } else if (kind == "read") {
    const u64 image = expected.dr[std::stoul(row.at("register"))];
    result = is_retired(outcome, long_mode ? image : image & 0xFFFFFFFF);
  } else if (kind == "write") {
    result = is_retired(outcome);
    const std::size_t written = std::stoul(row.at("register"));
    expected.dr[written] = written == 6   ? source.dr6[expected_cpu.rtm][expected_cpu.bld]
                           : written == 7 ? source.dr7[expected_cpu.rtm]
                           : long_mode    ? source.value
                                          : source.low_half;
  }
  return result ? same(state, expected) : result;
}

// Runs one case under one hypervisor.
void compare(const CpuModel& cpu, const MovDrCpu& expected, Case one, Hypervisor hypervisor,
             std::vector<unsigned>& hits, Agreement& agreement) {
  const bool vmx = cpu.profile.vendor == Vendor::intel;
  const bool intercepted = hypervisor == Hypervisor::intercepts_this;
  one[guest] = word(guest, !intercepted ? "none" : vmx ? "vmx_exiting" : "svm_intercept");
  Request request = request_of(one);
  const Guest controls = guest_of(request, hypervisor);
  if (hypervisor != Hypervisor::absent)
    request.context.guest = vmx ? static_cast<const GuestControls*>(&controls.vmx) : &controls.svm;
  ++agreement.cases;
  const std::size_t match = oracle().first_match(one);
  if (match == oracle().rows().size()) {
    ++agreement.mismatches;
    agreement.first_mismatch = text(one) + "no row decides";
    return;
  }
  ++hits[match];
  const DecisionTable::Row& row = oracle().rows()[match];
  const testing::AssertionResult result = agrees(cpu, expected, one, row, request);
  if (!result && agreement.mismatches++ == 0)
    agreement.first_mismatch = text(one) + "row " + row.at("row") + ": " + result.message();
}

} // namespace

Agreement compare_mov_dr(const CpuModel& cpu, const MovDrCpu& expected, unsigned enough) {
  Agreement agreement;
  std::vector<unsigned> hits(oracle().rows().size());
  Case one{};
  one[authority] = word(authority, expected.authority);
  for (const Level& level : every_level())
    for (unsigned switches = 0; switches < 64; ++switches)
      for (one[reg] = 0; one[reg] < 8; ++one[reg])
        for (one[value] = 0; one[value] < 3; ++one[value]) {
          one[mode] = word(mode, name_of(level.mode));
          one[cpl] = level.cpl;
          one[too_long] = switches & 1;
          one[lock] = switches >> 1 & 1;
          one[rex_r] = switches >> 2 & 1;
          one[de] = switches >> 3 & 1;
          one[gd] = switches >> 4 & 1;
          one[direction] = switches >> 5 & 1;
          for (const Hypervisor hypervisor :
               {Hypervisor::absent, Hypervisor::intercepts_this, Hypervisor::intercepts_others}) {
            compare(cpu, expected, one, hypervisor, hits, agreement);
            if (agreement.mismatches >= enough)
              return agreement;
          }
        }
  for (std::size_t n = 0; n < hits.size(); ++n) {
    const DecisionTable::Row& row = oracle().rows()[n];
    const std::string& whose = row.at("authority");
    if (hits[n] == 0 &&
        (whose == "-" || ("|" + whose + "|").find("|" + std::string(expected.authority) + "|") !=
                             std::string::npos))
      agreement.idle_rows.push_back(row.at("row") + " " + row.at("mode"));
  }
  return agreement;
}

} // namespace icebp::test
