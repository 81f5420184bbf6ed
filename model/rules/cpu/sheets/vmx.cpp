#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_3a[] = {
    {F::vmx, 0x000000000000FF06}, // VMX, SENTER
    {F::sgx, 0x0000000000060000}, // launch control, SGX
    {F::lmce, 0x0000000000100000},
};

bool is_locked_by_bit_0(const CoreState&, std::uint64_t own) { return is_set(own, 0); }

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x0000003A, intel, "IA32_FEATURE_CONTROL",            any_of(F::vmx, F::sgx, F::lmce),0,                  0x000000000016FF07, 0xFFFFFFFFFFE900F8, rw,  keep, "KVM vmx.c, BX, VB, LX", as(MsrSlot::feature_control, is_locked_by_bit_0, bits(bits_of_3a))},
    {0x0000009B, intel, "IA32_SMM_MONITOR_CTL",            F::vmx,                       0,                  0x00000000FFFFF005, 0xFFFFFFFF00000FFA, smm, keep, "VB, SDM"},
    {0x00000480, intel, "IA32_VMX_BASIC",                  F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000481, intel, "IA32_VMX_PINBASED_CTLS",          F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000482, intel, "IA32_VMX_PROCBASED_CTLS",         F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000483, intel, "IA32_VMX_EXIT_CTLS",              F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000484, intel, "IA32_VMX_ENTRY_CTLS",             F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000485, intel, "IA32_VMX_MISC",                   F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000486, intel, "IA32_VMX_CR0_FIXED0",             F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000487, intel, "IA32_VMX_CR0_FIXED1",             F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000488, intel, "IA32_VMX_CR4_FIXED0",             F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000489, intel, "IA32_VMX_CR4_FIXED1",             F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048A, intel, "IA32_VMX_VMCS_ENUM",              F::vmx,                       0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048B, intel, "IA32_VMX_PROCBASED_CTLS2",        F::vmx_secondary,             0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048C, intel, "IA32_VMX_EPT_VPID_CAP",           F::ept_vpid,                  0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048D, intel, "IA32_VMX_TRUE_PINBASED_CTLS",     F::vmx_true_ctls,             0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048E, intel, "IA32_VMX_TRUE_PROCBASED_CTLS",    F::vmx_true_ctls,             0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x0000048F, intel, "IA32_VMX_TRUE_EXIT_CTLS",         F::vmx_true_ctls,             0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000490, intel, "IA32_VMX_TRUE_ENTRY_CTLS",        F::vmx_true_ctls,             0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000491, intel, "IA32_VMX_VMFUNC",                 F::vmfunc,                    0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000492, intel, "IA32_VMX_PROCBASED_CTLS3",        F::vmx_tertiary,              0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    {0x00000493, intel, "IA32_VMX_EXIT_CTLS2",             F::vmx_exit_ctls2,            0,                  0,                  all,                ro,  keep, "KVM vmx.c, BX"},
    // clang-format on
};

} // namespace

const Table<MsrRow> vmx_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
