#include <icebp/model/rules/cpu/msr_columns.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_6a0[] = {
    {F::shstk, 0x0000000000000003},
    {F::ibt, 0xFFFFFFFFFFFFFC3C},
};
constexpr MsrBitGate bits_of_6a2[] = {
    {F::shstk, 0x0000000000000003},
    {F::ibt, 0xFFFFFFFFFFFFFC3C},
};

// SUPPRESS and TRACKER = WAIT_FOR_ENDBRANCH exclude each other.
bool is_legal_cet(const MsrWrite& write) {
  return !(is_set(write.value, 10) && is_set(write.value, 11));
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x000001CC, both,  "IA32_FRED_RSP0",                  F::fred,                      0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  keep, "BX, KVM FRED series", as(canonical)},
    {0x000001CD, both,  "IA32_FRED_RSP1",                  F::fred,                      0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  keep, "BX, KVM FRED series", as(canonical)},
    {0x000001CE, both,  "IA32_FRED_RSP2",                  F::fred,                      0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  keep, "BX, KVM FRED series", as(canonical)},
    {0x000001CF, both,  "IA32_FRED_RSP3",                  F::fred,                      0,                  0xFFFFFFFFFFFFFFC0, 0x000000000000003F, rw,  keep, "BX, KVM FRED series", as(canonical)},
    {0x000001D0, both,  "IA32_FRED_STKLVLS",               F::fred,                      0,                  all,                0,                  rw,  keep, "BX, KVM FRED series"},
    {0x000001D1, both,  "IA32_FRED_SSP1",                  F::fred,                      0,                  0xFFFFFFFFFFFFFFF8, 0x0000000000000007, rw,  keep, "BX, KVM FRED series", as(canonical)},
    {0x000001D2, both,  "IA32_FRED_SSP2",                  F::fred,                      0,                  0xFFFFFFFFFFFFFFF8, 0x0000000000000007, rw,  keep, "BX, KVM FRED series", as(canonical)},
    {0x000001D3, both,  "IA32_FRED_SSP3",                  F::fred,                      0,                  0xFFFFFFFFFFFFFFF8, 0x0000000000000007, rw,  keep, "BX, KVM FRED series", as(canonical)},
    {0x000001D4, both,  "IA32_FRED_CONFIG",                F::fred,                      0,                  0xFFFFFFFFFFFFF7CB, 0x0000000000000834, rw,  keep, "KVM FRED series, BX", as(canonical)},
    {0x000006A0, both,  "IA32_U_CET",                      any_of(F::shstk, F::ibt),     0,                  0xFFFFFFFFFFFFFC3F, 0x00000000000003C0, rw,  init, "KVM msrs.h, BX cet.cc, KT", as(is_legal_cet, MsrCanonical::checked_on_intel, bits(bits_of_6a0))},
    {0x000006A2, both,  "IA32_S_CET",                      any_of(F::shstk, F::ibt),     0,                  0xFFFFFFFFFFFFFC3F, 0x00000000000003C0, rw,  init, "KVM msrs.h, BX cet.cc, KT", as(is_legal_cet, MsrCanonical::checked_on_intel, bits(bits_of_6a2))},
    {0x000006A4, both,  "IA32_PL0_SSP",                    any_of(F::shstk, F::fred),    0,                  0xFFFFFFFFFFFFFFFC, 0x0000000000000003, rw,  init, "KVM msrs.c, BX, KT", as(canonical)},
    {0x000006A5, both,  "IA32_PL1_SSP",                    F::shstk,                     0,                  0xFFFFFFFFFFFFFFFC, 0x0000000000000003, rw,  init, "KVM msrs.c, BX, KT", as(canonical)},
    {0x000006A6, both,  "IA32_PL2_SSP",                    F::shstk,                     0,                  0xFFFFFFFFFFFFFFFC, 0x0000000000000003, rw,  init, "KVM msrs.c, BX, KT", as(canonical)},
    {0x000006A7, both,  "IA32_PL3_SSP",                    F::shstk,                     0,                  0xFFFFFFFFFFFFFFFC, 0x0000000000000003, rw,  init, "KVM msrs.c, BX, KT", as(canonical)},
    {0x000006A8, both,  "IA32_INTERRUPT_SSP_TABLE_ADDR",   F::shstk,                     0,                  all,                0,                  rw,  init, "KVM msrs.c, BX", as(canonical)},
    // clang-format on
};

} // namespace

const Table<MsrRow> cet_and_fred_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
