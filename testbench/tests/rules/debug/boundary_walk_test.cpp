// Random lives of instructions, put to the machine and to the reference at once.

#include <icebp/testbench/tests/rules/debug/boundary_reference.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <iterator>
#include <random>

namespace icebp::test {
namespace {

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
constexpr unsigned steps_in_all = 200'000;
#else
constexpr unsigned steps_in_all = 20'000;
#endif
constexpr u64 seed = 20261122;

// ---- The profiles: both vendors, each quirk of the boundary the other way -----------------------

// Hardware, but for traps held over a fault.
const Authority& keeping_held_traps(Vendor vendor) {
  static const auto keeping = [](Authority authority) {
    authority.quirks.fault_drops_held_traps = !authority.quirks.fault_drops_held_traps;
    return authority;
  };
  static const Authority intel = keeping(intel_hardware);
  static const Authority amd = keeping(amd_hardware);
  return vendor == Vendor::intel ? intel : amd;
}

struct Variant {
  const char* name;
  void (*change)(Quirks&);
  bool keeps_held_traps = false;
};
constexpr Variant variants[] = {
    {"as it is", [](Quirks&) {}},
    {"B of disabled breakpoints",
     [](Quirks& q) { q.disabled_breakpoints_set_b = !q.disabled_breakpoints_set_b; }},
    {"breakpoints behind MOV SS",
     [](Quirks& q) { q.mov_ss_inhibits_code_breakpoint = !q.mov_ss_inhibits_code_breakpoint; }},
    {"merging",
     [](Quirks& q) { q.traps_merge_with_code_breakpoint = !q.traps_merge_with_code_breakpoint; }},
    {"held traps over faults", [](Quirks&) {}, true},
    {"exact strings", [](Quirks& q) { q.string_granularity = StringGranularity::exact; }},
    {"late strings", [](Quirks& q) { q.string_granularity = StringGranularity::one_late; }},
    {"strings in blocks",
     [](Quirks& q) { q.string_granularity = StringGranularity::blocks_of_64; }},
};
constexpr Vendor vendors[] = {Vendor::intel, Vendor::amd};
constexpr unsigned walks = std::size(variants) * std::size(vendors);

CpuProfile profile_with(Vendor vendor, const Variant& variant) {
  CpuProfile profile = with(profile_of(vendor), Feature::bus_lock_detect);
  variant.change(profile.quirks);
  if (variant.keeps_held_traps)
    profile.authority = &keeping_held_traps(vendor);
  return profile;
}

// ---- The walk -----------------------------------------------------------------------------------

class Walk {
public:
  Walk(const CpuProfile& profile, u64 first)
      : core_(profile), twin_(profile), reference_(profile), random_(first) {}

  // One operation.
  void step() {
    Request request = inside_ ? next_inside() : next_between();
    request.context = core_.context = context_;
    ASSERT_TRUE(is_well_formed(core_.state, request));
    SCOPED_TRACE(name_of(request.operation));
    const CoreState before = core_.state;
    const Outcome expected = reference_.play(request);
    const Outcome outcome = core_.put(request);
    ASSERT_TRUE(same(outcome, expected));
    compare_registers();
    compare_boundary();
    compare_with_the_twin(request, outcome, before);
    expect_legal_registers();
    if (before.dr[6] != core_.state.dr[6]) {
      EXPECT_TRUE(changes_dr6(request, outcome));
    }
    EXPECT_EQ(core_.rf, pushes_rf(request, outcome));
    go_on(request, outcome);
  }

  const BoundaryReference& reference() const { return reference_; }
  unsigned dbs() const { return dbs_; }

private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool one_in(unsigned n) { return below(n) == 0; }
  template <typename T, std::size_t n>
  T one_of(const T (&values)[n]) {
    return values[below(n)];
  }

  u64 address() { return one_of({u64{0x1000}, u64{0x1002}, u64{0x1004}, u64{0x8000}}) + below(3); }
  u64 data_address() { return 0x8000 + below(16); }

  u64 random_dr7() {
    u64 dr7 = (random_() | random_()) & 0x2BFF;
    if (!one_in(8))
      dr7 &= ~u64{0x2000};
    for (unsigned n = 0; n < 4; ++n) {
      const u64 rw = below(4);
      dr7 |= (rw | (rw == 0 ? 0 : u64{below(4)} << 2)) << (16 + 4 * n); // of execution: LEN 0
    }
    return dr7;
  }

  u64 random_debugctl() {
    const u64 legal = core_.cpu.profile.vendor == Vendor::intel ? 0x8007 : 0x07;
    return random_() & legal;
  }

  // The context of the next instruction.
  void choose_context() {
    context_ = CoreContext{};
    context_.cpl = one_in(3) ? 3 : 0;
    context_.cr4_de = one_in(2);
    context_.tf = one_in(3);
    context_.rf = one_in(8);
    context_.redirect_db = one_in(8);
    if (core_.cpu.profile.has(Feature::rtm) && one_in(4))
      context_.rtm = &region_;
    const auto vectors = static_cast<std::uint32_t>(random_() & (bit(1) | bit(13) | bit(14)));
    vmx_.exceptions = svm_.exceptions = vectors;
    if (!one_in(3))
      return;
    if (core_.cpu.profile.vendor == Vendor::intel)
      context_.guest = &vmx_;
    else
      context_.guest = &svm_;
  }

  EventSet events() { return one_in(8) ? only(static_cast<Event>(below(13))) : EventSet{0}; }

  Request next_between() {
    if (one_in(500))
      return of_operation(Operation::init);
    choose_context();
    if (core_.state.redirected.valid && one_in(2)) {
      context_.rtm = nullptr;
      return resume_with(one_of({ResumeVerb::reexecute, ResumeVerb::skip, ResumeVerb::inject_gp}));
    }
    is_string_ = one_in(4);
    accesses_ = 0;
    if (one_in(4))
      return arm_another();
    Request fetch = request_at(Operation::fetch, address());
    fetch.events = events();
    return fetch;
  }

  Request arm_another() {
    context_ = CoreContext{};
    const unsigned n = below(5);
    return n == 4 ? write_dr(7, random_dr7()) : write_dr(n, one_in(3) ? address() : data_address());
  }

  Request next_inside() {
    if (accesses_ < 3 && one_in(2))
      return next_access();
    const bool has_memory_operands = accesses_ != 0;
    accesses_ = 0;
    context_.rf = false; // it began
    if (is_string_ && !one_in(6))
      return next_iteration();
    if (!has_memory_operands && !is_string_ && one_in(2))
      return next_of_the_unit();
    switch (below(12)) {
    case 0:
      return of_operation(Operation::fault);
    case 1:
      return request_at(Operation::page_fault, data_address());
    case 2:
      return of_operation(Operation::rtm_abort);
    default:
      return next_end();
    }
  }

  Request next_access() {
    ++accesses_;
    context_.rf = false;
    const Operation data = one_in(2) ? Operation::data_read : Operation::data_write;
    Request request = request_at(data, data_address(), one_of({1u, 2u, 4u, 8u, 16u}));
    if (is_string_)
      return request;
    switch (below(8)) {
    case 0:
      return of_operation(Operation::bus_lock);
    case 1:
      request = of_operation(Operation::task_switch);
      request.t_bit = one_in(2);
      return request;
    case 2:
    case 3:
      request.operation = Operation::io_access;
      return request;
    default:
      return request;
    }
  }

  Request next_iteration() {
    Request request = request_at(Operation::end_of_iteration, address());
    request.fast_string = one_in(2);
    if (!reference_.is_late() && reference_.raised.empty())
      request.events = events();
    return request;
  }

  Request next_end() {
    Request request = request_at(Operation::end_of_instruction, address());
    request.ending = static_cast<Ending>(below(6));
    if (one_in(3))
      request.ending = Ending::mov_ss;
    request.events = request.ending == Ending::mov_ss ? EventSet{0} : events();
    context_.tf = one_in(8) ? !context_.tf : context_.tf; // POPF
    context_.rf = one_in(8);                              // IRET
    return request;
  }

  // MOV DR, WRMSR to DEBUGCTL, INT1.
  Request next_of_the_unit() {
    if (one_in(4))
      return int1_instruction();
    if (one_in(4) && !context_.guest && context_.cpl == 0)
      return wrmsr_of(0x1D9, random_debugctl());
    Request request = read_dr(below(8));
    if (one_in(8))
      return request;
    request.operation = Operation::mov_to_dr;
    if (one_in(2))
      request.dr = 7;
    request.value = request.dr < 4   ? (one_in(2) ? address() : data_address())
                    : request.dr % 2 ? random_dr7()
                                     : random_() & 0xFFFFFFFF;
    if (one_in(16))
      request.value |= bit(40);
    return request;
  }

  void go_on(const Request& request, const Outcome& outcome) {
    const bool ended = request.operation == Operation::end_of_instruction ||
                       request.operation == Operation::fault ||
                       request.operation == Operation::init || outcome.aborts_rtm();
    const bool begins = request.operation == Operation::fetch;
    dbs_ += outcome.vector == Vector::db ? 1 : 0;
    inside_ = (inside_ || begins) && !ended && outcome.vector == Vector::none &&
              !(reference_.waits && (begins || request.operation == Operation::end_of_iteration));
  }

  static bool changes_dr6(const Request& request, const Outcome& outcome) {
    const bool exits_to_vmx = outcome.kind == OutcomeKind::exit && request.context.vmx();
    return (outcome.vector == Vector::db && !exits_to_vmx) ||
           request.operation == Operation::init ||
           (request.operation == Operation::mov_to_dr && (request.dr == 6 || request.dr == 4));
  }

  static bool pushes_rf(const Request& request, const Outcome& outcome) { // 4.5
    if (outcome.vector != Vector::db)
      return outcome.vector != Vector::none;
    return outcome.cause == Cause::general_detect
               ? request.context.rf
               : request.operation == Operation::end_of_iteration &&
                     outcome.cause != Cause::rtm_abort;
  }

  void compare_registers() {
    for (unsigned n = 0; n < 8; ++n)
      EXPECT_EQ(hex(core_.state.dr[n]), hex(reference_.dr[n])) << "DR" << n;
    EXPECT_EQ(core_.state[MsrSlot::debugctl], reference_.debugctl);
  }

  void compare_boundary() {
    const Boundary& boundary = core_.state.boundary;
    EXPECT_EQ(boundary.shadow, reference_.shadow);
    EXPECT_EQ(boundary.raised.payload, payload_of(reference_.raised));
    EXPECT_EQ(boundary.held.payload, payload_of(reference_.held));
    EXPECT_EQ(boundary.due.payload, payload_of(reference_.due));
    EXPECT_EQ(boundary.raised.any(), !reference_.raised.empty());
    EXPECT_EQ(boundary.held.any(), !reference_.held.empty());
    EXPECT_EQ(boundary.due.any(), !reference_.due.empty());
    EXPECT_EQ(reference_.alive(),
              reference_.raised.size() + reference_.held.size() + reference_.due.size());
    EXPECT_TRUE(reference_.every_end_was_one());
    EXPECT_FALSE(core_.state.pending.is_valid());
  }

  // A state that was saved and restored before the operation comes to the same.
  void compare_with_the_twin(const Request& request, const Outcome& outcome,
                             const CoreState& saved) {
    CoreState restored;
    restored.boundary.raised = {bit(3), only(Cause::bus_lock)};
    restored = saved;
    EXPECT_TRUE(same(decide(twin_, restored, request), outcome));
    EXPECT_TRUE(same(restored, saved));
    EXPECT_TRUE(same(execute(twin_, restored, request).outcome, outcome));
    EXPECT_TRUE(same(restored, core_.state));
  }

  void expect_legal_registers() { // 2.2, 3
    const bool rtm = core_.cpu.profile.has(Feature::rtm);
    const u64 dr6 = core_.state.dr[6], dr7 = core_.state.dr[7];
    EXPECT_EQ(dr6 & ~(rtm ? u64{0x1E80F} : u64{0xE80F}), rtm ? 0xFFFE07F0 : 0xFFFF07F0) << hex(dr6);
    EXPECT_EQ(dr7 & ~(rtm ? u64{0xFFFF2BFF} : u64{0xFFFF23FF}), 0x400u) << hex(dr7);
  }

  Core core_;
  CpuModel twin_;
  BoundaryReference reference_;
  std::mt19937_64 random_;
  VmxControls vmx_;
  SvmControls svm_;
  CoreContext context_;
  RtmRegion region_{0x800, 0x900};
  bool inside_ = false;
  bool is_string_ = false;
  unsigned accesses_ = 0;
  unsigned dbs_ = 0;
};

TEST(BoundaryWalk, Every_condition_comes_to_one_end) {
  unsigned walk = 0, conditions = 0, dbs = 0;
  for (const Vendor vendor : vendors)
    for (const Variant& variant : variants) {
      Walk one(profile_with(vendor, variant), seed + walk++);
      for (unsigned n = 0; n < steps_in_all / walks; ++n) {
        one.step();
        ASSERT_FALSE(HasFailure())
            << vendor << ", " << variant.name << ", seed " << seed + walk - 1 << ", step " << n;
      }
      conditions += one.reference().conditions();
      dbs += one.dbs();
    }
  EXPECT_GT(conditions, steps_in_all / 20); // it was no idle walk
  EXPECT_GT(dbs, steps_in_all / 20);
}

} // namespace
} // namespace icebp::test
