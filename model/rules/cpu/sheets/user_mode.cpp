#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x0000001C, intel, "IA32_USER_MSR_CTL",               F::user_msr,                  0,                  0xFFFFFFFFFFFFF001, 0x0000000000000FFE, rw,  init, "BX msr.cc", as(canonical, MsrSlot::user_msr_ctl)},
    {0x0000002F, intel, "IA32_BARRIER",                    F::msrlist,                   0,                  0,                  all,                ro,  keep, "BX msr.cc, WP"},
    {0x00000985, intel, "IA32_UINTR_RR",                   F::uintr,                     0,                  all,                0,                  rw,  init, "BX"},
    {0x00000986, intel, "IA32_UINTR_HANDLER",              F::uintr,                     0,                  all,                0,                  rw,  init, "BX, SDM", as(canonical)},
    {0x00000987, intel, "IA32_UINTR_STACKADJUST",          F::uintr,                     0,                  all,                0,                  rw,  init, "BX", as(canonical)},
    {0x00000988, intel, "IA32_UINTR_MISC",                 F::uintr,                     0,                  0x000000FFFFFFFFFF, 0xFFFFFF0000000000, rw,  init, "BX"},
    {0x00000989, intel, "IA32_UINTR_PD",                   F::uintr,                     0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  init, "BX", as(canonical)},
    {0x0000098A, intel, "IA32_UINTR_TT",                   F::uintr,                     0,                  0xFFFFFFFFFFFFFFF1, 0x000000000000000E, rw,  init, "BX", as(canonical)},
    // clang-format on
};

} // namespace

const Table<MsrRow> user_mode_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
