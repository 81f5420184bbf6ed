#include <icebp/model/rules/cpu/msr_catalogue.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/registers/lbr.h>

#include <algorithm>

namespace icebp {
inline namespace v0_1 {
namespace {

// ---- Ranges

bool is_in_range(const MsrRow& row, std::uint32_t index) {
  const MsrRange& range = row.traits.range;
  const std::uint32_t offset = index - row.index;
  return offset % range.step == 0 && offset / range.step < range.most;
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
  if (row.traits.range.most == 1)
    return name == of_row ? std::optional<unsigned>(0) : std::nullopt;
  const std::size_t digit = of_row.find('0');
  if (!take_off(name, of_row.substr(0, digit)))
    return std::nullopt;
  const std::optional<unsigned> number = take_number(name);
  const bool is_it = number && *number < row.traits.range.most && name == of_row.substr(digit + 1);
  return is_it ? number : std::nullopt;
}

// ---- Storage

bool has_storage(const MsrRow& row, Vendor vendor) {
  return applies(row.vendor, vendor) && row.access != MsrAccess::absent;
}

bool is_alias(const MsrRow& row) { return row.traits.alias.of != MsrAlias::none; }

MsrRow row_of(const OwnMsr& msr, std::string_view source) {
  return {msr.index, MsrVendor::both, msr.name,    Feature::msr, msr.reset,    msr.writable,
          msr.gp,    msr.access,      msr.on_init, source,       as(msr.alias)};
}

bool has_named_slot(const MsrRow& row) { return row.traits.slot != MsrSlot::first_unnamed; }

// ---- One row for one profile

const MsrDeviation* deviation_of(const CpuProfile& profile, std::uint32_t index) {
  for (const MsrDeviation& deviation : msrs_of(profile).deviations)
    if (deviation.index == index)
      return &deviation;
  return nullptr;
}

// A register of `row` as this CPU has it.
MsrRow of_profile(const CpuProfile& profile, const MsrRow& row, unsigned number, bool own) {
  MsrRow here = row;
  here.index = row.index + number * row.traits.range.step;
  if (own)
    return here;
  if (const MsrDeviation* deviation = deviation_of(profile, here.index)) {
    here.access = deviation->access;
    here.writable = deviation->writable;
    here.gp = deviation->gp;
    here.source = msrs_of(profile).source;
  } else if (row.traits.masks_of) {
    const MsrMasks masks = row.traits.masks_of(profile, number, {row.writable, row.gp});
    here.writable = masks.writable;
    here.gp = masks.gp;
  }
  return here;
}

bool exists(const CpuProfile& profile, const MsrRow& row) {
  return profile.has(Feature::msr) && profile.features.has_any(row.gate) &&
         row.access != MsrAccess::absent;
}

void take_bits(ResolvedMsr& msr, std::uint64_t bits, bool fault) {
  msr.gp |= fault ? bits : 0;
  msr.writable &= ~bits;
}

// A deviation says itself what becomes of the bits of features that the CPU never had.
void apply_bit_gates(const CpuProfile& profile, ResolvedMsr& msr, const MsrRow& row) {
  const bool deviates = deviation_of(profile, row.index) != nullptr;
  for (const MsrBitGate& gate : row.traits.bit_gates)
    if (!profile.features.has_any(gate.features) &&
        (!deviates || msrs_of(profile).features.has_any(gate.features)))
      take_bits(msr, gate.bits, gate.without == MsrAbsentBits::fault);
}

void apply_width(const CpuProfile& profile, ResolvedMsr& msr, MsrWidth width) {
  constexpr std::uint64_t widest = ~std::uint64_t{0} >> 12;
  if (width == MsrWidth::physical_address && profile.physical_address_bits < 52)
    take_bits(msr, widest & ~std::uint64_t{0} << profile.physical_address_bits, msr.gp >> 63 != 0);
}

std::uint64_t model_value(const CpuProfile& profile, const MsrRow& row) {
  for (const MsrModelValue& value : msrs_of(profile).values)
    if (value.index == row.index)
      return value.value;
  return row.reset;
}

// PERF_CAPABILITIES[5:0].
std::uint8_t lbr_format_of(const CpuProfile& profile) {
  const MsrRow* capabilities = find_msr_row(profile.vendor, 0x345);
  return capabilities && profile.has(Feature::pdcm) ? model_value(profile, *capabilities) & 0x3F
                                                    : 0;
}

// Without TSX its two flags are part of the sign in what a WRMSR takes. (Linux 19fc9ddd61e0)
std::uint8_t lbr_flags_of(const CpuProfile& profile) {
  const bool has_any = lbr_info::in_from(lbr_format_of(profile)) != 0;
  const bool has_tsx = lbr_format_of(profile) == 4 && profile.has(Feature::rtm);
  return has_tsx ? 3 : has_any ? 1 : 0;
}

std::uint64_t reset_of(const CpuProfile& profile, const MsrRow& row) {
  const MsrTraits& traits = row.traits;
  const std::uint64_t value = model_value(profile, row);
  const std::uint64_t here = traits.reset_of ? traits.reset_of(profile, value) : value;
  return traits.reset_for ? traits.reset_for(CoreIdentity{}, here) : here;
}

MsrCanonical canonical_on(Vendor vendor, MsrCanonical canonical) {
  if (canonical != MsrCanonical::checked_on_intel)
    return canonical;
  return vendor == Vendor::intel ? MsrCanonical::checked : MsrCanonical::unchecked;
}

void set_access(ResolvedMsr& msr, MsrAccess access) {
  msr.present = true;
  msr.readable = access != MsrAccess::write_only;
  msr.accepts_writes = access != MsrAccess::read_only;
  msr.smm_only = access == MsrAccess::smm_only;
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

std::uint8_t flags_of(const CpuProfile& profile, MsrCanonical canonical) {
  switch (canonical) {
  case MsrCanonical::ler_from:
    return std::max<std::uint8_t>(1, lbr_flags_of(profile));
  case MsrCanonical::lbr_from:
    return lbr_flags_of(profile);
  case MsrCanonical::unchecked:
  case MsrCanonical::checked:
  case MsrCanonical::checked_on_intel:
    break;
  }
  return 0;
}

void set_canonical(const CpuProfile& profile, ResolvedMsr& msr, MsrCanonical of_row) {
  const MsrCanonical canonical = canonical_on(profile.vendor, of_row);
  if (canonical != MsrCanonical::unchecked && profile.has(Feature::lm))
    msr.canonical_bits = static_cast<std::uint8_t>(profile.linear_address_bits());
  msr.flags = flags_of(profile, canonical);
}

ResolvedMsr resolve(const CpuProfile& profile, const Authority& authority, const MsrRow& row) {
  ResolvedMsr msr;
  msr.index = msr.last = row.index;
  msr.gp = row.gp;
  msr.writable = row.writable;
  apply_bit_gates(profile, msr, row);
  apply_width(profile, msr, row.traits.width);
  msr.reset = reset_of(profile, row);
  msr.reset_for = row.traits.reset_for;
  msr.name = row.name;
  msr.source = row.source;
  set_canonical(profile, msr, row.traits.canonical);
  msr.scope = row.traits.scope;
  set_costs(profile, msr, row.traits);
  const bool init_resets =
      row.traits.slot == MsrSlot::apic_base && !authority.quirks.init_keeps_apic_base;
  msr.on_init = init_resets ? MsrInit::reset : row.on_init;
  set_access(msr, row.access);
  return msr;
}

} // namespace

void ResolvedMsr::settle() {
  reads_plainly = readable && does->reads_as_stored() && !on_platform;
  writes_plainly =
      accepts_writes && !smm_only && flags == 0 && does->writes_by_masks() && !on_platform;
  stores_plainly =
      writes_plainly && !does->on_write && scope == MsrScope::thread && !may_be_address_mask(index);
}

const MsrRow* find_msr_row(Vendor vendor, std::uint32_t index) {
  for (const Table<MsrRow>* sheet : msr_catalogue)
    for (const MsrRow& row : *sheet)
      if (has_storage(row, vendor) && is_in_range(row, index))
        return &row;
  return nullptr;
}

std::optional<std::uint32_t> msr_index_of(std::string_view name) {
  for (const bool whole : {true, false})
    for (const Table<MsrRow>* sheet : msr_catalogue)
      for (const MsrRow& row : *sheet)
        if (const auto number =
                whole ? number_in_range(row, row.name, name)
                      : number_in_range(row, without_prefix(row.name), without_prefix(name)))
          return row.index + *number * row.traits.range.step;
  return std::nullopt;
}

MsrTable::MsrTable(const CpuProfile& profile, const Authority& authority)
    : lbr_format_(lbr_format_of(profile)) {
  rows_[0].on_platform = true; // if anybody's
  const CpuMsrs& own = msrs_of(profile);
  const auto add_rows = [&](bool aliases) {
    for (const Table<MsrRow>* sheet : msr_catalogue)
      for (const MsrRow& row : *sheet)
        if (is_alias(row) == aliases)
          add(profile, authority, row, row.traits.does);
    for (const OwnMsr& msr : own.own)
      if (is_alias(row_of(msr, own.source)) == aliases)
        add(profile, authority, row_of(msr, own.source), no_functions);
  };
  add_rows(false);
  add_rows(true);
  while (!fill_buckets())
    multiplier_ += 2;
  first_run_ = row_count_;
  for (const MsrRun& run : own.runs)
    add(run, own.source);
}

void MsrTable::add(const CpuProfile& profile, const Authority& authority, const MsrRow& row,
                   const MsrFunctions& functions) {
  if (!has_storage(row, profile.vendor))
    return;
  const bool in_catalogue = &functions == &row.traits.does;
  const unsigned count = count_of(profile, row.traits.range);
  for (unsigned number = 0; number < count; ++number) {
    const MsrRow here = of_profile(profile, row, number, !in_catalogue);
    if (!exists(profile, here) || has_row(here.index))
      continue; // the first row with an index has it: one of the catalogue, the older feature's
    ResolvedMsr msr = resolve(profile, authority, here);
    msr.number = static_cast<std::uint8_t>(number);
    msr.does = &functions;
    msr.in_catalogue = in_catalogue;
    msr.on_platform = profile.leaves_to_platform(msr.index);
    msr.settle();
    if (is_alias(row))
      put_alias(msr, row.traits.alias.of + number);
    else if (has_named_slot(row))
      put(msr, static_cast<std::uint16_t>(static_cast<unsigned>(row.traits.slot) + number));
    else
      put_in_next_slot(msr);
  }
}

// An alias has the storage of the other register.
void MsrTable::put_alias(const ResolvedMsr& alias, std::uint32_t of) {
  for (const ResolvedMsr& other : *this)
    if (other.index == of)
      return put(alias, other.slot);
}

void MsrTable::add(const MsrRun& run, std::string_view source) {
  ResolvedMsr msr;
  msr.index = run.first;
  msr.last = run.last;
  msr.name = run.name;
  msr.source = source;
  msr.reset = run.value;
  msr.in_catalogue = false;
  msr.when_read = retired_msr_access(MsrCost::fast_read);
  msr.when_written = retired_msr_access(MsrCost::serializing_write);
  set_access(msr, MsrAccess::read_write);
  msr.settle();
  put_in_next_slot(msr);
}

void MsrTable::put_in_next_slot(const ResolvedMsr& msr) {
  if (next_slot_ == msr_slot_count)
    ++left_out_;
  else
    put(msr, next_slot_++);
}

bool MsrTable::has_row(std::uint32_t index) const {
  return std::any_of(begin(), end(), [&](const ResolvedMsr& msr) { return msr.index == index; });
}

void MsrTable::put(const ResolvedMsr& msr, std::uint16_t slot) {
  rows_[row_count_] = msr;
  rows_[row_count_++].slot = slot;
}

const ResolvedMsr& MsrTable::find_in_runs(std::uint32_t index) const noexcept {
  const ResolvedMsr* first = rows_.data() + first_run_;
  const ResolvedMsr* behind =
      std::upper_bound(first, end(), index, [](std::uint32_t wanted, const ResolvedMsr& run) {
        return wanted < run.index;
      });
  return behind != first && index <= behind[-1].last ? behind[-1] : rows_[0];
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

} // namespace v0_1
} // namespace icebp
