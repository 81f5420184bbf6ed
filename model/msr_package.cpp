#include <icebp/model/debug_core.h>
#include <icebp/model/msr_package.h>
#include <icebp/model/report_ids.h>
#include <icebp/model/report_text.h>

#include <algorithm>

namespace icebp {
inline namespace v0_1 {
namespace {

constexpr bool is_shared(const ResolvedMsr& msr, bool same_core) {
  return msr.scope == MsrScope::package || (msr.scope == MsrScope::core && same_core);
}

} // namespace

void MsrPackage::add(DebugCore& processor, unsigned core) {
  const bool other_model =
      !members_.empty() && &members_.front().processor->cpu() != &processor.cpu();
  if (other_model || processor.package_) {
    SC_REPORT_ERROR(
        report::package_mismatch,
        report::text_of(processor, other_model ? "the processors of a package share one CpuModel"
                                               : "the processor is in a package already")
            .c_str());
    return;
  }
  members_.push_back({&processor, core});
  processor.package_ = this;
  for (const Member& there : members_)
    for (const ResolvedMsr& msr : processor.cpu().msrs)
      if (is_shared(msr, there.core == core))
        processor.state_.msr[msr.slot] = there.processor->state_.msr[msr.slot];
}

const MsrPackage::Member& MsrPackage::member(const DebugCore& processor) const {
  return *std::find_if(members_.begin(), members_.end(),
                       [&](const Member& it) { return it.processor == &processor; });
}

void MsrPackage::publish(const DebugCore& writer, const ResolvedMsr& msr) const {
  if (msr.scope == MsrScope::thread)
    return;
  const unsigned core = member(writer).core;
  for (const Member& sharer : members_)
    if (is_shared(msr, sharer.core == core))
      sharer.processor->state_.msr[msr.slot] = writer.state_.msr[msr.slot];
}

void MsrPackage::publish_all(const DebugCore& writer) const {
  for (const ResolvedMsr& msr : writer.cpu().msrs)
    publish(writer, msr);
}

} // namespace v0_1
} // namespace icebp
