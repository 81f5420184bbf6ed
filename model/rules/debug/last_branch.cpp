#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
namespace {

// A 1 in MSR_LBR_SELECT keeps such branches off the stack (SDM vol. 3 table 17-11).
using cpl_eq_0 = field<0>;
using cpl_neq_0 = field<1>;
constexpr std::uint64_t select_bits[] = {
    // by Branch
    1 << 2, // JCC
    1 << 3, // NEAR_REL_CALL
    1 << 4, // NEAR_IND_CALL
    1 << 5, // NEAR_RET
    1 << 6, // NEAR_IND_JMP
    1 << 7, // NEAR_REL_JMP
    1 << 8, // FAR_BRANCH
    1 << 8, // exceptions and interrupts are far
};

bool is_kept_out(const CoreState& state, const Request& request) {
  const std::uint64_t at_cpl =
      request.context.cpl == 0 ? cpl_eq_0::mask : cpl_neq_0::mask; // where the branch ends
  const std::uint64_t of_type = select_bits[static_cast<unsigned>(request.branch)];
  return (state[MsrSlot::lbr_select] & (at_cpl | of_type)) != 0;
}

// The stack is a ring; TOS is the newest entry.
void push(CoreState& state, unsigned entries, std::uint64_t from, std::uint64_t to) {
  std::uint64_t& tos = state[MsrSlot::lbr_tos];
  tos = (tos + 1) % entries;
  state.msr[static_cast<std::size_t>(MsrSlot::lbr_from) + tos] = from;
  state.msr[static_cast<std::size_t>(MsrSlot::lbr_to) + tos] = to;
}

} // namespace

void record_branch(const CpuProfile& profile, CoreState& state, const Request& request) {
  if (!records_branches(state))
    return;
  if (request.branch == Branch::exception) {
    state[MsrSlot::ler_from] = state[MsrSlot::last_branch_from];
    state[MsrSlot::ler_to] = state[MsrSlot::last_branch_to];
  }
  const std::uint64_t to = request.context.is_64_bit() ? request.value : request.value & low_half;
  state[MsrSlot::last_branch_from] = request.from;
  state[MsrSlot::last_branch_to] = to;
  const unsigned entries = profile.msr_counts.lbr_entries;
  const bool has_stack =
      profile.features.has_any(FeatureSet(Feature::lbr_stack, Feature::lbr_stack_core2));
  if (has_stack && entries != 0 && !is_kept_out(state, request))
    push(state, entries, request.from, to);
}

} // namespace icebp
