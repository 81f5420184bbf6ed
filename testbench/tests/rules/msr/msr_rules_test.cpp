// What a register does beside its masks: locks, modes, moves and what a write brings with it
// (docs/msr-block.md 2.4, 2.7, 6.1, 6.3, and the vectors of 6.4 that need more than one write).

#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <random>

namespace icebp::test {
namespace {

constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};

const CpuProfile& max_profile(Vendor vendor) {
  return *find_cpu_profile(vendor == Vendor::intel ? "intel-max" : "amd-max");
}

class Msrs {
public:
  explicit Msrs(const CpuProfile& profile) : cpu(profile), state(power_up(cpu)) {}
  explicit Msrs(Vendor vendor) : Msrs(max_profile(vendor)) {}

  // `none` of a write that retires.
  Cause write(std::uint32_t index, u64 value) {
    const CoreState before = state;
    const Outcome outcome = execute(cpu, state, with_paging(wrmsr_of(index, value), false)).outcome;
    if (outcome.kind != OutcomeKind::retired) {
      EXPECT_TRUE(is_gp0(outcome, outcome.cause));
      EXPECT_TRUE(same(state, before));
    }
    return outcome.cause;
  }
  Cause read_cause(std::uint32_t index) {
    return execute(cpu, state, rdmsr_of(index)).outcome.cause;
  }
  u64 read(std::uint32_t index) { return read_msr(cpu, state, index); }

  CpuModel cpu;
  CoreState state;
};

constexpr auto ok = Cause::none;
constexpr auto locked = Cause::msr_locked;
constexpr auto illegal = Cause::msr_value;
constexpr auto unknown = Cause::msr_unknown;

// ---- Locks

TEST(MsrLocks, Feature_control) { // 6.4: 3A := 5 then 5
  Msrs core(Vendor::intel);
  EXPECT_EQ(core.write(0x3A, 4), ok);
  EXPECT_EQ(core.write(0x3A, 5), ok);
  EXPECT_EQ(core.write(0x3A, 5), locked);
  EXPECT_EQ(core.write(0x3A, 0), locked);
  EXPECT_EQ(core.write(0x3A, every_bit), locked); // named before reserved bits
  EXPECT_EQ(core.read(0x3A), 5u);
  execute(core.cpu, core.state, of_operation(Operation::init));
  EXPECT_EQ(core.write(0x3A, 0), locked); // INIT keeps it
  execute(core.cpu, core.state, of_operation(Operation::reset));
  EXPECT_EQ(core.write(0x3A, 0), ok);
  EXPECT_EQ(Msrs(Vendor::amd).write(0x3A, 5), unknown);
}

TEST(MsrLocks, Debug_interface) { // 6.4: C80 := 40000000 then 0
  Msrs core(Vendor::intel);
  EXPECT_EQ(core.write(0xC80, 0x80000001), ok);
  EXPECT_EQ(core.read(0xC80), 1u); // DEBUG_OCCURRED is the hardware's
  EXPECT_EQ(core.write(0xC80, 0x40000000), ok);
  EXPECT_EQ(core.write(0xC80, 0), locked);
  EXPECT_EQ(core.read(0xC80), 0x40000000u);
  EXPECT_EQ(Msrs(Vendor::amd).write(0xC80, 0x40000000), unknown);
}

TEST(MsrLocks, Hwcr_smm_lock) {
  Msrs core(Vendor::amd);
  for (const std::uint32_t index : {0xC0010111u, 0xC0010112u, 0xC0010113u})
    EXPECT_EQ(core.write(index, 0x20000), ok);
  EXPECT_EQ(core.write(0xC0010015, 1), ok);
  for (const std::uint32_t index : {0xC0010111u, 0xC0010112u, 0xC0010113u}) {
    EXPECT_EQ(core.write(index, 0x40000), locked);
    EXPECT_EQ(core.read_cause(index), ok);
  }
  EXPECT_EQ(core.write(0xC0010015, 0), ok);
  EXPECT_EQ(core.read(0xC0010015), 1u); // sticky
  EXPECT_EQ(core.write(0xC0010111, 0), locked);
}

TEST(MsrLocks, Vm_cr_keeps_svmdis) {
  Msrs core(Vendor::amd);
  EXPECT_EQ(core.write(0xC0010114, 0x10), ok);
  EXPECT_EQ(core.write(0xC0010114, 0), ok);
  EXPECT_EQ(core.read(0xC0010114), 0u);
  EXPECT_EQ(core.write(0xC0010114, 0x18), ok);
  EXPECT_EQ(core.write(0xC0010114, 0x2), ok); // no #GP
  EXPECT_EQ(core.read(0xC0010114), 0x1Au);
  Msrs other(Vendor::amd);
  EXPECT_EQ(other.write(0xC0010114, 0x8), ok);
  EXPECT_EQ(other.write(0xC0010114, 0x10), ok);
  EXPECT_EQ(other.read(0xC0010114), 0x8u);
}

// What LOCK keeps cannot conflict with EFER.SVME (KVM svm_set_vm_cr).
TEST(MsrLocks, A_locked_vm_cr_drops_svmdis_beside_svme) {
  Msrs core(Vendor::amd);
  EXPECT_EQ(core.write(0xC0000080, 0x1000), ok);
  EXPECT_EQ(core.write(0xC0010114, 0x8), ok);
  EXPECT_EQ(core.write(0xC0010114, 0x10), ok);
  EXPECT_EQ(core.read(0xC0010114), 0x8u);
}

TEST(MsrLocks, Svme_and_svmdis_exclude_each_other) {
  Msrs core(Vendor::amd);
  EXPECT_EQ(core.write(0xC0000080, 0x1000), ok);
  EXPECT_EQ(core.write(0xC0010114, 0x10), illegal);
  EXPECT_EQ(core.write(0xC0000080, 0), ok);
  EXPECT_EQ(core.write(0xC0010114, 0x10), ok);
  EXPECT_EQ(core.write(0xC0000080, 0x1000), illegal);
  EXPECT_EQ(core.write(0xC0000080, 0x1), ok);
}

TEST(MsrLocks, Rtit_while_it_traces) {
  Msrs core(Vendor::intel);
  EXPECT_EQ(core.write(0x580, 0x1000), ok);
  EXPECT_EQ(core.write(0x570, 0x9), ok);
  for (const std::uint32_t index : {0x560u, 0x580u, 0x581u, 0x586u, 0x587u})
    EXPECT_EQ(core.write(index, 0), locked);
  EXPECT_EQ(core.write(0x570, 0x1), illegal); // another bit changes
  EXPECT_EQ(core.write(0x570, 0x9), ok);
  EXPECT_EQ(core.write(0x570, 0x8), ok); // TraceEn alone
  EXPECT_EQ(core.write(0x570, 0x9), ok);
  EXPECT_EQ(core.write(0x570, 0x0), ok); // what stops it may change the rest
  EXPECT_EQ(core.write(0x580, 0x2000), ok);
}

// ---- Modes

TEST(MsrModes, X2apic_registers_in_x2apic_mode_only) { // kvm-unit-tests msr.c, 3.1
  for (const Vendor vendor : vendors) {
    Msrs core(vendor);
    for (const u64 base : {u64{0xFEE00900}, u64{0xFEE00100}}) { // xAPIC, disabled
      ASSERT_EQ(core.write(0x1B, base), ok);
      for (std::uint32_t index = 0x800; index <= 0x8FF; ++index) {
        EXPECT_NE(core.read_cause(index), ok) << hex(index);
        EXPECT_NE(core.write(index, 0), ok) << hex(index);
        EXPECT_NE(core.write(index, every_bit), ok) << hex(index);
      }
    }
    EXPECT_EQ(core.read_cause(0x808), Cause::not_in_mode);
    EXPECT_EQ(core.write(0x808, 0), Cause::not_in_mode);
    EXPECT_EQ(core.read_cause(0x801), unknown);
    ASSERT_EQ(core.write(0x1B, 0xFEE00900), ok);
    ASSERT_EQ(core.write(0x1B, 0xFEE00D00), ok);
    EXPECT_EQ(core.write(0x808, 0x20), ok);
    EXPECT_EQ(core.read(0x808), 0x20u);
    EXPECT_EQ(core.write(0x802, 0), Cause::msr_read_only);
    EXPECT_EQ(core.read_cause(0x80B), Cause::msr_write_only);
    EXPECT_EQ(core.write(0x80B, 0), ok);
    EXPECT_EQ(core.write(0x80B, 1), Cause::msr_reserved_bits);
    EXPECT_EQ(core.write(0x828, 0), ok);
    EXPECT_EQ(core.write(0x828, 1), Cause::msr_reserved_bits);
    for (const u64 value : {u64{0x100}, u64{0xFF00}, u64{0xFF000000}})
      EXPECT_EQ(core.write(0x83F, value), Cause::msr_reserved_bits);
    EXPECT_EQ(core.write(0x83F, 0x40), ok);
    EXPECT_EQ(core.read_cause(0x83F), Cause::msr_write_only);
  }
}

TEST(MsrModes, Moves_of_apic_base) { // 2.7; EN is bit 11, EXTD bit 10
  const u64 disabled = 0xFEE00100, x2apic_without_en = 0xFEE00500, xapic = 0xFEE00900,
            x2apic = 0xFEE00D00;
  const struct {
    u64 from, to;
    Cause cause;
  } moves[] = {
      {disabled, disabled, ok},    {disabled, xapic, ok},
      {disabled, x2apic, illegal}, {disabled, x2apic_without_en, illegal},
      {xapic, disabled, ok},       {xapic, xapic, ok},
      {xapic, x2apic, ok},         {xapic, x2apic_without_en, illegal},
      {x2apic, disabled, ok},      {x2apic, xapic, illegal},
      {x2apic, x2apic, ok},        {x2apic, x2apic_without_en, illegal},
  };
  for (const Vendor vendor : vendors)
    for (const auto& [from, to, cause] : moves) {
      Msrs core(vendor);
      core.state[MsrSlot::apic_base] = from;
      EXPECT_EQ(core.write(0x1B, to), cause) << hex(from) << " to " << hex(to);
    }
}

// X08 of the reports, Linux b8d1d163604b: with LEGACY_XAPIC_DISABLED set EXTD cannot be cleared.
TEST(MsrLocks, X2apic_mode_by_xapic_disable_status) {
  const u64 disabled = 0xFEE00100, xapic = 0xFEE00900, x2apic = 0xFEE00D00, elsewhere = 0xFED00D00;
  const struct {
    u64 status, from, to;
    Cause cause;
  } writes[] = {
      {1, x2apic, disabled, locked},
      {1, x2apic, xapic, locked},
      {1, x2apic, x2apic, ok},
      {1, x2apic, elsewhere, ok},
      {1, xapic, x2apic, ok},
      {1, xapic, disabled, ok}, // nothing is cleared
      {0, x2apic, disabled, ok},
      {2, x2apic, disabled, ok},
      {0, x2apic, xapic, illegal},
      {1, x2apic, xapic | every_bit << 52, locked}, // before its bits
  };
  for (const auto& [status, from, to, cause] : writes) {
    Msrs core(Vendor::intel);
    core.state[MsrSlot::apic_base] = from;
    ASSERT_TRUE(poke_msr(core.cpu, core.state, 0xBD, status, 0));
    EXPECT_EQ(core.write(0x1B, to), cause) << status << ' ' << hex(from) << " to " << hex(to);
    EXPECT_EQ(core.write(0xBD, 0), Cause::msr_read_only);
    EXPECT_EQ(core.write(0x2FF, 0x400), ok); // MTRR_DEF_TYPE has a bit 10, too
    EXPECT_EQ(core.write(0x2FF, 0), ok);
  }
}

TEST(MsrLocks, X2apic_mode_is_left_where_no_register_locks_it) {
  for (const CpuProfile& profile :
       {without(max_profile(Vendor::intel), Feature::xapic_disable), max_profile(Vendor::amd)}) {
    Msrs core(profile);
    core.state[MsrSlot::apic_base] = 0xFEE00D00;
    core.state.msr.front() = 1; // what a look-up that finds nothing might take for BDh
    EXPECT_EQ(core.write(0x1B, 0xFEE00100), ok) << profile.name;
  }
  // A register of the CPU's own at BDh locks nothing.
  CpuProfile odd = without(max_profile(Vendor::intel), Feature::xapic_disable);
  const OwnMsr own{0xBD, "ANOTHER", MsrAccess::read_write, 1, every_bit, 0};
  CpuMsrs msrs;
  msrs.own = {&own, 1};
  odd.msrs = &msrs;
  Msrs core(odd);
  core.state[MsrSlot::apic_base] = 0xFEE00D00;
  EXPECT_EQ(core.read(0xBD), 1u);
  EXPECT_EQ(core.write(0x1B, 0xFEE00100), ok);
}

TEST(MsrModes, Mcg_ext_ctl_needs_lmce_on) {
  Msrs core(Vendor::intel);
  EXPECT_EQ(core.read_cause(0x4D0), Cause::not_in_mode);
  EXPECT_EQ(core.write(0x4D0, 1), Cause::not_in_mode);
  EXPECT_EQ(core.write(0x3A, 0x100000), ok);
  EXPECT_EQ(core.write(0x4D0, 1), ok);
  EXPECT_EQ(core.read(0x4D0), 1u);
}

TEST(MsrModes, Smrr_outside_smm) {
  Msrs core(Vendor::intel);
  EXPECT_EQ(core.read_cause(0x1F2), ok);
  EXPECT_EQ(core.write(0x1F2, 0), Cause::not_in_mode);
}

// ---- Values

// AMD's fixed MTRRs, bits 4:3 of each byte. (APM vol. 2 7.9.1; coreboot)
TEST(MsrValues, Dram_attributes_of_fixed_mtrrs) {
  for (const char* profile : {"amd-fam15h", "amd-zen1"}) {
    Msrs core(*find_cpu_profile(profile));
    EXPECT_EQ(core.write(0x250, 0x1E1E1E1E1E1E1E1E), illegal);
    EXPECT_EQ(core.write(0xC0010010, 0x80000), ok); // MtrrFixDramModEn
    EXPECT_EQ(core.write(0x250, 0x1E1E1E1E1E1E1E1E), ok);
    EXPECT_EQ(core.read(0x250), 0x1E1E1E1E1E1E1E1Eu);
    EXPECT_EQ(core.write(0x26F, 0x18), ok);
    EXPECT_EQ(core.write(0x26F, 0x1A), illegal); // type 2
    EXPECT_EQ(core.write(0x26F, 0x20), Cause::msr_reserved_bits);
  }
  Msrs intel_core(Vendor::intel);
  EXPECT_EQ(intel_core.write(0x250, 0x18), Cause::msr_reserved_bits);
}

// kvm-unit-tests 13a12056
TEST(MsrValues, Flush_command_on_skylake_drops_what_is_reserved) {
  Msrs skylake(with(*find_cpu_profile("intel-skylake"), Feature::flush_l1d));
  EXPECT_EQ(skylake.write(0x10B, 1), ok);
  EXPECT_EQ(skylake.write(0x10B, 2), ok);
  Msrs other(*find_cpu_profile("intel-emerald-rapids"));
  EXPECT_EQ(other.write(0x10B, 1), ok);
  EXPECT_EQ(other.write(0x10B, 2), Cause::msr_reserved_bits);
}

// Linux MSR_AMD64_PERF_CNTR_GLOBAL_STATUS_CLR and _SET
TEST(MsrValues, Companions_of_the_global_status) {
  Msrs core(*find_cpu_profile("amd-zen5"));
  EXPECT_EQ(core.write(0xC0000303, 0x2F), ok);
  EXPECT_EQ(core.read(0xC0000300), 0x2Fu);
  EXPECT_EQ(core.write(0xC0000302, 0x21), ok);
  EXPECT_EQ(core.read(0xC0000300), 0x0Eu);
  EXPECT_EQ(core.read(0xC0000302), 0u);
  EXPECT_EQ(core.read(0xC0000303), 0u);
}

// VB: AMD's 0h and 1h are MC0_ADDR and MC0_STATUS; SDM: A_PMC0 is PMC0 with every bit written.
TEST(MsrValues, Other_names_of_registers) {
  Msrs amd_core(*find_cpu_profile("amd-zen1"));
  EXPECT_EQ(amd_core.write(0, 0x1234), ok);
  EXPECT_EQ(amd_core.read(0x402), 0x1234u);
  EXPECT_EQ(amd_core.write(1, 1), illegal); // as MC0_STATUS
  Msrs intel_core(*find_cpu_profile("intel-sandybridge"));
  EXPECT_EQ(intel_core.write(0x4C2, 0x123456789ABC), ok);
  EXPECT_EQ(intel_core.read(0xC2), 0x123456789ABCu);
  EXPECT_EQ(intel_core.read(0xC1), 0u);
  EXPECT_EQ(intel_core.write(0x4C1, u64{1} << 48), Cause::msr_reserved_bits);
  Msrs fx(*find_cpu_profile("amd-fam15h")); // C0010000h, 4h: C0010200h, 201h
  EXPECT_EQ(fx.write(0xC0010001, 0x530076), ok);
  EXPECT_EQ(fx.read(0xC0010202), 0x530076u);
  EXPECT_EQ(fx.write(0xC0010007, 0x99), ok);
  EXPECT_EQ(fx.read(0xC0010207), 0x99u);
}

// VB Core 2 X6800: FF0h of FFFF0FF0h
TEST(MsrValues, Backup_of_dr6) {
  Msrs core(*find_cpu_profile("intel-core2"));
  EXPECT_EQ(core.read(0x1E0), 0xFF0u);
  execute(core.cpu, core.state, write_dr(6, 0x4005));
  EXPECT_EQ(core.read(0x1E0), 0x4FF5u);
  EXPECT_EQ(core.write(0x1E0, 0), Cause::msr_read_only);
}

// Formats of last branches: 3 with a mispredict flag (VB i7-3960X), 4 with those of TSX besides (VB
// i7-5600U: 1DDh, gp 1FFF800000000000), 5 without (VB i7-6700K).
TEST(MsrValues, Flags_of_last_branches_are_no_part_of_the_address) {
  const auto non_canonical = Cause::msr_non_canonical;
  Msrs sandybridge(*find_cpu_profile("intel-sandybridge"));
  EXPECT_EQ(sandybridge.write(0x680, 0x8000000000001000), ok);
  EXPECT_EQ(sandybridge.write(0x680, 0x7FFFF880093814EA), ok);
  EXPECT_EQ(sandybridge.write(0x680, 0x0000800000000000), non_canonical);
  EXPECT_EQ(sandybridge.write(0x680, 0xBFFFF880093814EA), non_canonical); // bit 62 is the address's
  EXPECT_EQ(sandybridge.write(0x6C0, 0x8000000000001000), non_canonical); // no flags in TO
  Msrs broadwell(*find_cpu_profile("intel-i7-5600u"));
  for (const u64 flags : {u64{0}, bit(63), bit(62), bit(61), bit(63) | bit(61)}) {
    EXPECT_EQ(broadwell.write(0x680, 0x1000 | flags), ok);
    EXPECT_EQ(broadwell.write(0x1DD, 0x1000 | flags), ok);
  }
  EXPECT_EQ(broadwell.write(0x680, 0x1000 | bit(60)), non_canonical);
  Msrs skylake(*find_cpu_profile("intel-skylake"));
  EXPECT_EQ(skylake.write(0x680, 0x8000000000001000), non_canonical);
}

TEST(MsrValues, Machine_check_banks) { // kvm-unit-tests msr.c, 3.1; 6.4: 401 := 1
  const u64 non_canonical = 0xAAAAAAAAAAAAAAAA;
  for (const Vendor vendor : vendors) {
    Msrs core(*find_cpu_profile(vendor == Vendor::intel ? "intel-skylake" : "amd-k8"));
    const unsigned banks = static_cast<unsigned>(core.read(0x179) & 0xFF);
    ASSERT_EQ(banks, vendor == Vendor::intel ? 10u : 5u);
    for (std::uint32_t bank = 0; bank < 32; ++bank) {
      const std::uint32_t ctl = 0x400 + 4 * bank, status = ctl + 1, address = ctl + 2,
                          misc = ctl + 3;
      if (bank >= banks) {
        for (const std::uint32_t index : {ctl, status, address, misc}) {
          EXPECT_EQ(core.read_cause(index), unknown);
          EXPECT_EQ(core.write(index, 0), unknown);
        }
        continue;
      }
      EXPECT_EQ(core.write(ctl, 0), ok);
      EXPECT_EQ(core.write(ctl, every_bit), ok);
      EXPECT_EQ(core.write(ctl, every_bit & ~bit(10)), ok);
      EXPECT_EQ(core.write(ctl, every_bit & ~bit(0)), ok);
      // AMD: a bit each (illumos ao_mca.c)
      EXPECT_EQ(core.write(ctl, non_canonical), vendor == Vendor::intel ? illegal : ok);
      EXPECT_EQ(core.write(ctl, 0x7F), vendor == Vendor::intel ? illegal : ok);
      EXPECT_EQ(core.write(status, 0), ok);
      EXPECT_EQ(core.write(status, 1), illegal);
      for (const u64 value : {u64{0}, every_bit, non_canonical}) {
        EXPECT_EQ(core.write(address, value), ok);
        EXPECT_EQ(core.read(address), value);
        EXPECT_EQ(core.write(misc, value), ok);
      }
    }
  }
}

TEST(MsrValues, Lbr_depth) { // CPUID.1Ch:EAX[7:0]; of a Xeon 8570 0Bh (libcpuid)
  Msrs xeon(*find_cpu_profile("intel-emerald-rapids"));
  for (const u64 depth : {8u, 16u, 32u})
    EXPECT_EQ(xeon.write(0x14CF, depth), ok) << depth;
  for (const u64 depth : {0u, 7u, 9u, 24u, 40u, 56u, 64u, 72u, 127u})
    EXPECT_NE(xeon.write(0x14CF, depth), ok) << depth;
  Msrs core(Vendor::intel);
  for (const u64 depth : {8u, 16u, 32u, 64u})
    EXPECT_EQ(core.write(0x14CF, depth), ok) << depth;
  for (const u64 depth : {0u, 1u, 12u, 72u})
    EXPECT_NE(core.write(0x14CF, depth), ok) << depth;
}

// XD disable is MISC_ENABLE[34], SDM vol. 4.
TEST(MsrValues, No_nxe_while_xd_is_disabled) {
  Msrs core(Vendor::intel);
  EXPECT_EQ(core.write(0xC0000080, 0x800), ok);
  EXPECT_EQ(core.write(0xC0000080, 0), ok);
  EXPECT_EQ(core.write(0x1A0, 0x400000000), ok);
  EXPECT_EQ(core.write(0xC0000080, 0x800), illegal);
  EXPECT_EQ(core.write(0xC0000080, 1), ok);
}

// Bit 18 of the LVT timer is TSC deadline, which AMD does not have.
TEST(MsrValues, Lvt_timer_modes_by_vendor) {
  for (const Vendor vendor : {Vendor::intel, Vendor::amd}) {
    Msrs core(vendor);
    EXPECT_EQ(core.write(0x1B, 0xFEE00C00), ok);
    EXPECT_EQ(core.write(0x832, 0x200EC), ok);
    EXPECT_EQ(core.write(0x832, 0x400EC), vendor == Vendor::intel ? ok : Cause::msr_reserved_bits);
  }
}

TEST(MsrValues, Mci_status_with_mc_status_wr_en) { // 6.3: "unless HWCR[18]"
  Msrs core(Vendor::amd);
  EXPECT_EQ(core.write(0x401, 0x8000000000000001), illegal);
  EXPECT_EQ(core.write(0xC0010015, 0x40000), ok);
  EXPECT_EQ(core.write(0x401, 0x8000000000000001), ok);
  EXPECT_EQ(core.read(0x401), 0x8000000000000001u);
  EXPECT_EQ(core.write(0x401, 0), ok);
  EXPECT_EQ(core.read(0x401), 0u);
}

TEST(MsrValues, Memory_types_of_mtrrs) { // 6.4: 2FF, 201
  for (const Vendor vendor : vendors) {
    Msrs core(vendor);
    EXPECT_EQ(core.write(0x2FF, 0xC02), illegal);
    EXPECT_EQ(core.write(0x2FF, 0x406), ok);
    EXPECT_EQ(core.write(0x2FF, 0x1000), Cause::msr_reserved_bits);
    EXPECT_EQ(core.write(0x201, 0x800), ok);
    EXPECT_EQ(core.write(0x201, 0x400), Cause::msr_reserved_bits);
    for (unsigned type = 0; type < 8; ++type) {
      const Cause cause = type == 2 || type == 3 || type == 7 ? illegal : ok;
      EXPECT_EQ(core.write(0x200, 0x1000 | type), cause) << type;
      EXPECT_EQ(core.write(0x2FF, 0x800 | type), cause) << type;
      for (unsigned position = 0; position < 64; position += 8)
        EXPECT_EQ(core.write(0x26F, u64{type} << position), cause) << type;
    }
  }
}

// A type has eight bits in its byte; 8 and above are none, whatever bits 2:0 say.
TEST(MsrValues, Memory_types_of_more_than_three_bits) {
  for (const Vendor vendor : vendors) {
    Msrs core(vendor);
    for (unsigned type = 8; type < 0x100; ++type) {
      SCOPED_TRACE(type);
      EXPECT_NE(core.write(0x200, 0x1000 | type), ok);
      EXPECT_NE(core.write(0x2FF, 0x800 | type), ok);
      for (unsigned position = 0; position < 64; position += 8) {
        EXPECT_NE(core.write(0x26F, u64{type} << position), ok);
        EXPECT_NE(core.write(0x277, u64{type} << position), ok);
      }
    }
  }
}

// The same of registers without a reserved bit, where only the rule of types is in the way.
TEST(MsrValues, Memory_types_without_reserved_bits) {
  const MsrDeviation open[] = {
      {0x200, MsrAccess::read_write, ~u64{0}, 0},
      {0x26F, MsrAccess::read_write, ~u64{0}, 0},
      {0x277, MsrAccess::read_write, ~u64{0}, 0},
      {0x2FF, MsrAccess::read_write, ~u64{0}, 0},
  };
  for (const Vendor vendor : vendors) {
    CpuProfile profile = max_profile(vendor);
    CpuMsrs msrs;
    msrs.deviations = {open, std::size(open)};
    profile.msrs = &msrs;
    Msrs core(profile);
    for (unsigned type = 0; type < 0x100; ++type) {
      SCOPED_TRACE(type);
      const bool of_mtrr = type <= 1 || (type >= 4 && type <= 6); // SDM vol. 3 table 11-8
      const bool of_pat = of_mtrr || type == 7;                   // table 11-10
      EXPECT_EQ(core.write(0x200, 0x1000 | type), of_mtrr ? ok : illegal);
      EXPECT_EQ(core.write(0x2FF, 0x800 | type), of_mtrr ? ok : illegal);
      for (unsigned position = 0; position < 64; position += 8) {
        EXPECT_EQ(core.write(0x26F, u64{type} << position), of_mtrr ? ok : illegal);
        EXPECT_EQ(core.write(0x277, u64{type} << position), of_pat ? ok : illegal);
      }
    }
  }
}

TEST(MsrValues, Cet) { // 6.4: 6A4 := 1001, 6A2 := 40, C00
  for (const Vendor vendor : vendors) {
    Msrs core(vendor);
    EXPECT_EQ(core.write(0x6A4, 0x1001), Cause::msr_reserved_bits);
    EXPECT_EQ(core.write(0x6A4, 0x1004), ok);
    EXPECT_EQ(core.write(0x6A2, 0x40), Cause::msr_reserved_bits);
    EXPECT_EQ(core.write(0x6A2, 0xC00), illegal);
    EXPECT_EQ(core.write(0x6A2, 0x400), ok);
    EXPECT_EQ(core.write(0x6A0, 0x800), ok);
    EXPECT_EQ(core.write(0x6A0, bit(63)), vendor == Vendor::intel ? Cause::msr_non_canonical : ok);
  }
}

TEST(MsrValues, Ler_from_has_a_free_bit_63) { // 1.3
  Msrs core(intel());
  EXPECT_EQ(core.write(0x1DD, bit(63)), ok);
  EXPECT_EQ(core.read(0x1DD), bit(63));
  EXPECT_EQ(core.write(0x1DD, 0x7FFFFFFFFFFFFFFF), ok);
  EXPECT_EQ(core.write(0x1DD, bit(62)), Cause::msr_non_canonical);
  EXPECT_EQ(core.write(0x1DD, bit(47)), Cause::msr_non_canonical);
  for (unsigned n = 47; n < 62; ++n) {
    SCOPED_TRACE(n);
    for (const u64 free : {u64{0}, bit(63)}) {
      EXPECT_EQ(core.write(0x1DD, free | bit(n)), Cause::msr_non_canonical);
      EXPECT_EQ(core.write(0x1DD, free | (every_bit >> 1 & ~bit(n))), Cause::msr_non_canonical);
    }
  }
  EXPECT_EQ(core.write(0x1DE, bit(63)), Cause::msr_non_canonical);
  EXPECT_EQ(Msrs(amd()).write(0x1DD, 0), Cause::msr_read_only);
}

// ---- What a write brings with it

TEST(MsrEffects, Tsc_and_tsc_adjust_move_together) {
  for (const Vendor vendor : vendors) {
    Msrs core(vendor);
    EXPECT_EQ(core.write(0x10, 1000), ok);
    EXPECT_EQ(core.read(0x3B), 1000u);
    EXPECT_EQ(core.write(0x3B, 400), ok);
    EXPECT_EQ(core.read(0x10), 400u);
    EXPECT_EQ(core.write(0x3B, every_bit), ok); // signed: -1
    EXPECT_EQ(core.read(0x10), every_bit);
  }
}

// RESET makes the TSC 0 and leaves no adjustment: from then on the two differ.
TEST(MsrEffects, Tsc_adjust_moves_the_tsc_and_does_not_replace_it) {
  for (const Vendor vendor : vendors) {
    Msrs core(vendor);
    const auto at = [&core](u64 now, Request request) {
      request.now = now;
      return execute(core.cpu, core.state, request).outcome.value();
    };
    at(500, of_operation(Operation::reset));
    EXPECT_EQ(at(600, rdmsr_of(0x10)), 100u);
    at(600, wrmsr_of(0x3B, 400));
    EXPECT_EQ(at(600, rdmsr_of(0x10)), 500u);
    at(700, wrmsr_of(0x3B, 300));
    EXPECT_EQ(at(700, rdmsr_of(0x10)), 500u);
    EXPECT_EQ(at(700, rdmsr_of(0x3B)), 300u);
  }
}

TEST(MsrEffects, A_legacy_counter_is_sign_extended) {
  Msrs core(Vendor::intel);
  for (std::uint32_t index = 0xC1; index <= 0xC8; ++index) {
    EXPECT_EQ(core.write(index, 0x1280000000), ok);
    EXPECT_EQ(core.read(index), 0xFFFF80000000u);
    EXPECT_EQ(core.write(index, 0xFFFFFFFF7FFFFFFF), ok);
    EXPECT_EQ(core.read(index), 0x7FFFFFFFu);
  }
}

TEST(MsrEffects, A_pulse_leaves_nothing) {
  Msrs core(Vendor::intel);
  const CoreState before = core.state;
  for (const std::uint32_t index : {0x49u, 0x10Bu, 0x79u})
    EXPECT_EQ(core.write(index, 1), ok);
  EXPECT_TRUE(same(core.state, before));
}

TEST(MsrEffects, Physical_addresses_end_at_maxphyaddr) { // 6.1: PHYS
  for (const unsigned width : {32u, 36u, 39u, 48u, 52u}) {
    CpuProfile profile = max_profile(Vendor::intel);
    profile.physical_address_bits = static_cast<std::uint8_t>(width);
    Msrs faults(profile);
    EXPECT_EQ(faults.write(0x200, bit(width - 1)), ok);
    EXPECT_EQ(faults.write(0x200, bit(width)), Cause::msr_reserved_bits);
    profile = max_profile(Vendor::amd);
    profile.physical_address_bits = static_cast<std::uint8_t>(width);
    Msrs drops(profile);
    EXPECT_EQ(drops.write(0xC001001A, bit(width - 1) | bit(width)), ok);
    EXPECT_EQ(drops.read(0xC001001A), bit(width - 1));
    EXPECT_EQ(drops.write(0xC0010117, bit(width)), Cause::msr_reserved_bits);
  }
}

// ---- Random operations

TEST(MsrRandom, A_write_that_faults_and_a_read_change_nothing) {
  for (const CpuProfile& profile : cpu_profiles) {
    Msrs core(profile);
    std::vector<std::uint32_t> indices{0, 0x12345, 0x40000000, 0xC0010017};
    for (const ResolvedMsr& msr : core.cpu.msrs)
      indices.push_back(msr.index);
    std::mt19937_64 random(1);
    for (unsigned n = 0; n < 5000; ++n) {
      const std::uint32_t index = indices[random() % indices.size()];
      const u64 value = random() >> random() % 64;
      core.write(index, n % 2 == 0 ? value : value & random()); // compares the whole state
      const CoreState before = core.state;
      core.read_cause(index);
      ASSERT_TRUE(same(core.state, before)) << profile.name << ' ' << hex(index);
    }
  }
}

} // namespace
} // namespace icebp::test
