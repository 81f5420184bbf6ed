#include <icebp/model/rules/efer.h>
#include <icebp/model/rules/msr_behaviour.h>

namespace icebp {
namespace {

constexpr bool is_memory_type(std::uint64_t byte) { return byte <= 7 && byte != 2 && byte != 3; }

constexpr bool is_legal_pat(std::uint64_t value) {
  for (unsigned byte = 0; byte < 8; ++byte)
    if (!is_memory_type(value >> (8 * byte) & 0xFF))
      return false;
  return true;
}

constexpr bool is_legal_efer(const Quirks& quirks, bool paging, std::uint64_t old,
                             std::uint64_t value) {
  const std::uint64_t flipped = old ^ value;
  if (paging && (flipped & efer::lme::mask) != 0)
    return false;
  return !(quirks.efer_lma_flip_faults && (flipped & efer::lma::mask) != 0);
}

} // namespace

bool is_legal_value(const CpuProfile& profile, const CoreState& state, const ResolvedMsr& msr,
                    const Request& request) {
  switch (msr.rule) {
  case MsrValueRule::pat:
    return is_legal_pat(request.value);
  case MsrValueRule::efer:
    return is_legal_efer(profile.quirks, request.context.cr0_pg, state.msr[msr.slot],
                         request.value);
  case MsrValueRule::any:
    break;
  }
  return true;
}

} // namespace icebp
