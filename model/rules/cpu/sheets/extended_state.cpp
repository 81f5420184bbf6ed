#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_da0_amd[] = {
    {any_of(F::shstk, F::ibt), 0x0000000000001800}, // CET_U, CET_S
};
constexpr MsrBitGate bits_of_da0[] = {
    {F::intel_pt, 0x0000000000000100},
    {F::enqcmd, 0x0000000000000400},                // PASID
    {any_of(F::shstk, F::ibt), 0x0000000000001800}, // CET_U, CET_S
    {F::uintr, 0x0000000000004000},
    {F::arch_lbr, 0x0000000000008000},
};

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x000001C4, intel, "IA32_XFD",                        F::xfd,                       0,                  0x0000000000040000, 0xFFFFFFFFFFFBFFFF, rw,  keep, "KVM msrs.c, LX"},
    {0x000001C5, intel, "IA32_XFD_ERR",                    F::xfd,                       0,                  0x0000000000040000, 0xFFFFFFFFFFFBFFFF, rw,  keep, "KVM msrs.c, LX"},
    {0x000006E1, intel, "IA32_PKRS",                       F::pks,                       0,                  low,                high,               rw,  keep, "QEMU misc_helper.c, WP", as(nonserializing)},
    {0x00000D90, intel, "IA32_BNDCFGS",                    F::mpx,                       0,                  0xFFFFFFFFFFFFF003, 0x0000000000000FFC, rw,  init, "VB i7-6700K, KVM vmx.c, LX, sandpile.org", as(canonical)},
    {0x00000D93, intel, "IA32_PASID",                      F::enqcmd,                    0,                  0x00000000800FFFFF, 0xFFFFFFFF7FF00000, rw,  keep, "LX"},
    {0x00000DA0, amd,   "XSS",                             F::xsaves,                    0,                  0x0000000000001800, 0xFFFFFFFFFFFFE7FF, rw,  init, "VB Ryzen 1800X", as(bits(bits_of_da0_amd))},
    {0x00000DA0, intel, "IA32_XSS",                        F::xsaves,                    0,                  0x000000000001FD00, 0xFFFFFFFFFFFE02FF, rw,  init, "VB i7-6700K, KVM msrs.c, BX", as(bits(bits_of_da0))},
    // clang-format on
};

} // namespace

const Table<MsrRow> extended_state_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
