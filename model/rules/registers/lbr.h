#pragma once
// Fields of the registers of last branches.

#include <icebp/model/rules/vocabulary/field.h>

namespace icebp {
inline namespace v0_1 {

// MSR_LBR_SELECT, and AMD's LBR_SELECT but for `call_stack`: a 1 keeps such branches off the stack
// (SDM vol. 3 tables 17-11 and 17-13; Linux amd/lbr.c). Bits 8:2 stand for kinds of branches.
namespace lbr_select {
using cpl_eq_0 = field<0>; // by where the branch ends
using cpl_neq_0 = field<1>;
using call_stack = field<9>; // a call pushes, a near return pops
} // namespace lbr_select

// IA32_LBR_CTL: a 1 lets such branches in (Linux msr-index.h). Bits 22:16 stand for kinds.
namespace lbr_ctl {
using lbr_en = field<0>;
using os = field<1>;
using usr = field<2>;
using call_stack = field<3>;
} // namespace lbr_ctl

namespace dbg_extn_cfg {
using lbr_v2_en = field<6>;
} // namespace dbg_extn_cfg

// What is known of a branch beside its addresses: IA32_LBR_x_INFO, and MSR_LBR_INFO_x but for the
// fields in the middle (SDM vol. 3 table 17-16; Linux msr-index.h).
namespace lbr_info {
using cyc_cnt = field<0, 16>; // since the record before, saturating
using br_type = field<56, 4>;
using cyc_cnt_valid = field<60>;
using tsx_abort = field<61>;
using in_tx = field<62>;
using mispred = field<63>;

// The flags that a record's FROM has, in the same places, in a format of
// IA32_PERF_CAPABILITIES[5:0] (SDM vol. 3 17.4.8.1).
constexpr std::uint64_t in_from(unsigned format) {
  return format == 3   ? mispred::mask
         : format == 4 ? mispred::mask | in_tx::mask | tsx_abort::mask
                       : 0;
}
} // namespace lbr_info

// A record of AMD's stack has a flag in FROM and two in TO; below them the address goes on with its
// sign (Linux amd/lbr.c).
namespace amd_lbr {
using mispredict = field<63>; // FROM
using reserved = field<61>;   // TO
using spec = field<62>;
using valid = field<63>;
} // namespace amd_lbr

} // namespace v0_1
} // namespace icebp
