#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_c0010015[] = {
    {F::cpuid_user_disable, 0x0000000800000000, drop}, // CpuidUserDis
};

constexpr unsigned smm_lock = 0; // of HWCR

bool is_locked_by_hwcr(const CoreState& state, std::uint64_t) {
  return is_set(state[MsrSlot::hwcr], smm_lock);
}

// SmmLock stays once it is 1.
void write_hwcr(CoreState&, std::uint64_t& own, const MsrWritten& written) {
  own |= written.old_value & 1u << smm_lock;
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000034, intel, "MSR_SMI_COUNT",                   F::platform_info,             0,                  0,                  all,                ro,  keep, "VB, KVM msrs.c"},
    {0xC0010015, amd,   "HWCR",                            F::msr,                       0,                  0x0000000876FF9FFF, 0,                  rw,  keep, "VB Ryzen 1800X, KVM msrs.c, LX", as(bits(bits_of_c0010015), write_hwcr, MsrSlot::hwcr)},
    {0xC0010111, amd,   "SMM_BASE",                        F::msr,                       0x30000,            low,                0,                  rw,  keep, "VB Ryzen 1800X", as(is_locked_by_hwcr)},
    {0xC0010112, amd,   "SMM_ADDR",                        F::msr,                       0,                  0x000FFFFFFFFE0000, 0,                  rw,  keep, "VB Ryzen 1800X", as(is_locked_by_hwcr, physical)},
    {0xC0010113, amd,   "SMM_MASK",                        F::msr,                       0,                  0x000FFFFFFFFE773F, 0,                  rw,  keep, "VB Ryzen 1800X", as(is_locked_by_hwcr, physical)},
    // clang-format on
};

} // namespace

const Table<MsrRow> hwcr_and_smm_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
