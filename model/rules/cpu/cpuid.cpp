#include <icebp/model/rules/cpu/cpuid.h>
#include <icebp/model/rules/cpu/cpuid_bits.h>

#include <algorithm>
#include <iterator>

namespace icebp {
inline namespace v0_1 {
namespace {

using cpuid_bits::bit;
using cpuid_bits::On;

constexpr std::uint32_t extended = 0x80000000;

bool is_intel(const CpuModel& cpu) { return cpu.profile.vendor == Vendor::intel; }

bool has_on_intel(const CpuModel& cpu, Feature feature) {
  return is_intel(cpu) && cpu.profile.has(feature);
}

constexpr bool same(const CpuidLeaf& a, const CpuidLeaf& b) {
  return a.leaf == b.leaf && a.subleaf == b.subleaf;
}

// ---- What leaves hold beside the bits of features

std::uint32_t highest_leaf(const CpuModel& cpu, std::uint32_t first);
std::uint32_t highest_subleaf(const CpuModel& cpu, std::uint32_t leaf);

void nothing(const CpuModel&, CpuidResult&) {}

void vendor_name(const CpuModel& cpu, CpuidResult& result) {
  result.ebx = is_intel(cpu) ? 0x756E6547 : 0x68747541; // GenuineIntel, AuthenticAMD
  result.edx = is_intel(cpu) ? 0x49656E69 : 0x69746E65;
  result.ecx = is_intel(cpu) ? 0x6C65746E : 0x444D4163;
}

void basic_maximum(const CpuModel& cpu, CpuidResult& result) {
  result.eax = highest_leaf(cpu, 0);
  vendor_name(cpu, result);
}

void extended_maximum(const CpuModel& cpu, CpuidResult& result) {
  result.eax = highest_leaf(cpu, extended);
  if (!is_intel(cpu))
    vendor_name(cpu, result);
}

// CR4.DE, which every CPU of the model has.
void debugging_extensions(const CpuModel&, CpuidResult& result) { result.edx |= bit(2); }
void debugging_extensions_again(const CpuModel& cpu, CpuidResult& result) {
  if (!is_intel(cpu))
    debugging_extensions(cpu, result);
}

void subleaves(const CpuModel& cpu, CpuidResult& result) { result.eax = highest_subleaf(cpu, 7); }

bool accepts(const CpuModel& cpu, std::uint32_t msr, unsigned n) {
  return (cpu.msrs.find(msr).writable >> n & 1) != 0;
}

std::uint32_t writable_bits(const CpuModel& cpu, std::uint32_t msr) {
  std::uint32_t count = 0;
  for (unsigned n = 0; n < 64; ++n)
    count += accepts(cpu, msr, n) ? 1 : 0;
  return count;
}

// Version, numbers and widths, and no architectural events.
void counters(const CpuModel& cpu, CpuidResult& result) {
  constexpr std::uint32_t width = 48; // MsrOnWrite::sign_extend32
  constexpr std::uint32_t ia32_fixed_ctr0 = 0x309;
  if (!has_on_intel(cpu, Feature::perfmon))
    return;
  const MsrCounts& counts = cpu.profile.msr_counts;
  const bool has_fixed = cpu.profile.has(Feature::perfmon_v2);
  const unsigned version = !has_fixed ? 1 : cpu.profile.has(Feature::perfmon_v4) ? 4 : 2;
  result.eax = version | std::uint32_t{counts.counters} << 8 | width << 16;
  if (has_fixed)
    result.edx = counts.fixed_counters | writable_bits(cpu, ia32_fixed_ctr0) << 5;
}

// The counters that PERF_CNTR_GLOBAL_CTL enables.
void amd_counters(const CpuModel& cpu, CpuidResult& result) {
  constexpr std::uint32_t perf_cntr_global_ctl = 0xC0000301;
  if (is_intel(cpu))
    return;
  result.ebx = writable_bits(cpu, perf_cntr_global_ctl);
  if (cpu.profile.has(Feature::lbr_v2))
    result.ebx |= std::uint32_t{cpu.profile.msr_counts.lbr_entries} << 4;
}

void supervisor_states(const CpuModel& cpu, CpuidResult& result) {
  const std::uint64_t xss = cpu.msrs.find(0xDA0).writable;
  result.ecx = static_cast<std::uint32_t>(xss);
  result.edx = static_cast<std::uint32_t>(xss >> 32);
}

// What IA32_RTIT_CTL can turn on. Which frequencies a CPU has is not modelled.
void trace(const CpuModel& cpu, CpuidResult& result) {
  if (!has_on_intel(cpu, Feature::intel_pt))
    return;
  const auto bit_if_accepted = [&](unsigned control, unsigned n) {
    return accepts(cpu, 0x570, control) ? bit(n) : 0;
  };
  result.eax = 1;                              // the last subleaf
  result.ebx = bit_if_accepted(7, 0) |         // CR3Filter
               bit_if_accepted(1, 1) |         // CYCEn
               bit_if_accepted(9, 3);          // MTCEn
  result.ecx = bit_if_accepted(8, 0) | bit(2); // ToPA; a single region always
  if (cpu.profile.msr_counts.rtit_ranges != 0)
    result.ebx |= bit(2);
}
void trace_ranges(const CpuModel& cpu, CpuidResult& result) {
  if (has_on_intel(cpu, Feature::intel_pt))
    result.eax = cpu.profile.msr_counts.rtit_ranges;
}

// As IA32_LBR_DEPTH, IA32_LBR_CTL and the records are: depths; filters by CPL and branch, call
// stack; mispredictions, cycles, types.
void last_branches(const CpuModel& cpu, CpuidResult& result) {
  if (!has_on_intel(cpu, Feature::arch_lbr))
    return;
  result.eax = cpu.profile.msr_counts.lbr_depths;
  result.ebx = 7;
  result.ecx = 7;
}

void address_widths(const CpuModel& cpu, CpuidResult& result) {
  result.eax = cpu.profile.physical_address_bits | cpu.profile.linear_address_bits() << 8;
}

// ---- Leaves

struct Content {
  CpuidLeaf place;
  void (*add)(const CpuModel&, CpuidResult&);
};

constexpr Content contents[] = {
    {{0x00000000, 0}, basic_maximum},
    {{0x00000001, 0}, debugging_extensions},
    {{0x00000006, 0}, nothing},
    {{0x00000007, 0}, subleaves},
    {{0x00000007, 1}, nothing},
    {{0x00000007, 2}, nothing},
    {{0x0000000A, 0}, counters},
    {{0x0000000D, 1}, supervisor_states},
    {{0x00000014, 0}, trace},
    {{0x00000014, 1}, trace_ranges},
    {{0x0000001C, 0}, last_branches},
    {{0x80000000, 0}, extended_maximum},
    {{0x80000001, 0}, debugging_extensions_again},
    {{0x80000008, 0}, address_widths},
    {{0x8000000A, 0}, nothing},
    {{0x80000021, 0}, nothing},
    {{0x80000022, 0}, amd_counters},
};

constexpr auto leaves = [] {
  std::array<CpuidLeaf, std::size(contents)> places{};
  for (std::size_t n = 0; n < places.size(); ++n)
    places[n] = contents[n].place;
  return places;
}();

bool applies(On on, const CpuModel& cpu) {
  return on == On::both || (on == On::intel) == is_intel(cpu);
}

CpuidResult content_of(const CpuModel& cpu, const CpuidLeaf& place) {
  CpuidResult result;
  for (const Content& content : contents)
    if (same(content.place, place))
      content.add(cpu, result);
  for (const cpuid_bits::FeatureBits& row : cpuid_bits::rows)
    if (same(row.place, place) && applies(row.on, cpu) && cpu.profile.has(row.feature))
      result.*row.reg |= row.bits;
  return result;
}

std::uint32_t highest_leaf(const CpuModel& cpu, std::uint32_t first) {
  std::uint32_t highest = first;
  for (const CpuidLeaf& place : leaves)
    if (place.leaf > highest && (place.leaf & extended) == first &&
        !content_of(cpu, place).is_empty())
      highest = place.leaf;
  return highest;
}

std::uint32_t highest_subleaf(const CpuModel& cpu, std::uint32_t leaf) {
  std::uint32_t highest = 0;
  for (const CpuidLeaf& place : leaves)
    if (place.leaf == leaf && place.subleaf > highest && !content_of(cpu, place).is_empty())
      highest = place.subleaf;
  return highest;
}

// The others ignore ECX.
constexpr bool has_subleaves(std::uint32_t leaf) {
  return leaf == 0x7 || leaf == 0xD || leaf == 0x14 || leaf == 0x1C;
}

bool is_above_maximum(const CpuModel& cpu, std::uint32_t leaf) {
  return leaf > highest_leaf(cpu, leaf & extended);
}

} // namespace

const Table<CpuidLeaf> cpuid_leaves{leaves.data(), leaves.size()};

CpuidResult cpuid(const CpuModel& cpu, std::uint32_t leaf, std::uint32_t subleaf) {
  if (is_above_maximum(cpu, leaf)) {
    if (!is_intel(cpu))
      return {};
    leaf = highest_leaf(cpu, 0);
  }
  return content_of(cpu, {leaf, has_subleaves(leaf) ? subleaf : 0});
}

bool has_cpuid_leaf(const CpuModel& cpu, const CpuidLeaf& place) {
  return !content_of(cpu, place).is_empty();
}

} // namespace v0_1
} // namespace icebp
