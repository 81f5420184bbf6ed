#include <icebp/model/rules/vocabulary/authority.h>

namespace icebp {
inline namespace v0_1 {

// General detect beats the privilege check; a VMX intercept beats both and the #UD of DR4/DR5 (SDM
// vol. 3 25.1.3).
const Authority intel_hardware{"intel-hardware",
                               {Cause::instruction_too_long, Cause::lock_prefix, Cause::rex_r,
                                Cause::intercept, Cause::dr45_with_de, Cause::general_detect,
                                Cause::cpl, Cause::reserved_upper_half},
                               {},
                               "lkml 2026-06-12: tested on Skylake, Icelake and Emerald Rapids"};

// The privilege check beats general detect; an SVM intercept comes after every exception.
const Authority amd_hardware{"amd-hardware",
                             {Cause::instruction_too_long, Cause::lock_prefix, Cause::rex_r,
                              Cause::dr45_with_de, Cause::cpl, Cause::general_detect,
                              Cause::reserved_upper_half, Cause::intercept},
                             {},
                             "lkml 2026-06-12: tested on AMD"};

// The privilege check first; erratum AH58 calls the measured order a fault of the part.
const Authority intel_manuals{"intel-manuals",
                              {Cause::instruction_too_long, Cause::lock_prefix, Cause::rex_r,
                               Cause::intercept, Cause::dr45_with_de, Cause::cpl,
                               Cause::general_detect, Cause::reserved_upper_half},
                              {},
                              "SDM vol. 2 MOV DR; erratum AH58"};

} // namespace v0_1
} // namespace icebp
