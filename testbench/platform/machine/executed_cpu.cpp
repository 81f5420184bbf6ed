#include <icebp/testbench/platform/machine/executed_cpu.h>

namespace icebp::vp {
namespace {

using F = Feature;

constexpr FeatureSet not_executed(F::vmx, F::vmx_secondary, F::ept_vpid, F::vmx_true_ctls,
                                  F::vmfunc, F::vmx_tertiary, F::vmx_exit_ctls2, F::svm, F::avic,
                                  F::sev, F::shstk, F::ibt, F::fred, F::pks, F::mpx, F::rtm,
                                  F::tsx_ctrl, F::xsaves, F::xfd, F::uintr, F::user_msr, F::msrlist,
                                  F::waitpkg, F::enqcmd, F::sgx);

struct Executed {
  std::shared_ptr<const CpuModel> original; // what the profile points to
  CpuModel model;
};

} // namespace

std::shared_ptr<const CpuModel> executed_cpu(const std::shared_ptr<const CpuModel>& cpu) {
  CpuProfile profile = cpu->profile;
  profile.features = profile.features.without(not_executed);
  const auto executed =
      std::make_shared<Executed>(Executed{cpu, CpuModel(profile, cpu->authority, cpu->cycles)});
  return {executed, &executed->model};
}

} // namespace icebp::vp
