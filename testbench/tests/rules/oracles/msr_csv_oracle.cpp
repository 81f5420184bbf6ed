#include <icebp/testbench/tests/rules/oracles/csv_oracle.h>
#include <icebp/testbench/tests/rules/oracles/msr_csv_oracle.h>
#include <icebp/testbench/tests/rules/support.h>

#include <algorithm>

namespace icebp::test {
namespace {

// ---- What the masks do not say: the notes of testbench/oracle/msr-table.csv and
// docs/msr-block.md 2.7, 6.3

// Bits that a note frees or reserves on a CPU with every feature.
struct Noted {
  Vendor vendor;
  std::uint32_t index;
  u64 writable;
  u64 gp;
};
constexpr Noted noted[] = {
    {Vendor::amd, 0x1B, 0x400, 0},                 // "bit10 writable only with x2APIC"
    {Vendor::intel, 0x1D9, 0x4, 0},                // "writable with BUS_LOCK_DETECT"
    {Vendor::amd, 0x832, 0, 0x40000},              // TSC deadline is Intel's
    {Vendor::intel, 0x570, 0, 0xFFFFFFCCF887D070}, // "by CPUID.14H": as the i7-6700K has it
};

// Lists of features, on a CPU with every feature: MTRRCAP[11] is SMRR's gate, ARCH_CAPABILITIES[7]
// that of TSX_CTRL and [12] that of UARCH_MISC_CTL.
u64 reset_of(const CsvMsr& row) {
  if (row.index == 0x10A)
    return 0x1080;
  return *row.reset | (row.index == 0xFE && row.vendor == Vendor::intel ? 0x800 : 0);
}

// "AMD bits 3,4 of each byte usable when SYSCFG.MtrrFixDramModEn": a rule, not masks.
constexpr u64 rd_mem_wr_mem = 0x1818181818181818;
bool has_rd_mem(const CsvMsr& row) {
  return row.vendor == Vendor::amd && row.index >= 0x250 && row.index <= 0x26F;
}

u64 gp_of(const CsvMsr& row) {
  u64 gp = has_rd_mem(row) ? row.gp & ~rd_mem_wr_mem : row.gp;
  for (const Noted& note : noted)
    if (note.vendor == row.vendor && note.index == row.index)
      gp = (gp & ~note.writable) | note.gp;
  return gp;
}

bool in(std::uint32_t index, std::uint32_t first, std::uint32_t last) {
  return index >= first && index <= last;
}
bool is_mtrr_base(std::uint32_t index) { return in(index, 0x200, 0x20F) && index % 2 == 0; }
bool is_mtrr_fixed(std::uint32_t index) { return in(index, 0x250, 0x26F); }
bool is_cet(std::uint32_t index) { return index == 0x6A0 || index == 0x6A2; }

bool has_types(u64 value, const std::string& legal) { // each byte a digit of `legal`
  for (unsigned shift = 0; shift < 64; shift += 8)
    if (const u64 byte = value >> shift & 0xFF;
        byte > 7 || legal.find(static_cast<char>('0' + byte)) == std::string::npos)
      return false;
  return true;
}

// x2APIC -> xAPIC, disabled -> x2APIC, and EXTD without EN do not exist.
bool is_apic_move(u64 old_value, u64 value) {
  const u64 from = old_value >> 10 & 3, to = value >> 10 & 3; // EN, EXTD
  return to != 1 && !(from == 3 && to == 2) && !(from == 0 && to == 3) && !(from == 1 && to == 3);
}

bool is_legal(const CsvMsr& row, u64 old_value, u64 value) {
  const u64 flipped = old_value ^ value;
  if (row.index == 0x277)
    return has_types(value, "014567");
  if (is_mtrr_fixed(row.index))
    return has_types(value, "01456");
  if (is_mtrr_base(row.index) || row.index == 0x2FF)
    return has_types(value & 7, "01456");
  if (row.index == 0x1B)
    return is_apic_move(old_value, value);
  if (is_cet(row.index))
    return (value & 0xC00) != 0xC00;
  if (row.index == 0x400 && row.vendor == Vendor::intel) // AMD: illumos ao_mca.c
    return value == 0 || (value | 0x401) == every_bit;
  if (row.index == 0x570)
    return (old_value & value & 1) == 0 || flipped == 0;
  if (row.index == 0x14CF)
    return value % 8 == 0 && value != 0 && value <= 64;
  if (row.index == 0xC0000080 && row.vendor == Vendor::amd)
    return (flipped & 0x400) == 0;
  return true;
}

bool is_canonical_for(const CsvMsr& row, u64 value, unsigned width) {
  if (row.canonical == "gp_bits_62_47")
    value = (value & ~bit(63)) | (value << 1 & bit(63));
  else if (row.canonical != "gp")
    return true;
  const u64 upper = value >> (width - 1);
  return upper == 0 || upper == every_bit >> (width - 1);
}

// The bit that keeps the register from being written.
std::optional<unsigned> lock_of(const CsvMsr& row) {
  if (row.index == 0x3A)
    return 0;
  if (row.index == 0xC80)
    return 30;
  return std::nullopt;
}

u64 kept_of(const CsvMsr& row, u64 old_value) { // bits that a write does not clear or set
  if (row.index == 0xC0010015)
    return old_value & 1; // SmmLock
  if (row.index == 0xC0010114)
    return (old_value & 8) != 0 ? 0x18 : 0;
  return 0;
}

// A value with as many ones as may stand together.
u64 ones_of(const CsvMsr& row) {
  const u64 storable = ~gp_of(row) & ~row.ignored;
  if (is_mtrr_fixed(row.index))
    return 0x0606060606060606;
  if (is_mtrr_base(row.index) || row.index == 0x2FF)
    return (storable & ~u64{7}) | 6;
  if (is_cet(row.index))
    return storable & ~u64{0x800};
  if (row.index == 0x14CF)
    return 0x38;
  if (const auto lock = lock_of(row))
    return storable & ~bit(*lock);
  return storable;
}

// ---- One write

struct Expected {
  Cause cause;
  u64 reads;
};

Expected expected_of(const CsvMsr& row, u64 old_value, u64 value, unsigned width) {
  if (const auto lock = lock_of(row); lock && (old_value >> *lock & 1) != 0)
    return {Cause::msr_locked, old_value};
  const bool status = row.index == 0x401; // CSV: every bit; here a rule, for HWCR[18]
  if ((value & gp_of(row)) != 0)
    return {status ? Cause::msr_value : Cause::msr_reserved_bits, old_value};
  if (!is_canonical_for(row, value, width))
    return {Cause::msr_non_canonical, old_value};
  if (!is_legal(row, old_value, value))
    return {Cause::msr_value, old_value};
  if (row.on_write == "clear" || row.access == "write-1-to-clear")
    return {Cause::none, 0};
  if (row.on_write == "pulse")
    return {Cause::none, old_value};
  if (row.on_write == "sign_extend32") {
    const u64 low = value & 0xFFFFFFFF;
    return {Cause::none, (low >> 31 != 0 ? low | 0xFFFF00000000 : low)};
  }
  const u64 kept = row.ignored | kept_of(row, old_value);
  return {Cause::none, (value & ~kept) | (old_value & kept)};
}

constexpr std::uint32_t tsc = 0x10, tsc_adjust = 0x3B;

// Registers besides the one written that a write changes.
bool moves_along(std::uint32_t written, std::uint32_t other) {
  return (written == tsc && other == tsc_adjust) || (written == tsc_adjust && other == tsc);
}

bool others_unchanged(const CpuModel& cpu, std::uint32_t written, std::optional<u64> value,
                      const CoreState& before, const CoreState& after) {
  if (written == 0xC0000303 || written == 0x391) { // "sets bits of C0000300h", of 38Eh
    const std::uint16_t status = cpu.msrs.find(written == 0x391 ? 0x38E : 0xC0000300).slot;
    return after.msr[status] == (before.msr[status] | value.value_or(0));
  }
  const std::uint16_t slot = cpu.msrs.find(written).slot;
  for (std::size_t n = 0; n < before.msr.size(); ++n)
    if (n != slot && before.msr[n] != after.msr[n] &&
        !moves_along(written, n == cpu.msrs.find(tsc).slot ? tsc : tsc_adjust))
      return false;
  return before.dr == after.dr;
}

std::string write_mismatch(const CpuModel& cpu, CoreState& state, const CsvMsr& row, u64 old_value,
                           u64 value) {
  const std::uint16_t slot = cpu.msrs.find(row.index).slot;
  state.msr[slot] = old_value;
  const CoreState before = state;
  const Outcome outcome =
      execute(cpu, state, with_paging(wrmsr_of(row.index, value), false)).outcome;
  const Expected expected =
      expected_of(row, old_value, value, cpu.profile.has(Feature::la57) ? 57 : 48);
  const bool as_expected =
      outcome.cause == expected.cause && state.msr[slot] == expected.reads &&
      (outcome.kind == OutcomeKind::retired) == (expected.cause == Cause::none) &&
      others_unchanged(cpu, row.index,
                       expected.cause == Cause::none ? std::optional<u64>(value) : std::nullopt,
                       before, state);
  const u64 reads = state.msr[slot];
  state = before;
  if (as_expected)
    return "";
  return hex(old_value) + " := " + hex(value) + " gives " + std::string(name_of(outcome.cause)) +
         " and " + hex(reads) + ", not " + std::string(name_of(expected.cause)) + " and " +
         hex(expected.reads);
}

// ---- One row

// A core in which the register can be reached.
CoreState ready_for(const CpuModel& cpu, std::uint32_t index) {
  CoreState state = power_up(cpu);
  if (in(index, 0x800, 0x8FF))
    state.msr[cpu.msrs.find(0x1B).slot] |= 0xC00;
  if (in(index, 0x1200, 0x123F) || in(index, 0x1500, 0x163F)) // LBR_DEPTH
    state.msr[cpu.msrs.find(0x14CF).slot] = 64;
  if (index == 0x4D0)
    state.msr[cpu.msrs.find(0x3A).slot] |= bit(20);
  return state;
}

Outcome read(const CpuModel& cpu, CoreState& state, std::uint32_t index) {
  return execute(cpu, state, rdmsr_of(index)).outcome;
}
Outcome write(const CpuModel& cpu, CoreState& state, std::uint32_t index, u64 value) {
  return execute(cpu, state, with_paging(wrmsr_of(index, value), false)).outcome;
}

std::string unless(bool holds, const std::string& what) { return holds ? "" : what; }

std::string read_only_mismatch(const CpuModel& cpu, CoreState state, const CsvMsr& row,
                               Cause cause) {
  const u64 reset = state.msr[cpu.msrs.find(row.index).slot];
  for (const u64 value : {u64{0}, every_bit, reset})
    if (!is_gp0(write(cpu, state, row.index, value), cause))
      return "takes " + hex(value);
  return unless(is_retired(read(cpu, state, row.index), reset), "changed");
}

std::string bits_mismatch(const CpuModel& cpu, CoreState& state, const CsvMsr& row) {
  const u64 ones = ones_of(row);
  for (unsigned n = 0; n < 64; ++n)
    for (const auto& [from, to] :
         {std::pair{u64{0}, bit(n)}, std::pair{ones & ~bit(n), ones | bit(n)},
          std::pair{ones, (ones | row.ignored) & ~bit(n)}})
      if (std::string mismatch = write_mismatch(cpu, state, row, from, to); !mismatch.empty())
        return mismatch;
  if (row.on_write == "clear")
    return write_mismatch(cpu, state, row, every_bit, 0);
  if (const auto lock = lock_of(row))
    return write_mismatch(cpu, state, row, ones | bit(*lock), ones);
  return "";
}

bool is_of(const std::string& vendors, Vendor vendor) {
  return vendors == "both" || vendors == name_of(vendor);
}

std::vector<CsvMsr> read_rows(Vendor vendor) {
  std::vector<CsvMsr> rows;
  for (CsvRecord& cell : read_csv("msr-table.csv")) {
    if (!is_of(cell["vendors"], vendor))
      continue;
    CsvMsr& row = rows.emplace_back();
    row.index = static_cast<std::uint32_t>(hex_cell(cell["index_hex"]));
    row.name = cell["name"];
    row.vendor = vendor;
    if (cell["reset_value"] != "model")
      row.reset = hex_cell(cell["reset_value"]);
    row.gp = hex_cell(cell["gp_mask"]);
    row.ignored = hex_cell(cell["ignore_mask"]);
    row.canonical =
        cell[vendor == Vendor::intel ? "canonical_policy_intel" : "canonical_policy_amd"];
    row.access = cell["read_only"];
    row.on_write = cell["on_write"];
  }
  return rows;
}

// ---- Silicon

// What the probed machine had set when its registers were tried.
void put_as_probed(const CpuModel& cpu, CoreState& state, const SiliconMsr& cell,
                   std::uint32_t index) {
  if (cell.access == "ro" && index == 0x3A) // firmware had locked both
    state.msr[cpu.msrs.find(index).slot] |= 1;
  if (cell.access == "ro" && index == 0xC80)
    state.msr[cpu.msrs.find(index).slot] |= 0x40000000;
}

struct Masks {
  u64 reserved = 0, non_canonical = 0, dropped = 0;
};

Masks masks_of(const CpuModel& cpu, CoreState state, std::uint32_t index) {
  Masks masks;
  const std::uint16_t slot = cpu.msrs.find(index).slot;
  const u64 old_value = state.msr[slot];
  for (unsigned n = 0; n < 64; ++n) {
    const Outcome outcome = write(cpu, state, index, old_value ^ bit(n));
    masks.reserved |= outcome.cause == Cause::msr_reserved_bits ? bit(n) : 0;
    masks.non_canonical |= outcome.cause == Cause::msr_non_canonical ? bit(n) : 0;
    if (outcome.kind == OutcomeKind::retired && ((state.msr[slot] ^ old_value) & bit(n)) == 0)
      masks.dropped |= bit(n);
    state.msr[slot] = old_value;
  }
  return masks;
}

// The probe shows a canonical rule as #GP bits, or knows it and leaves it out.
std::string mask_mismatch(const Masks& masks, const SiliconMsr& cell) {
  if (masks.reserved != cell.gp && (masks.reserved | masks.non_canonical) != cell.gp)
    return "#GP bits " + hex(masks.reserved) + ", silicon " + hex(cell.gp);
  if (cell.access == "rw" && masks.dropped != cell.ignored)
    return "dropped bits " + hex(masks.dropped) + ", silicon " + hex(cell.ignored);
  return "";
}

bool stores_nothing(const CpuModel& cpu, CoreState state, std::uint32_t index) {
  const CoreState before = state;
  for (unsigned n = 0; n < 64; ++n)
    write(cpu, state, index, bit(n));
  return state.msr == before.msr;
}

} // namespace

const std::vector<CsvMsr>& csv_msrs(Vendor vendor) {
  static const std::vector<CsvMsr> intel_rows = read_rows(Vendor::intel);
  static const std::vector<CsvMsr> amd_rows = read_rows(Vendor::amd);
  return vendor == Vendor::intel ? intel_rows : amd_rows;
}

std::string csv_mismatch(const CpuModel& cpu, const CsvMsr& row) {
  CoreState state = ready_for(cpu, row.index);
  const Outcome first = read(cpu, state, row.index);
  if (row.access == "absent")
    return unless(is_gp0(first, Cause::msr_unknown) &&
                      is_gp0(write(cpu, state, row.index, 0), Cause::msr_unknown),
                  "exists");
  if (row.access == "write-only" ? !is_gp0(first, Cause::msr_write_only)
                                 : first.kind != OutcomeKind::retired)
    return "reading gives " + describe(first);
  if (row.access != "write-only" && row.reset && first.value() != reset_of(row))
    return "resets to " + hex(first.value());
  if (row.access == "yes")
    return read_only_mismatch(cpu, state, row, Cause::msr_read_only);
  if (row.access == "smm-only")
    return read_only_mismatch(cpu, state, row, Cause::not_in_mode);
  return bits_mismatch(cpu, state, row);
}

std::vector<SiliconMsr> silicon_msrs(const std::string& cpu) {
  std::vector<SiliconMsr> cells;
  for (CsvRecord& cell : read_csv("msr-silicon-all.csv"))
    if (cell["cpu"] == cpu) {
      SiliconMsr& row = cells.emplace_back();
      row.cpu = cpu;
      row.first = static_cast<std::uint32_t>(hex_cell(cell["first_hex"]));
      row.last = static_cast<std::uint32_t>(hex_cell(cell["last_hex"]));
      row.access = cell["access"];
      if (!cell["value_when_probed"].empty())
        row.value = hex_cell(cell["value_when_probed"]);
      row.ignored = hex_cell(cell["ignore_mask"]);
      row.gp = hex_cell(cell["gp_mask"]);
    }
  return cells;
}

std::string silicon_mismatch(const CpuModel& cpu, const SiliconMsr& cell, std::uint32_t index) {
  CoreState state = power_up(cpu);
  put_as_probed(cpu, state, cell, index);
  const bool reads = read(cpu, state, index).kind == OutcomeKind::retired;
  CoreState written = state;
  const u64 value = state.msr[cpu.msrs.find(index).slot];
  const bool writes = write(cpu, written, index, value).kind == OutcomeKind::retired;
  if (cell.access == "ro")
    return unless(reads && !writes, "is not read-only");
  if (!writes || (cell.access != "wo" && !reads) || (cell.access == "wo" && reads))
    return "is not " + cell.access;
  if ((cell.access == "wo" || cell.access == "write-ignored") && !stores_nothing(cpu, state, index))
    return "stores a value";
  return cell.access == "alias" ? "" : mask_mismatch(masks_of(cpu, state, index), cell);
}

} // namespace icebp::test
