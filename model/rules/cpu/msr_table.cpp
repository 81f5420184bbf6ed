#include <icebp/model/rules/cpu/msr_catalogue.h>
#include <icebp/model/rules/cpu/msr_table.h>

#include <algorithm>

namespace icebp {
namespace {

// ---- Ranges

struct RangeShape {
  std::uint8_t most;              // slots are kept for as many
  std::uint8_t step;              // from index to index
  std::uint8_t MsrCounts::*count; // nullptr: always as many
};

constexpr RangeShape range_shapes[] = {
    // by MsrRange
    {1, 1, nullptr},
    {32, 4, &MsrCounts::mca_banks},
    {32, 1, &MsrCounts::mca_banks},
    {10, 2, &MsrCounts::mtrr_pairs},
    {4, 2, &MsrCounts::rtit_ranges},
    {lbr_stack_depth, 1, &MsrCounts::lbr_entries},
    {8, 1, &MsrCounts::counters},
    {4, 1, &MsrCounts::fixed_counters},
    {2, 2, nullptr},
    {8, 1, nullptr},
};

const RangeShape& shape_of(const MsrRow& row) {
  return range_shapes[static_cast<unsigned>(row.traits.range)];
}

unsigned count_of(const CpuProfile& profile, const RangeShape& shape) {
  return shape.count ? std::min(profile.msr_counts.*shape.count, shape.most) : shape.most;
}

bool is_in_range(const MsrRow& row, std::uint32_t index) {
  const RangeShape& shape = shape_of(row);
  const std::uint32_t offset = index - row.index;
  return offset % shape.step == 0 && offset / shape.step < shape.most;
}

// ---- Names

bool take_off(std::string_view& text, std::string_view beginning) {
  const bool is_there = text.substr(0, beginning.size()) == beginning;
  if (is_there)
    text.remove_prefix(beginning.size());
  return is_there;
}

std::string_view without_prefix(std::string_view name) {
  static_cast<void>(take_off(name, "IA32_") || take_off(name, "MSR_"));
  return name;
}

// Takes a decimal number without a leading 0 off `text`.
std::optional<unsigned> take_number(std::string_view& text) {
  unsigned number = 0;
  const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
  if (digits.empty() || digits.size() > 2 || (digits.size() == 2 && digits[0] == '0'))
    return std::nullopt;
  for (const char digit : digits)
    number = 10 * number + static_cast<unsigned>(digit - '0');
  text.remove_prefix(digits.size());
  return number;
}

// The number within the row's range, named `of_row`, of the register that has `name`.
std::optional<unsigned> number_in_range(const MsrRow& row, std::string_view of_row,
                                        std::string_view name) {
  if (shape_of(row).most == 1)
    return name == of_row ? std::optional<unsigned>(0) : std::nullopt;
  const std::size_t digit = of_row.find('0');
  if (!take_off(name, of_row.substr(0, digit)))
    return std::nullopt;
  const std::optional<unsigned> number = take_number(name);
  const bool is_it = number && *number < shape_of(row).most && name == of_row.substr(digit + 1);
  return is_it ? number : std::nullopt;
}

// ---- Storage

bool has_storage(const MsrSheet& sheet, const MsrRow& row, Vendor vendor) {
  return applies(sheet.vendor, vendor) && row.use.access != MsrAccess::absent;
}

bool has_named_slot(const MsrRow& row) { return row.traits.slot != MsrSlot::first_unnamed; }

// ---- One row for one profile

const MsrDeviation* deviation_of(const CpuProfile& profile, std::uint32_t index) {
  for (const MsrDeviation& deviation : profile.msr_deviations)
    if (deviation.index == index)
      return &deviation;
  return nullptr;
}

// `row` as this CPU has it.
MsrRow deviated(const CpuProfile& profile, MsrRow row) {
  if (const MsrDeviation* deviation = deviation_of(profile, row.index)) {
    row.use.access = deviation->access;
    row.writable = deviation->writable;
    row.gp = deviation->gp;
    row.source = deviation->source;
  }
  return row;
}

bool exists(const CpuProfile& profile, const MsrRow& row) {
  return profile.has(Feature::msr) && profile.features.has_any(row.gate) &&
         row.use.access != MsrAccess::absent;
}

void take_bits(ResolvedMsr& msr, std::uint64_t bits, bool fault) {
  msr.gp |= fault ? bits : 0;
  msr.writable &= ~bits;
}

// A deviation says itself what becomes of bits that the CPU never had.
void apply_bit_gates(const CpuProfile& profile, ResolvedMsr& msr, std::uint32_t row_index) {
  const std::uint64_t open = deviation_of(profile, row_index) ? msr.writable : ~std::uint64_t{0};
  for (const MsrBitGate& gate : msr_bit_gates)
    if (gate.index == row_index && applies(gate.vendor, profile.vendor) &&
        !profile.features.has_any(gate.features))
      take_bits(msr, gate.bits & open, gate.without == MsrAbsentBits::fault);
}

void apply_width(const CpuProfile& profile, ResolvedMsr& msr, MsrWidth width) {
  constexpr std::uint64_t widest = ~std::uint64_t{0} >> 12;
  if (width == MsrWidth::physical_address)
    take_bits(msr, widest & ~std::uint64_t{0} << profile.physical_address_bits, msr.gp >> 63 != 0);
}

std::uint64_t model_value(const CpuProfile& profile, const MsrRow& row) {
  for (const MsrModelValue& value : profile.msr_values)
    if (value.index == row.index)
      return value.value;
  return row.reset;
}

std::uint64_t reset_of(const CpuProfile& profile, const MsrRow& row) {
  const auto bit_if = [&](Feature feature, unsigned bit) {
    return std::uint64_t{profile.has(feature)} << bit;
  };
  const std::uint64_t value = model_value(profile, row);
  switch (row.traits.reset) {
  case MsrReset::mtrrcap: // VCNT, SMRR
    return (value & ~0x8FFull) | profile.msr_counts.mtrr_pairs | bit_if(Feature::smrr, 11);
  case MsrReset::mcg_cap: // Count, MCG_CTL_P, MCG_CMCI_P, MCG_LMCE_P
    return (value & ~0x80005FFull) | profile.msr_counts.mca_banks | bit_if(Feature::mcg_ctl, 8) |
           bit_if(Feature::cmci, 10) | bit_if(Feature::lmce, 27);
  case MsrReset::arch_capabilities:
    return (value & ~0x1080ull) | bit_if(Feature::tsx_ctrl, 7) | bit_if(Feature::doitm, 12);
  case MsrReset::x2apic_ldr:
    return CoreIdentity{}.logical_apic_id();
  case MsrReset::literal:
  case MsrReset::apic_base:
  case MsrReset::x2apic_id:
    break;
  }
  return value;
}

MsrCanonical canonical_on(Vendor vendor, MsrCanonical canonical) {
  if (canonical != MsrCanonical::checked_on_intel)
    return canonical;
  return vendor == Vendor::intel ? MsrCanonical::checked : MsrCanonical::unchecked;
}

void set_access(ResolvedMsr& msr, MsrUse use) {
  msr.present = true;
  msr.readable = use.access != MsrAccess::write_only;
  msr.accepts_writes = use.access != MsrAccess::read_only;
  msr.smm_only = use.access == MsrAccess::smm_only;
  msr.on_write = use.on_write;
}

MsrCost cost_of_write(const CpuProfile& profile, MsrOrder order) {
  switch (order) {
  case MsrOrder::nonserializing:
    return MsrCost::nonserializing_write;
  case MsrOrder::flush_command:
    return MsrCost::flush_command;
  case MsrOrder::nonserializing_by_feature:
    if (profile.has(Feature::fs_gs_base_ns))
      return MsrCost::nonserializing_write;
    break;
  case MsrOrder::serializing:
    break;
  }
  return MsrCost::serializing_write;
}

void set_costs(const CpuProfile& profile, ResolvedMsr& msr, const MsrTraits& traits) {
  const bool outside_core = traits.scope == MsrScope::package;
  msr.when_read = retired_msr_access(outside_core ? MsrCost::slow_read : MsrCost::fast_read);
  msr.when_written = retired_msr_access(cost_of_write(profile, traits.order));
}

ResolvedMsr resolve(const CpuProfile& profile, const Authority& authority, const MsrRow& row) {
  ResolvedMsr msr;
  msr.gp = row.gp;
  msr.writable = row.writable;
  apply_bit_gates(profile, msr, row.index);
  apply_width(profile, msr, row.traits.width);
  msr.reset = reset_of(profile, row);
  msr.reset_from = row.traits.reset;
  msr.name = row.name;
  msr.source = row.source;
  msr.canonical = canonical_on(profile.vendor, row.traits.canonical);
  if (msr.canonical != MsrCanonical::unchecked)
    msr.canonical_bits = static_cast<std::uint8_t>(profile.linear_address_bits());
  msr.rule = row.traits.rule;
  msr.lock = row.traits.lock;
  msr.needs = row.traits.needs;
  msr.scope = row.traits.scope;
  set_costs(profile, msr, row.traits);
  const bool resets_apic_base =
      row.traits.reset == MsrReset::apic_base && !authority.quirks.init_keeps_apic_base;
  msr.on_init = resets_apic_base ? MsrInit::reset : row.on_init;
  set_access(msr, row.use);
  msr.settle();
  return msr;
}

} // namespace

void ResolvedMsr::settle() {
  reads_plainly =
      readable && needs == MsrNeeds::nothing && on_write != MsrOnWrite::tsc && !on_platform;
  writes_plainly = accepts_writes && !smm_only && needs == MsrNeeds::nothing &&
                   rule == MsrValueRule::any && lock == MsrLock::none &&
                   canonical != MsrCanonical::ler_from && !on_platform;
}

const MsrRow* find_msr_row(Vendor vendor, std::uint32_t index) {
  for (const MsrSheet& sheet : msr_catalogue)
    for (const MsrRow& row : sheet)
      if (has_storage(sheet, row, vendor) && is_in_range(row, index))
        return &row;
  return nullptr;
}

std::optional<std::uint32_t> msr_index_of(std::string_view name) {
  for (const bool whole : {true, false})
    for (const MsrSheet& sheet : msr_catalogue)
      for (const MsrRow& row : sheet)
        if (const auto number =
                whole ? number_in_range(row, row.name, name)
                      : number_in_range(row, without_prefix(row.name), without_prefix(name)))
          return row.index + *number * shape_of(row).step;
  return std::nullopt;
}

std::size_t free_msr_slots(Vendor vendor) {
  auto taken = static_cast<std::size_t>(MsrSlot::first_unnamed);
  for (const MsrSheet& sheet : msr_catalogue)
    for (const MsrRow& row : sheet)
      if (has_storage(sheet, row, vendor) && !has_named_slot(row))
        taken += shape_of(row).most;
  return msr_slot_count - taken;
}

MsrTable::MsrTable(const CpuProfile& profile, const Authority& authority) {
  rows_[0].on_platform = true; // if anybody's
  // Slots depend neither on features nor on counts.
  auto next_slot = static_cast<std::uint16_t>(MsrSlot::first_unnamed);
  const auto add_unnamed = [&](const MsrRow& row) {
    add_range(profile, authority, row, next_slot);
    next_slot = static_cast<std::uint16_t>(next_slot + shape_of(row).most);
  };
  for (const MsrSheet& sheet : msr_catalogue)
    for (const MsrRow& row : sheet) {
      if (!has_storage(sheet, row, profile.vendor))
        continue;
      if (has_named_slot(row))
        add_range(profile, authority, row, static_cast<std::uint16_t>(row.traits.slot));
      else
        add_unnamed(row);
    }
  for (const MsrRow& row : profile.msr_rows)
    add_unnamed(row);
  while (!fill_buckets())
    multiplier_ += 2;
}

void MsrTable::add_range(const CpuProfile& profile, const Authority& authority, const MsrRow& row,
                         std::uint16_t slot) {
  const MsrRow here = deviated(profile, row);
  if (!exists(profile, here))
    return;
  ResolvedMsr msr = resolve(profile, authority, here);
  const RangeShape& shape = shape_of(row);
  const unsigned count = count_of(profile, shape);
  for (unsigned number = 0; number < count; ++number) {
    msr.number = static_cast<std::uint8_t>(number);
    msr.index = row.index + number * shape.step;
    msr.on_platform = profile.leaves_to_platform(msr.index);
    msr.settle();
    msr.slot = static_cast<std::uint16_t>(slot + number);
    rows_[row_count_++] = msr;
  }
}

bool MsrTable::fill_buckets() {
  for (std::size_t row = 1; row < row_count_; ++row) {
    std::uint16_t& entry = row_of_[bucket(rows_[row].index)];
    if (entry != 0) { // leave no row behind
      while (--row != 0)
        row_of_[bucket(rows_[row].index)] = 0;
      return false;
    }
    entry = static_cast<std::uint16_t>(row);
  }
  return true;
}

} // namespace icebp
