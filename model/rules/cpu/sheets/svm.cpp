#include <icebp/model/rules/cpu/msr_columns.h>
#include <icebp/model/rules/registers/efer.h>

namespace icebp {
inline namespace v0_1 {
namespace {

using namespace msr_columns;

constexpr unsigned lock = 3, svmdis = 4; // of VM_CR

// SVMDIS cannot be set beside EFER.SVME, but for a write that LOCK makes drop it.
// (KVM svm_set_vm_cr)
bool is_legal_vm_cr(const MsrWrite& write) {
  return is_set(write.old_value, lock) || !is_set(write.value, svmdis) ||
         efer::svme::get(write.state[MsrSlot::efer]) == 0;
}

// LOCK and SVMDIS stay once LOCK is 1.
void write_vm_cr(CoreState&, std::uint64_t& own, const MsrWritten& written) {
  const std::uint64_t kept = is_set(written.old_value, lock) ? 1u << lock | 1u << svmdis : 0;
  own = (own & ~kept) | (written.old_value & kept);
}

constexpr MsrRow rows[] = {
    // clang-format off
  // index       vendor name                               gate                          reset               writable            gp                  use  INIT  source
    {0xC0010114, amd,   "VM_CR",                           F::svm,                       0,                  0x000000000000001A, 0x00000000FFFFFFE0, rw,  init, "VB Ryzen 1800X, KVM svm_set_vm_cr, BX", as(write_vm_cr, MsrSlot::vm_cr, is_legal_vm_cr)},
    {0xC0010115, amd,   "IGNNE",                           F::svm,                       0,                  0x0000000000000001, 0x00000000FFFFFFFE, rw,  keep, "VB Ryzen 1800X"},
    {0xC0010117, amd,   "VM_HSAVE_PA",                     F::svm,                       0,                  0x000FFFFFFFFFF000, 0xFFF0000000000FFF, rw,  init, "VB Ryzen 1800X, KVM svm.c, QEMU, BX", as(physical)},
    {0xC001011B, amd,   "AVIC_DOORBELL",                   F::avic,                      0,                  0,                  0,                  wo,  init, "VB Ryzen 1800X, LX, WP", as(nonserializing)},
    {0xC0010131, amd,   "SEV_STATUS",                      F::sev,                       0,                  0,                  all,                ro,  keep, "LX, APM vol. 2"},
    // clang-format on
};

} // namespace

const Table<MsrRow> svm_msrs{rows, std::size(rows)};

} // namespace v0_1
} // namespace icebp
