#include <icebp/model/rules/msr_catalogue.h>
#include <icebp/model/rules/msr_table.h>

namespace icebp {
namespace {

bool applies(MsrVendor vendor, Vendor of) {
  return vendor == MsrVendor::both || (vendor == MsrVendor::intel) == (of == Vendor::intel);
}

std::uint64_t gated_off(const CpuProfile& profile, std::uint32_t index) {
  std::uint64_t bits = 0;
  for (const MsrBitGate& gate : msr_bit_gates)
    if (gate.index == index && applies(gate.vendor, profile.vendor) && !profile.has(gate.feature))
      bits |= gate.bits;
  return bits;
}

ResolvedMsr resolve(const CpuProfile& profile, const MsrRow& row, std::uint16_t slot) {
  const std::uint64_t absent = gated_off(profile, row.index);
  ResolvedMsr msr;
  msr.gp = row.gp | absent;
  msr.writable = row.writable & ~absent;
  msr.reset = row.reset;
  msr.name = row.name;
  msr.index = row.index;
  msr.slot = slot;
  msr.canonical_bits = static_cast<std::uint8_t>(
      row.canonical == MsrCanonical::checked ? profile.linear_address_bits() : 64);
  msr.rule = row.rule;
  msr.on_init = row.on_init;
  msr.present = true;
  msr.readable = row.access != MsrAccess::write_only;
  msr.accepts_writes = row.access != MsrAccess::read_only;
  return msr;
}

} // namespace

MsrTable::MsrTable(const CpuProfile& profile) {
  // Slots do not depend on the profile's features: rows of one index share theirs.
  auto next_slot = static_cast<std::uint16_t>(MsrSlot::first_unnamed);
  std::uint32_t previous_index = 0;
  for (const MsrRow& row : msr_catalogue) {
    auto slot = static_cast<std::uint16_t>(row.slot);
    if (row.slot == MsrSlot::first_unnamed)
      slot = row.index == previous_index ? static_cast<std::uint16_t>(next_slot - 1) : next_slot++;
    previous_index = row.index;
    if (!profile.has(Feature::msr) || !profile.features.has_any(row.gate) ||
        !applies(row.vendor, profile.vendor))
      continue;
    rows_[row_count_++] = resolve(profile, row, slot);
  }
  while (!fill_buckets()) // no profile needs a second multiplier so far
    multiplier_ += 2;
}

bool MsrTable::fill_buckets() {
  row_of_ = {};
  for (std::size_t row = 1; row < row_count_; ++row) {
    std::uint8_t& entry = row_of_[bucket(rows_[row].index)];
    if (entry != 0)
      return false;
    entry = static_cast<std::uint8_t>(row);
  }
  return true;
}

} // namespace icebp
