#pragma once
// The order in which the checks of MOV DR win, per authority: data only.

#include <icebp/model/rules/vocabulary/cause.h>

#include <array>

namespace icebp {

// Every check of MOV DR, the strongest first.
using FaultLadder = std::array<Cause, 8>;

// Of the checks that fail, the one that wins; `none` if no check of the ladder fails.
constexpr Cause first_failing(const FaultLadder& ladder, CauseSet failing) {
  for (const Cause check : ladder)
    if (contains(failing, check))
      return check;
  return Cause::none;
}

// Intel: general detect beats the privilege check (lkml 2026-06-12, tested on Skylake, Icelake and
// Emerald Rapids); a VMX intercept beats both and the #UD of DR4/DR5 (SDM vol. 3 25.1.3).
inline constexpr FaultLadder intel_ladder{
    Cause::instruction_too_long, Cause::lock_prefix,    Cause::rex_r, Cause::intercept,
    Cause::dr45_with_de,         Cause::general_detect, Cause::cpl,   Cause::reserved_upper_half,
};

// AMD: the privilege check beats general detect (lkml 2026-06-12); an SVM intercept comes after
// every exception (same thread).
inline constexpr FaultLadder amd_ladder{
    Cause::instruction_too_long, Cause::lock_prefix, Cause::rex_r,
    Cause::dr45_with_de,         Cause::cpl,         Cause::general_detect,
    Cause::reserved_upper_half,  Cause::intercept,
};

// Intel as the manuals read: the privilege check first (SDM vol. 2 MOV DR; erratum AH58 calls the
// measured order a fault of the part).
inline constexpr FaultLadder intel_documented_ladder{
    Cause::instruction_too_long,
    Cause::lock_prefix,
    Cause::rex_r,
    Cause::intercept,
    Cause::dr45_with_de,
    Cause::cpl,
    Cause::general_detect,
    Cause::reserved_upper_half,
};

} // namespace icebp
