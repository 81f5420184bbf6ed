// Intercepted exceptions.

#include <icebp/testbench/tests/rules/guest/intercept_checks.h>

namespace icebp::test {
namespace {

using namespace intercept;

// ---- Intercepted #DB: 6, 7.1, 7.2, 10.3 ---------------------------------------------------------

// kvm-unit-tests vmx_db_test: DR6, DR7.GD and DEBUGCTL keep what they had, nothing stays pending,
// the qualification is the payload.
TEST(VmxDb, The_exit_carries_the_payload_and_no_register_changes) {
  const VmxControls vmx = vmx_exception(db);
  CoreState state = power_up(intel_cpu());
  execute(intel_cpu(), state, wrmsr_of(0x1D9, 3)); // LBR and BTF
  execute(intel_cpu(), state, write_dr(6, 0xFFFF4FF3));
  execute(intel_cpu(), state, write_dr(7, 0x2401));
  const CoreState before = state;
  const Outcome outcome = execute(intel_cpu(), state, in_guest(read_dr(0), vmx)).outcome;
  EXPECT_TRUE(is_vmx_exit(outcome, Cause::general_detect, 0, 0x2000, 0x80000301, none));
  EXPECT_TRUE(same(state, before));
  EXPECT_EQ(state[MsrSlot::debugctl], 3u);
}

TEST(VmxDb, At_any_privilege_level) {
  const VmxControls vmx = vmx_exception(db);
  EXPECT_TRUE(is_vmx_exit(run(intel_cpu(), in_guest(at_cpl(read_dr(0), 3), vmx), true),
                          Cause::general_detect, 0, 0x2000, 0x80000301, none));
}

// Table 27-1 and newer bits: B3-B0, BLD, BD, BS and RTM; BT is not among them, bit 12 is never set.
TEST(VmxDb, Qualification_bit_by_bit) {
  for (unsigned n = 0; n < 17; ++n) {
    if ((0x1E80F >> n & 1) == 0) // no bit of a payload
      continue;
    Outcome outcome;
    outcome.kind = OutcomeKind::exit;
    outcome.cause = Cause::held_trap;
    outcome.vector = Vector::db;
    outcome.data = bit(n);
    EXPECT_TRUE(is_vmx_exit(outcome, Cause::held_trap, 0, n == 15 ? 0 : bit(n), 0x80000301, none));
  }
}

TEST(SvmDb, Is_delivered_first) { // VMCB.DR6 and VMCB.DR7 are those of after the #DB
  const SvmControls svm = svm_exception(db);
  CoreState state = prepared_dr(true);
  state[MsrSlot::debugctl] = 0x3F;
  CoreState expected = state;
  expected.dr[6] = 0xFFFF6FF0;
  expected.dr[7] = 0x455;
  expected[MsrSlot::debugctl] = 0x3C;
  EXPECT_TRUE(is_svm_exit(execute(amd_cpu(), state, in_guest(read_dr(0), svm)).outcome,
                          Cause::general_detect, 0x41, none));
  EXPECT_TRUE(same(state, expected));
}

TEST(SvmDb, Of_int1) { // B0-B3 are kept: 2.3
  const SvmControls svm = svm_exception(db);
  CoreState state = prepared_dr(true);
  CoreState expected = state;
  expected.dr[7] = 0x455;
  EXPECT_TRUE(is_svm_exit(execute(amd_cpu(), state, in_guest(int1_instruction(), svm)).outcome,
                          Cause::int1, 0x41, none));
  EXPECT_TRUE(same(state, expected));
}

TEST(InterceptedDb, Where_it_waits) { // between queueing and delivery nothing has changed
  const VmxControls vmx = vmx_exception(db);
  const SvmControls svm = svm_exception(db);
  const struct {
    const CpuModel& cpu;
    Request request;
    Destination destination;
  } cases[] = {{intel_cpu(), in_guest(read_dr(0), vmx), Destination::vmx_exit},
               {amd_cpu(), in_guest(read_dr(0), svm), Destination::svm_exit},
               {intel_cpu(), into_firmware(read_dr(0)), Destination::firmware},
               {intel_cpu(), read_dr(0), Destination::handler}};
  for (const auto& one : cases) {
    CoreState state = prepared_dr(true);
    queue_exception(one.cpu, state, one.request, decide(one.cpu, state, one.request));
    EXPECT_EQ(state.pending.destination, one.destination);
    EXPECT_EQ(state.pending.payload, 0x2000u);
    EXPECT_EQ(state.dr, prepared_dr(true).dr);
    deliver_exception(one.cpu, state);
    EXPECT_FALSE(state.pending.is_valid());
  }
}

// An open point (docs/open-points.md): the hypervisor is asked first.
TEST(InterceptedDb, The_hypervisor_comes_before_debug_firmware) {
  const VmxControls vmx = vmx_exception(db);
  CoreState state = prepared_dr(true);
  const Request request = into_firmware(in_guest(read_dr(0), vmx));
  EXPECT_TRUE(is_exit(execute(intel_cpu(), state, request).outcome, Cause::general_detect));
  EXPECT_FALSE(state.redirected.valid);
}

// ---- Other exceptions ---------------------------------------------------------------------------

Request faults_with_gp() { return at_cpl(rdmsr_of(0x174), 3); }
Request faults_with_ud() { return with_fault(read_dr(0), Cause::lock_prefix); }
Request faults_with_pf() {
  Request request = of_operation(Operation::page_fault);
  request.value = 0xFFFF800012345678;
  request.error_code = 0x8015;
  return request;
}

TEST(VmxException, Interruption_information) { // vector, type 3, error code valid (11), valid (31)
  const VmxControls on_gp = vmx_exception(gp), on_ud = vmx_exception(ud), on_pf = vmx_exception(pf);
  EXPECT_TRUE(is_vmx_exit(run(intel_cpu(), in_guest(faults_with_gp(), on_gp)), Cause::cpl, 0, none,
                          0x80000B0D, 0));
  EXPECT_TRUE(is_vmx_exit(run(intel_cpu(), in_guest(faults_with_ud(), on_ud)), Cause::lock_prefix,
                          0, none, 0x80000306, none));
  EXPECT_TRUE(is_vmx_exit(run(intel_cpu(), in_guest(faults_with_pf(), on_pf)), Cause::page_fault, 0,
                          0xFFFF800012345678, 0x80000B0E, 0x8015));
}

TEST(SvmException, Exit_codes) { // 40h + vector; EXITINFO1: error code; #PF: EXITINFO2 the address
  const SvmControls on_gp = svm_exception(gp), on_ud = svm_exception(ud), on_pf = svm_exception(pf);
  EXPECT_TRUE(is_svm_exit(run(amd_cpu(), in_guest(faults_with_gp(), on_gp)), Cause::cpl, 0x4D, 0));
  EXPECT_TRUE(is_svm_exit(run(amd_cpu(), in_guest(faults_with_ud(), on_ud)), Cause::lock_prefix,
                          0x46, none));
  EXPECT_TRUE(is_svm_exit(run(amd_cpu(), in_guest(faults_with_pf(), on_pf)), Cause::page_fault,
                          0x4E, 0x8015, 0xFFFF800012345678));
}

TEST(InterceptedException, Changes_no_register) { // CR2 of a #PF neither
  for (const Request& request : {faults_with_gp(), faults_with_ud(), faults_with_pf()}) {
    VmxControls vmx;
    vmx.exceptions = 0xFFFFFFFF;
    VmxMsrBitmaps bitmaps;
    vmx.msr_bitmaps = &bitmaps;
    SvmControls svm;
    svm.exceptions = 0xFFFFFFFF;
    for (const auto& [cpu, guest] :
         {std::pair{&intel_cpu(), in_guest(request, vmx)}, {&amd_cpu(), in_guest(request, svm)}}) {
      CoreState state = prepared_dr(true);
      state[MsrSlot::debugctl] = 3;
      const CoreState before = state;
      EXPECT_EQ(execute(*cpu, state, guest).outcome.kind, OutcomeKind::exit);
      EXPECT_TRUE(same(state, before));
    }
  }
}

TEST(InterceptedException, By_its_own_bit_alone) {
  const struct {
    Request request;
    unsigned vector;
  } cases[] = {{in_mode(read_dr(0), Mode::long_mode, 0), db},
               {faults_with_ud(), ud},
               {at_cpl(rdmsr_of(0x174), 3), gp},
               {faults_with_pf(), pf}};
  for (const auto& one : cases)
    for (unsigned n = 0; n < 32; ++n) {
      SCOPED_TRACE("vector " + std::to_string(one.vector) + " bit " + std::to_string(n));
      const VmxControls vmx = vmx_exception(n);
      const SvmControls svm = svm_exception(n);
      const auto exits = n == one.vector ? OutcomeKind::exit : OutcomeKind::fault;
      EXPECT_EQ(run(intel_cpu(), in_guest(one.request, vmx), true).kind, exits);
      EXPECT_EQ(run(amd_cpu(), in_guest(one.request, svm), true).kind, exits);
    }
}

TEST(InterceptedException, No_exception_no_exit) {
  VmxControls vmx;
  vmx.exceptions = 0xFFFFFFFF;
  SvmControls svm;
  svm.exceptions = 0xFFFFFFFF;
  EXPECT_TRUE(is_retired(run(intel_cpu(), in_guest(write_dr(0, 0), vmx))));
  EXPECT_TRUE(is_retired(run(amd_cpu(), in_guest(write_dr(0, 0), svm))));
}

} // namespace
} // namespace icebp::test
