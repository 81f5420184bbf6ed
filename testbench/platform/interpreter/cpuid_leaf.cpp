#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/cpuid_leaf.h>

namespace icebp::vp {
namespace {

constexpr std::uint32_t bit(unsigned n) { return std::uint32_t{1} << n; }

struct EngineBits {
  std::uint32_t leaf;
  std::uint32_t CpuidResult::*reg;
  std::uint32_t bits;
};
// SDM vol. 2 CPUID.
constexpr EngineBits engine_bits[] = {
    // FPU, VME, PSE, PAE, CX8, PGE, CMOV, PSE-36, CLFSH, MMX, FXSR, SSE, SSE2
    {1, &CpuidResult::edx,
     bit(0) | bit(1) | bit(3) | bit(6) | bit(8) | bit(13) | bit(15) | bit(17) | bit(19) | bit(23) |
         bit(24) | bit(25) | bit(26)},
    {1, &CpuidResult::ecx, bit(13) | bit(22) | bit(23)}, // CMPXCHG16B, MOVBE, POPCNT
};
constexpr EngineBits engine_bits_64[] = {
    // FSGSBASE, SMEP, SMAP, CLFLUSHOPT; UMIP
    {7, &CpuidResult::ebx, bit(0) | bit(7) | bit(20) | bit(23)},
    {7, &CpuidResult::ecx, bit(2)},
    {0x80000001, &CpuidResult::edx, bit(26)}, // pages of 1 GiB
    {0x80000001, &CpuidResult::ecx, bit(0)},  // LAHF in 64-bit mode
};

constexpr std::uint32_t intel_signature = 0x000506E3; // family 6, Skylake
constexpr std::uint32_t amd_signature = 0x00800F12;   // family 17h
constexpr std::uint32_t clflush_line = 8 << 8;        // 64 bytes
constexpr std::uint32_t apic_bit = 1 << 9;

template <std::size_t count>
void add_bits(CpuidResult& result, std::uint32_t leaf, const EngineBits (&rows)[count]) {
  for (const EngineBits& row : rows)
    if (row.leaf == leaf)
      result.*row.reg |= row.bits;
}

} // namespace

CpuidResult cpuid_leaf(const Cpu& cpu, std::uint32_t leaf, std::uint32_t subleaf) {
  const CpuModel& model = cpu.debug().cpu();
  CpuidResult result = icebp::cpuid(model, leaf, subleaf);
  if (subleaf == 0 || leaf == 1) {
    add_bits(result, leaf, engine_bits);
    if (model.profile.has(Feature::lm))
      add_bits(result, leaf, engine_bits_64);
  }
  if (leaf == 1) {
    result.eax = cpu.is_amd() ? amd_signature : intel_signature;
    const auto apic_id = static_cast<std::uint32_t>(cpu.debug().state().identity.apic_id);
    result.ebx |= clflush_line | 1 << 16 | apic_id << 24;
    if ((cpu.debug().state()[MsrSlot::apic_base] >> 11 & 1) == 0)
      result.edx &= ~apic_bit;
    if (model.profile.has(Feature::mca))
      result.edx |= bit(7); // MCE
  }
  if (!cpu.is_amd() && model.profile.has(Feature::lm)) {
    if (leaf == 1)
      result.ecx |= bit(17); // PCID
    if (leaf == 7 && subleaf == 0)
      result.ebx |= bit(10); // INVPCID
  }
  return result;
}

std::uint64_t legal_cr4_bits(const CpuModel& cpu) {
  using namespace cr4;
  std::uint64_t legal = vme | pvi | tsd | de | pse | pae | mce | pge | pce | osfxsr | osxmmexcpt;
  if (cpu.profile.has(Feature::lm)) {
    legal |= umip | fsgsbase | smep | smap;
    if (cpu.profile.vendor == Vendor::intel)
      legal |= pcide;
  }
  if (cpu.profile.has(Feature::la57))
    legal |= la57;
  return legal;
}

} // namespace icebp::vp
