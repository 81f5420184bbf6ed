#include <icebp/model/rules/debug/last_branch.h>
#include <icebp/model/rules/registers/perf_global_status.h>
#include <icebp/model/rules/vocabulary/field.h>

#include <algorithm>
#include <iterator>

namespace icebp {
inline namespace v0_1 {
namespace {

// ---- Kinds of branches

struct BranchRow {
  Branch branch;
  std::uint64_t kept_out; // by this bit of MSR_LBR_SELECT
  std::uint64_t let_in;   // by this one of IA32_LBR_CTL
  std::uint64_t br_type;  // of IA32_LBR_x_INFO
};
constexpr BranchRow branch_rows[] = {
    {Branch::jcc, 1 << 2, 1 << 16, 0},           {Branch::near_rel_call, 1 << 3, 1 << 19, 4},
    {Branch::near_ind_call, 1 << 4, 1 << 20, 3}, {Branch::near_ret, 1 << 5, 1 << 21, 5},
    {Branch::near_ind_jmp, 1 << 6, 1 << 18, 1},  {Branch::near_rel_jmp, 1 << 7, 1 << 17, 2},
    {Branch::far_branch, 1 << 8, 1 << 22, 8},    {Branch::exception, 1 << 8, 1 << 22, 8}, // is far
    {Branch::rtm_abort, 1 << 8, 1 << 22, 8},
};
constexpr const BranchRow& row_of(Branch branch) {
  return branch_rows[static_cast<std::size_t>(branch)];
}
static_assert(
    [] {
      for (std::size_t n = 0; n < std::size(branch_rows); ++n)
        if (branch_rows[n].branch != static_cast<Branch>(n))
          return false;
      return std::size(branch_rows) == name_table<Branch>.size();
    }(),
    "a branch has no row, or not in the order of the enumeration");

// ---- A record

struct Record {
  std::uint64_t from;
  std::uint64_t to;
  std::uint64_t flags;  // of lbr_info
  std::uint64_t cycles; // TSC ticks since the record before
  std::uint64_t now;
};

std::uint64_t flags_of(const Request& request) {
  const bool aborts = request.branch == Branch::rtm_abort;
  const bool in_tx = aborts || request.context.rtm != nullptr;
  return (request.mispredicted ? lbr_info::mispred::mask : 0) |
         (in_tx ? lbr_info::in_tx::mask : 0) | (aborts ? lbr_info::tsx_abort::mask : 0);
}

Record record_of(const CoreState& state, const Request& request) {
  const std::uint64_t to = request.context.is_64_bit() ? request.value : request.value & low_half;
  const std::uint64_t cycles =
      std::min(request.now - state.last_branch_at, lbr_info::cyc_cnt::mask);
  return {request.from, to, flags_of(request), cycles, request.now};
}

bool is_at_cpl_0(const Request& request) { return request.context.cpl == 0; } // where it ends

bool pops(const Request& request, bool call_stack) {
  return call_stack && request.branch == Branch::near_ret;
}

std::uint64_t* registers(CoreState& state, MsrSlot first) {
  return state.msr.data() + static_cast<std::size_t>(first);
}

// ---- The last one

void keep_last(CoreState& state, const Record& record) {
  state[MsrSlot::last_branch_from] = record.from;
  state[MsrSlot::last_branch_to] = record.to;
}

void keep_last_before_exception(CoreState& state) {
  state[MsrSlot::ler_from] = state[MsrSlot::last_branch_from];
  state[MsrSlot::ler_to] = state[MsrSlot::last_branch_to];
}

// ---- The model-specific stack: a ring, whose newest entry TOS names

unsigned ring_entries(const CpuProfile& profile) {
  const FeatureSet rings(Feature::lbr_stack, Feature::lbr_stack_core2, Feature::lbr_stack_core_duo);
  return profile.features.has_any(rings) ? profile.msr_counts.lbr_entries : 0;
}

bool is_kept_off(std::uint64_t select, const Request& request) {
  const std::uint64_t at_cpl =
      is_at_cpl_0(request) ? lbr_select::cpl_eq_0::mask : lbr_select::cpl_neq_0::mask;
  return (select & (at_cpl | row_of(request.branch).kept_out)) != 0;
}

void pop_from_ring(CoreState& state, unsigned entries) {
  std::uint64_t& tos = state[MsrSlot::lbr_tos];
  for (const MsrSlot first : {MsrSlot::lbr_from, MsrSlot::lbr_to, MsrSlot::lbr_info})
    registers(state, first)[tos % entries] = 0;
  tos = (tos + entries - 1) % entries;
}

void push_on_ring(const CpuModel& cpu, CoreState& state, unsigned entries, const Record& record) {
  std::uint64_t& tos = state[MsrSlot::lbr_tos];
  tos = (tos + 1) % entries;
  std::uint64_t& from = registers(state, MsrSlot::lbr_from)[tos];
  if (cpu.profile.has(Feature::lbr_stack_core_duo)) {
    from = (record.from & low_half) | record.to << 32;
    return;
  }
  const std::uint64_t flags = lbr_info::in_from(cpu.msrs.lbr_format());
  from = (record.from & ~flags) | (record.flags & flags);
  registers(state, MsrSlot::lbr_to)[tos] = record.to;
  if (cpu.profile.has(Feature::lbr_info)) {
    registers(state, MsrSlot::lbr_info)[tos] = record.flags | record.cycles;
    state.last_branch_at = record.now;
  }
}

void record_on_ring(const CpuModel& cpu, CoreState& state, const Request& request,
                    const Record& record) {
  const unsigned entries = ring_entries(cpu.profile);
  const std::uint64_t select = state[MsrSlot::lbr_select];
  if (entries == 0 || is_kept_off(select, request))
    return;
  if (pops(request, lbr_select::call_stack::get(select) != 0))
    pop_from_ring(state, entries);
  else
    push_on_ring(cpu, state, entries, record);
}

// ---- Stacks whose entry 0 is the newest

void insert(CoreState& state, MsrSlot first, unsigned entries, std::uint64_t newest) {
  std::uint64_t* const entry = registers(state, first);
  std::copy_backward(entry, entry + entries - 1, entry + entries);
  entry[0] = newest;
}

void remove_newest(CoreState& state, MsrSlot first, unsigned entries) {
  std::uint64_t* const entry = registers(state, first);
  std::copy(entry + 1, entry + entries, entry);
  entry[entries - 1] = 0;
}

// ---- The architectural one

unsigned architectural_entries(const CoreState& state) {
  return static_cast<unsigned>(std::min<std::uint64_t>(state[MsrSlot::lbr_depth], arch_lbr_depth));
}

bool is_let_in(std::uint64_t ctl, const Request& request) {
  const bool at_cpl = is_at_cpl_0(request) ? lbr_ctl::os::get(ctl) : lbr_ctl::usr::get(ctl);
  return at_cpl && (ctl & row_of(request.branch).let_in) != 0;
}

std::uint64_t architectural_info(const Request& request, const Record& record) {
  const std::uint64_t type = lbr_info::br_type::set(0, row_of(request.branch).br_type);
  return record.flags | type | lbr_info::cyc_cnt_valid::mask | record.cycles;
}

void record_architecturally(CoreState& state, const Request& request, const Record& record) {
  const unsigned entries = architectural_entries(state);
  const std::uint64_t ctl = state[MsrSlot::lbr_ctl];
  if (entries == 0 || !is_let_in(ctl, request))
    return;
  if (pops(request, lbr_ctl::call_stack::get(ctl) != 0)) {
    for (const MsrSlot first :
         {MsrSlot::arch_lbr_from, MsrSlot::arch_lbr_to, MsrSlot::arch_lbr_info})
      remove_newest(state, first, entries);
    return;
  }
  insert(state, MsrSlot::arch_lbr_from, entries, record.from);
  insert(state, MsrSlot::arch_lbr_to, entries, record.to);
  insert(state, MsrSlot::arch_lbr_info, entries, architectural_info(request, record));
  state.last_branch_at = record.now;
}

void keep_newest_before_exception(CoreState& state) {
  state[MsrSlot::ler_from] = state[MsrSlot::arch_lbr_from];
  state[MsrSlot::ler_to] = state[MsrSlot::arch_lbr_to];
  state[MsrSlot::ler_info] = state[MsrSlot::arch_lbr_info];
}

// ---- AMD's

void record_on_amd_stack(const CpuProfile& profile, CoreState& state, const Request& request,
                         const Record& record) {
  const unsigned entries = profile.msr_counts.lbr_entries;
  if (entries == 0 || is_kept_off(state[MsrSlot::lbr_select], request))
    return;
  constexpr std::uint64_t not_of_address = amd_lbr::reserved::mask | amd_lbr::spec::mask;
  insert(state, MsrSlot::lbr_from, entries,
         amd_lbr::mispredict::set(record.from, request.mispredicted));
  insert(state, MsrSlot::lbr_to, entries, amd_lbr::valid::set(record.to & ~not_of_address, 1));
}

bool is_frozen(const CoreState& state) {
  return perf_global_status::lbr_frz::get(state[MsrSlot::perf_global_status]) != 0;
}

} // namespace

void record_branch(const CpuModel& cpu, CoreState& state, const Request& request) {
  if (is_frozen(state))
    return;
  const Record record = record_of(state, request);
  const bool enters_handler = request.branch == Branch::exception;
  if (debugctl::lbr::get(state[MsrSlot::debugctl]) != 0) {
    if (enters_handler)
      keep_last_before_exception(state);
    keep_last(state, record);
    record_on_ring(cpu, state, request, record);
  }
  if (lbr_ctl::lbr_en::get(state[MsrSlot::lbr_ctl]) != 0) {
    if (enters_handler)
      keep_newest_before_exception(state);
    record_architecturally(state, request, record);
  }
  if (dbg_extn_cfg::lbr_v2_en::get(state[MsrSlot::dbg_extn_cfg]) != 0)
    record_on_amd_stack(cpu.profile, state, request, record);
}

} // namespace v0_1
} // namespace icebp
