#include <icebp/model/rules/cpu/msr_columns.h>
#include <icebp/model/rules/registers/tsc.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

// The TSC counts on from the value written, and IA32_TSC_ADJUST moves by the same delta. What is
// stored is what was added to the ticks.
std::uint64_t read_tsc(const CoreState& state, std::uint64_t, std::uint64_t now) {
  return tsc::read(state, now);
}
std::uint64_t stored_tsc(std::uint64_t value, std::uint64_t now) { return value - now; }
void write_tsc(CoreState& state, std::uint64_t& own, const MsrWritten& written) {
  own = stored_tsc(own, written.now);
  state[MsrSlot::tsc_adjust] += own - written.old_value;
}
void write_tsc_adjust(CoreState& state, std::uint64_t& own, const MsrWritten& written) {
  state[MsrSlot::tsc] += own - written.old_value;
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0x00000010, both,  "IA32_TIME_STAMP_COUNTER",         F::msr,                       0,                  all,                0,                  rw,  keep, "VB, KVM msrs.c, WP", as(read_tsc, stored_tsc, write_tsc, MsrSlot::tsc)},
    {0x0000003B, both,  "IA32_TSC_ADJUST",                 F::tsc_adjust,                0,                  all,                0,                  rw,  keep, "KVM msrs.c, BX, SDM", as(write_tsc_adjust, MsrSlot::tsc_adjust)},
    {0x000000E1, intel, "IA32_UMWAIT_CONTROL",             F::waitpkg,                   0,                  0x00000000FFFFFFFD, 0xFFFFFFFF00000002, rw,  init, "KVM vmx.c, LX"},
    {0x000000E7, both,  "IA32_MPERF",                      F::aperfmperf,                0,                  all,                0,                  rw,  keep, "VB, BX"},
    {0x000000E8, both,  "IA32_APERF",                      F::aperfmperf,                0,                  all,                0,                  rw,  keep, "VB, BX"},
    {0x000006E0, intel, "IA32_TSC_DEADLINE",               F::tsc_deadline,              0,                  all,                0,                  rw,  init, "KVM lapic.c, WP", as(nonserializing)},
    {0xC0000103, amd,   "TSC_AUX",                         F::rdtscp,                    0,                  low,                0,                  rw,  keep, "VB 5 AMD + Hygon, KT"},
    {0xC0000103, intel, "IA32_TSC_AUX",                    F::rdtscp,                    0,                  low,                high,               rw,  keep, "VB 7 Intel CPUs, KT"},
    {0xC0000104, amd,   "TSC_RATIO",                       F::svm,                       0x0000000100000000, 0x000000FFFFFFFFFF, 0xFFFFFF0000000000, rw,  keep, "VB Ryzen 1800X, KVM svm.c"},
    // clang-format on
};

} // namespace

const Table<MsrRow> tsc_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
