#include <icebp/testbench/tests/rules/oracles/msr_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <vector>

namespace icebp::test {
namespace {

constexpr std::uint32_t pat = 0x277;
constexpr std::uint32_t efer = 0xC0000080;

// Bits 63 to 47 all equal (docs/msr-block.md 1.3; the CPUs of the datasheet have no LA57).
bool is_48_bit_canonical(u64 value) { return value >> 47 == 0 || value >> 47 == 0x1FFFF; }

bool has_memory_types(u64 value) { // testbench/oracle/msr-table.csv: {0,1,4,5,6,7}
  for (unsigned shift = 0; shift < 64; shift += 8)
    if (const u64 type = value >> shift & 0xFF; type > 7 || type == 2 || type == 3)
      return false;
  return true;
}

// docs/msr-block.md 6.1, steps 7 to 9, with paging off.
Cause check_of(Vendor vendor, const DatasheetRow& row, u64 old_value, u64 value) {
  if ((value & row.gp) != 0)
    return Cause::msr_reserved_bits;
  if (row.canonical && !is_48_bit_canonical(value))
    return Cause::msr_non_canonical;
  if (row.index == pat && !has_memory_types(value))
    return Cause::msr_value;
  if (row.index == efer && vendor == Vendor::amd && ((old_value ^ value) & 0x400) != 0)
    return Cause::msr_value;
  return Cause::none;
}

// Each bit alone, each bit missing, and the edges of the canonical rule.
std::vector<u64> values_for(const DatasheetRow& row) {
  const u64 ones = row.writable | row.ignored;
  std::vector<u64> values{0,
                          ones,
                          every_bit,
                          0x00007FFFFFFFFFFF,
                          0x0000800000000000,
                          0xFFFF7FFFFFFFFFFF,
                          0xFFFF800000000000};
  for (unsigned n = 0; n < 64; ++n) {
    values.push_back(bit(n));
    values.push_back(ones & ~bit(n));
  }
  return values;
}

bool write_agrees(const CpuModel& cpu, CoreState state, const DatasheetRow& row, u64 value) {
  const u64 old_value = read_msr(cpu, state, row.index);
  const Cause check = check_of(cpu.profile.vendor, row, old_value, value);
  const Outcome outcome =
      execute(cpu, state, with_paging(wrmsr_of(row.index, value), false)).outcome;
  if (check != Cause::none)
    return is_gp0(outcome, check) && read_msr(cpu, state, row.index) == old_value;
  return is_retired(outcome) &&
         read_msr(cpu, state, row.index) == ((value & row.writable) | (old_value & ~row.writable));
}

bool shares_no_storage(const CpuModel& cpu, const DatasheetRow& row) {
  CoreState state = power_up(cpu);
  execute(cpu, state, with_paging(wrmsr_of(row.index, row.writable), false));
  bool alone = true;
  for (const DatasheetRow& other : datasheet_of(cpu.profile.vendor))
    if (other.index != row.index)
      alone = alone && read_msr(cpu, state, other.index) == other.reset;
  return alone;
}

// A value that is neither 0 nor the reset value of any row, put in with no check.
constexpr u64 before_init = 0x5A5A;

u64 after_init(const CpuModel& cpu, const DatasheetRow& row) {
  CoreState state = power_up(cpu);
  state.msr.fill(before_init);
  execute(cpu, state, of_operation(Operation::init));
  return read_msr(cpu, state, row.index);
}

} // namespace

bool msr_agrees(const CpuModel& cpu, const DatasheetRow& row) {
  CoreState state = power_up(cpu);
  if (!is_retired(execute(cpu, state, rdmsr_of(row.index)).outcome, row.reset) ||
      after_init(cpu, row) != (row.init == Init::kept ? before_init : row.reset) ||
      !shares_no_storage(cpu, row))
    return false;
  for (const u64 first : {u64{0}, row.writable | row.ignored}) {
    execute(cpu, state, with_paging(wrmsr_of(row.index, first), false));
    for (const u64 value : values_for(row))
      if (!write_agrees(cpu, state, row, value))
        return false;
  }
  return true;
}

} // namespace icebp::test
