#include <icebp/model/rules/cpu/msr_columns.h>
#include <icebp/model/rules/registers/apic_base.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr MsrBitGate bits_of_1b_amd[] = {
    {F::x2apic, 0x0000000000000400}, // EXTD
};
constexpr MsrBitGate bits_of_1b[] = {
    {F::x2apic, 0x0000000000000400}, // EXTD
};
constexpr MsrBitGate bits_of_832[] = {
    {F::tsc_deadline, 0x0000000000040000}, // TSC deadline
};

constexpr MsrRange eight{8};

bool is_in_x2apic_mode(const CoreState& state, unsigned) {
  return apic_base::is_x2apic(state[MsrSlot::apic_base]);
}

// The moves between disabled, xAPIC and x2APIC that exist. (SDM vol. 3 10.12.5)
bool is_legal_apic_base(const MsrWrite& write) {
  return apic_base::is_legal_move(write.old_value, write.value);
}

std::uint64_t bsp_flag(const CoreIdentity& identity, std::uint64_t reset) {
  return identity.bsp ? reset : reset & ~apic_base::bsp::mask;
}
std::uint64_t apic_id(const CoreIdentity& identity, std::uint64_t) { return identity.apic_id; }
std::uint64_t logical_apic_id(const CoreIdentity& identity, std::uint64_t) {
  return identity.logical_apic_id();
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x0000001B, amd,   "APIC_BASE",                       F::apic,                      0xFEE00900,         0x000FFFFFFFFFFD00, 0xFFF00000000002FF, rw,  keep, "VB Ryzen 1800X", as(MsrSlot::apic_base, is_legal_apic_base, bsp_flag, physical, bits(bits_of_1b_amd))},
    {0x0000001B, intel, "IA32_APIC_BASE",                  F::apic,                      0xFEE00900,         0x000FFFFFFFFFFD00, 0xFFF00000000002FF, rw,  keep, "VB i7-6700K, KVM lapic.c, BX", as(MsrSlot::apic_base, is_legal_apic_base, bsp_flag, physical, bits(bits_of_1b))},
    {0x000000BD, intel, "IA32_XAPIC_DISABLE_STATUS",       F::xapic_disable,             0,                  1,                  ~std::uint64_t{1},  ro,  keep, "LX, SDM"}, // bit 0: by firmware
    {0x00000802, both,  "X2APIC_ID",                       F::x2apic,                    0,                  0,                  all,                ro,  init, "KUT msr.c, BX, SDM 10.12", as(is_in_x2apic_mode, nonserializing, apic_id)},
    {0x00000803, both,  "X2APIC_VERSION",                  F::x2apic,                    0x00050014,         0,                  all,                ro,  init, "SDM 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000808, both,  "X2APIC_TPR",                      F::x2apic,                    0,                  0x00000000000000FF, 0xFFFFFFFFFFFFFF00, rw,  init, "KUT msr.c, SDM 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x0000080A, both,  "X2APIC_PPR",                      F::x2apic,                    0,                  0,                  all,                ro,  init, "SDM 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x0000080B, both,  "X2APIC_EOI",                      F::x2apic,                    0,                  0,                  all,                wo,  init, "KUT msr.c", as(is_in_x2apic_mode, nonserializing)},
    {0x0000080D, both,  "X2APIC_LDR",                      F::x2apic,                    0,                  0,                  all,                ro,  init, "SDM 10.12", as(is_in_x2apic_mode, nonserializing, logical_apic_id)},
    {0x0000080F, both,  "X2APIC_SIVR",                     F::x2apic,                    0xFF,               0x00000000000011FF, 0xFFFFFFFFFFFFEE00, rw,  init, "SDM 10.9, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000810, both,  "X2APIC_ISR0",                     F::x2apic,                    0,                  0,                  all,                ro,  init, "SDM 10.12", as(is_in_x2apic_mode, nonserializing, eight)},
    {0x00000818, both,  "X2APIC_TMR0",                     F::x2apic,                    0,                  0,                  all,                ro,  init, "SDM 10.12", as(is_in_x2apic_mode, nonserializing, eight)},
    {0x00000820, both,  "X2APIC_IRR0",                     F::x2apic,                    0,                  0,                  all,                ro,  init, "SDM 10.12", as(is_in_x2apic_mode, nonserializing, eight)},
    {0x00000828, both,  "X2APIC_ESR",                      F::x2apic,                    0,                  all,                all,                rw,  init, "SDM 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x0000082F, both,  "X2APIC_LVT_CMCI",                 F::x2apic,                    0x10000,            0x00000000000107FF, 0xFFFFFFFFFFFEE800, rw,  init, "SDM 10.5.1, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000830, both,  "X2APIC_ICR",                      F::x2apic,                    0,                  0xFFFFFFFF000CDFFF, 0x00000000FFF32000, rw,  init, "KVM lapic.c, KUT msr.c", as(is_in_x2apic_mode, nonserializing)},
    {0x00000832, amd,   "X2APIC_LVT_TIMER",                F::x2apic,                    0x10000,            0x00000000000300FF, 0xFFFFFFFFFFFCEF00, rw,  init, "SDM 10.5.1, 10.12, KVM lapic.c", as(is_in_x2apic_mode, nonserializing)},
    {0x00000832, intel, "X2APIC_LVT_TIMER",                F::x2apic,                    0x10000,            0x00000000000700FF, 0xFFFFFFFFFFF8EF00, rw,  init, "SDM 10.5.1, 10.12", as(is_in_x2apic_mode, nonserializing, bits(bits_of_832))},
    {0x00000833, both,  "X2APIC_LVT_THERMAL",              F::x2apic,                    0x10000,            0x00000000000107FF, 0xFFFFFFFFFFFEE800, rw,  init, "SDM 10.5.1, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000834, both,  "X2APIC_LVT_PMI",                  F::x2apic,                    0x10000,            0x00000000000107FF, 0xFFFFFFFFFFFEE800, rw,  init, "SDM 10.5.1, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000835, both,  "X2APIC_LVT_LINT0",                F::x2apic,                    0x10000,            0x000000000001A7FF, 0xFFFFFFFFFFFE0800, rw,  init, "SDM 10.5.1, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000836, both,  "X2APIC_LVT_LINT1",                F::x2apic,                    0x10000,            0x000000000001A7FF, 0xFFFFFFFFFFFE0800, rw,  init, "SDM 10.5.1, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000837, both,  "X2APIC_LVT_ERROR",                F::x2apic,                    0x10000,            0x00000000000100FF, 0xFFFFFFFFFFFEEF00, rw,  init, "SDM 10.5.1, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000838, both,  "X2APIC_INITIAL_COUNT",            F::x2apic,                    0,                  low,                high,               rw,  init, "SDM 10.5.4, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x00000839, both,  "X2APIC_CURRENT_COUNT",            F::x2apic,                    0,                  0,                  all,                ro,  init, "SDM 10.5.4, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x0000083E, both,  "X2APIC_DIV_CONF",                 F::x2apic,                    0,                  0x000000000000000B, 0xFFFFFFFFFFFFFFF4, rw,  init, "SDM 10.5.4, 10.12", as(is_in_x2apic_mode, nonserializing)},
    {0x0000083F, both,  "X2APIC_SELF_IPI",                 F::x2apic,                    0,                  0,                  0xFFFFFFFFFFFFFF00, wo,  init, "KUT msr.c", as(is_in_x2apic_mode, nonserializing)},
    // clang-format on
};

} // namespace

const Table<MsrRow> apic_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
