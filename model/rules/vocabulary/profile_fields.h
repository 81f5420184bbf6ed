#pragma once
// The counts and quirks of a profile, and the quirks of an authority, have these names, in JSON and
// in listings.

#include <icebp/model/rules/vocabulary/cpu_profile.h>

#include <cstdint>
#include <iterator>

namespace icebp {
inline namespace v0_1 {

struct CountField {
  const char* name;
  std::uint8_t MsrCounts::*member;
  unsigned most;
};
inline constexpr CountField count_fields[] = {
    {"mca_banks", &MsrCounts::mca_banks, 32},    {"mtrr_pairs", &MsrCounts::mtrr_pairs, 10},
    {"rtit_ranges", &MsrCounts::rtit_ranges, 4}, {"lbr_entries", &MsrCounts::lbr_entries, 32},
    {"counters", &MsrCounts::counters, 8},       {"fixed_counters", &MsrCounts::fixed_counters, 4},
    {"lbr_depths", &MsrCounts::lbr_depths, 255},
};
static_assert(sizeof(MsrCounts) == std::size(count_fields));

struct QuirkField {
  const char* name;
  bool Quirks::*member;
};
// Every quirk is here but `string_granularity`, which is no bool.
inline constexpr QuirkField quirk_fields[] = {
    {"int1_keeps_b", &Quirks::int1_keeps_b},
    {"bld_writable_needs_debugctl", &Quirks::bld_writable_needs_debugctl},
    {"efer_lma_flip_faults", &Quirks::efer_lma_flip_faults},
    {"disabled_breakpoints_set_b", &Quirks::disabled_breakpoints_set_b},
    {"mov_ss_inhibits_code_breakpoint", &Quirks::mov_ss_inhibits_code_breakpoint},
    {"traps_merge_with_code_breakpoint", &Quirks::traps_merge_with_code_breakpoint},
    {"flush_cmd_drops_reserved_bits", &Quirks::flush_cmd_drops_reserved_bits},
};
static_assert(sizeof(Quirks) == std::size(quirk_fields) + sizeof(StringGranularity));

struct AuthorityQuirkField {
  const char* name;
  bool AuthorityQuirks::*member;
};
inline constexpr AuthorityQuirkField authority_quirk_fields[] = {
    {"other_db_sets_rtm", &AuthorityQuirks::other_db_sets_rtm},
    {"gd_sets_rf", &AuthorityQuirks::gd_sets_rf},
    {"fault_drops_held_traps", &AuthorityQuirks::fault_drops_held_traps},
    {"init_keeps_apic_base", &AuthorityQuirks::init_keeps_apic_base},
};
static_assert(sizeof(AuthorityQuirks) == std::size(authority_quirk_fields));

} // namespace v0_1
} // namespace icebp
