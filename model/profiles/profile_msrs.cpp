#include <icebp/model/profiles/msr_entry.h>
#include <icebp/model/profiles/msr_name.h>
#include <icebp/model/profiles/profile_msrs.h>
#include <icebp/model/rules/cpu/msr_table.h>
#include <icebp/model/rules/registers/canonical.h>
#include <icebp/model/rules/vocabulary/legal_names.h>

#include <algorithm>
#include <memory>

namespace icebp {
inline namespace v0_1 {
namespace {

std::string hex(std::uint64_t value) {
  std::string text;
  append_hex(text, value);
  return text;
}

// ---- What cannot be together

void refuse_if(bool given, const MsrEntry& entry, const char* key, const std::string& problem) {
  if (given)
    throw InputError(entry.place(key), problem, "leave it out");
}

void check_masks(const MsrEntry& entry, MsrAccess access) {
  const bool absent = access == MsrAccess::absent;
  if (absent || access == MsrAccess::read_only) {
    const char* problem = absent ? "the register is absent" : "the register is not written";
    refuse_if(entry.writable.has_value(), entry, "writable", problem);
    refuse_if(entry.gp.has_value(), entry, "gp", problem);
    refuse_if(absent && entry.reset, entry, "reset", problem);
  }
}

void check_overlap(const MsrEntry& entry, std::uint64_t writable, std::uint64_t gp) {
  if ((writable & gp) != 0)
    throw InputError(entry.place(entry.gp ? "gp" : "writable"),
                     hex(writable & gp) + " is both writable and #GP",
                     "writable " + hex(writable) + ", gp " + hex(gp) + " without a common bit");
}

std::string names_of_features(const FeatureSet& features) {
  std::vector<std::string_view> names;
  for (const auto& feature : name_table<Feature>)
    if (features.has(feature.value))
      names.push_back(feature.name);
  return joined(names);
}

void require_feature(const MsrEntry& entry, const FeatureSet& gate, const CpuProfile& profile) {
  if (!profile.has(Feature::msr) || !profile.features.has_any(gate))
    throw InputError(entry.at, "the CPU does not have this register",
                     "one of these features: " + names_of_features(gate));
}

// ---- Registers of the catalogue

class Override {
public:
  Override(const MsrEntry& entry, const MsrRow& row, const CpuProfile& profile,
           const MsrTable& before)
      : entry_(entry), row_(row), profile_(profile), before_(before.find(entry.index)) {}

  void check() const {
    const std::string of_new = "the catalogue has it: " + std::string(row_.name);
    refuse_if(entry_.name.has_value(), entry_, "name", of_new);
    refuse_if(entry_.on_init.has_value(), entry_, "on_init", of_new);
    if (access() != MsrAccess::absent)
      require_feature(entry_, row_.gate, profile_);
    check_masks(entry_, access());
    refuse_if(entry_.writable && access() == MsrAccess::write_only, entry_, "writable",
              "a write to this register leaves nothing");
    check_gates();
  }

  bool has_deviation() const { return entry_.access || entry_.writable || entry_.gp; }

  MsrDeviation deviation() const {
    // What the CPU had, but for a register that it did not have.
    const bool had = before_.present;
    const std::uint64_t writable = entry_.writable.value_or(had ? before_.writable : row_.writable);
    const std::uint64_t gp = entry_.gp.value_or(had ? before_.gp : row_.gp);
    check_overlap(entry_, writable, gp);
    return {entry_.index, access(), writable, gp};
  }

private:
  // Bits that a feature would bring, and that the CPU did not have without it.
  void check_gates() const {
    const std::uint64_t more = entry_.writable.value_or(0) & ~before_.writable;
    for (const MsrBitGate& gate : row_.traits.bit_gates)
      if (!profile_.features.has_any(gate.features) && (gate.bits & more) != 0)
        throw InputError(entry_.place("writable"),
                         hex(gate.bits & more) + " needs the feature " +
                             names_of_features(gate.features),
                         "at most " + hex(*entry_.writable & ~gate.bits));
  }

  MsrAccess access() const {
    if (entry_.access)
      return *entry_.access;
    for (const MsrDeviation& deviation : msrs_of(profile_).deviations)
      if (deviation.index == entry_.index)
        return deviation.access;
    return row_.access;
  }

  const MsrEntry& entry_;
  const MsrRow& row_;
  const CpuProfile& profile_;
  const ResolvedMsr& before_;
};

template <typename Rows>
void erase_index(Rows& rows, std::uint32_t index) {
  for (auto row = rows.begin(); row != rows.end(); ++row)
    if (row->index == index) {
      rows.erase(row);
      return;
    }
}

// ---- New registers

// `was`: the register of the profile that this one is from, if it has one there.
OwnMsr own_msr(const MsrEntry& entry, const OwnMsr* was, const CpuProfile& profile,
               ProfileMsrs& tables) {
  require_feature(entry, Feature::msr, profile);
  if (!entry.name && !was)
    throw InputError(entry.place("name"), "missing", "the catalogue does not have this register");
  const MsrAccess access = entry.access.value_or(was ? was->access : MsrAccess::read_write);
  check_masks(entry, access);
  const bool written = access != MsrAccess::read_only;
  const bool keeps_masks = was && !entry.writable && !entry.gp && !entry.access;
  const std::uint64_t writable =
      keeps_masks ? was->writable
                  : entry.writable.value_or(written ? ~entry.gp.value_or(0) : std::uint64_t{0});
  const std::uint64_t gp = keeps_masks ? was->gp : entry.gp.value_or(~writable);
  check_overlap(entry, writable, gp);
  return {entry.index,
          entry.name ? tables.names.emplace_back(*entry.name) : was->name,
          access,
          entry.reset.value_or(was ? was->reset : 0),
          writable,
          gp,
          entry.on_init.value_or(was ? was->on_init : MsrInit::keep)};
}

// Puts the entry among the registers of its own, or takes one away.
void apply_to_own(const MsrEntry& entry, const CpuProfile& profile, ProfileMsrs& tables) {
  const auto was = std::find_if(tables.own.begin(), tables.own.end(),
                                [&](const OwnMsr& msr) { return msr.index == entry.index; });
  const bool is_there = was != tables.own.end();
  if (entry.access == MsrAccess::absent) {
    if (!is_there)
      throw InputError(entry.place("access"), "the CPU does not have this register",
                       "leave the register out");
    check_masks(entry, MsrAccess::absent);
    tables.own.erase(was);
    return;
  }
  const OwnMsr now = own_msr(entry, is_there ? &*was : nullptr, profile, tables);
  if (is_there)
    *was = now;
  else
    tables.own.push_back(now);
}

// ---- What the CPU makes of it

// Why `bits` of a register are not as the file wants them.
std::string reason(const CpuProfile& profile, std::uint32_t index, std::uint64_t bits) {
  if (const MsrRow* row = find_msr_row(profile.vendor, index))
    for (const MsrBitGate& gate : row->traits.bit_gates)
      if (!profile.features.has_any(gate.features) && (gate.bits & bits) != 0)
        return hex(gate.bits & bits) + " needs the feature " + names_of_features(gate.features);
  return hex(bits) + " is above the CPU's physical addresses";
}

void require_masks(const MsrEntry& entry, const ResolvedMsr& msr, const CpuProfile& profile) {
  if (entry.writable && *entry.writable != msr.writable)
    throw InputError(entry.place("writable"),
                     reason(profile, entry.index, *entry.writable ^ msr.writable),
                     "at most " + hex(msr.writable));
  if (entry.gp && *entry.gp != msr.gp)
    throw InputError(entry.place("gp"), reason(profile, entry.index, *entry.gp ^ msr.gp),
                     "at least " + hex(msr.gp));
}

void require_reset(const MsrEntry& entry, const ResolvedMsr& msr) {
  const std::string place = entry.place(entry.reset ? "reset" : "gp");
  if (entry.reset && *entry.reset != msr.reset)
    throw InputError(place, hex(*entry.reset ^ msr.reset) + " tells counts and features",
                     hex(msr.reset));
  if (msr.canonical_bits != 64 && !is_canonical(msr.reset, msr.canonical_bits))
    throw InputError(place, hex(msr.reset) + " is not a canonical address",
                     "bits 63:" + std::to_string(msr.canonical_bits - 1) + " all alike");
  if (msr.accepts_writes && msr.readable && (msr.reset & msr.gp) != 0)
    throw InputError(
        place, "the reset value could not be written back: " + hex(msr.reset & msr.gp) + " is #GP",
        "reset and gp without a common bit");
}

void require_own_name(const MsrEntry& entry, const MsrTable& table) {
  for (const ResolvedMsr& other : table)
    if (other.index != entry.index && full_name(other) == *entry.name)
      throw InputError(entry.place("name"),
                       describe(Scalar::string(*entry.name)) + " is the name of " +
                           hex(other.index),
                       "a name of its own");
}

void require_as_written(const MsrEntry& entry, const CpuProfile& profile, const MsrTable& table) {
  if (entry.access == MsrAccess::absent)
    return;
  const ResolvedMsr& msr = table.find(entry.index);
  if (!msr.present)
    throw InputError(entry.at, "the CPU has none of these registers", "a count that is not 0");
  require_masks(entry, msr, profile);
  require_reset(entry, msr);
  if (entry.name)
    require_own_name(entry, table);
}

} // namespace

void apply(const MsrEntries& entries, CpuProfile& profile, ProfileMsrs& tables) {
  const auto before = std::make_unique<const MsrTable>(profile);
  const CpuMsrs& from = msrs_of(profile);
  tables.deviations.assign(from.deviations.begin(), from.deviations.end());
  tables.values.assign(from.values.begin(), from.values.end());
  tables.own.assign(from.own.begin(), from.own.end());
  for (const MsrEntry& entry : entries) {
    const MsrRow* row = find_msr_row(profile.vendor, entry.index);
    if (!row || (entry.name && !before->find(entry.index).present)) {
      apply_to_own(entry, profile, tables);
      continue;
    }
    const Override override_of_row(entry, *row, profile, *before);
    override_of_row.check();
    if (override_of_row.has_deviation()) {
      const MsrDeviation deviation = override_of_row.deviation();
      erase_index(tables.deviations, entry.index);
      tables.deviations.push_back(deviation);
    }
    if (entry.reset) {
      erase_index(tables.values, entry.index);
      tables.values.push_back({entry.index, *entry.reset});
    }
  }
  tables.all = {profile.evidence,
                from.features.with(profile.features),
                {tables.deviations.data(), tables.deviations.size()},
                {tables.values.data(), tables.values.size()},
                {tables.own.data(), tables.own.size()},
                from.runs};
  profile.msrs = &tables.all;
  const auto after = std::make_unique<const MsrTable>(profile);
  if (const std::size_t left_out = after->left_out(); left_out != 0)
    throw InputError(msrs_place, std::to_string(tables.own.size()) + " new registers",
                     "at most " + std::to_string(tables.own.size() - left_out));
  for (const MsrEntry& entry : entries)
    require_as_written(entry, profile, *after);
}

} // namespace v0_1
} // namespace icebp
