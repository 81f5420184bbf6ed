#pragma once

#include <icebp/model/rules/cpu/msr_table.h>

#include <vector>

namespace icebp {
inline namespace v0_1 {

class DebugCore;

// Keeps the MSRs of the logical processors of one package together: what one of them writes to an
// MSR of scope core or package reaches all that share it (SDM vol. 4, column "scope"). So does what
// RESET, `restore` or `poke` changes in one of them.
class MsrPackage {
public:
  MsrPackage() = default;
  MsrPackage(const MsrPackage&) = delete;
  MsrPackage& operator=(const MsrPackage&) = delete;

  // Adds `processor`, a thread of the core of that number; it takes the values that its core and
  // the package have. Package and processor must live until the last processor has run. A processor
  // of another CpuModel, or of a package already, is SC_REPORT_ERROR `report::package_mismatch`.
  void add(DebugCore& processor, unsigned core);

private:
  friend class DebugCore;

  struct Member {
    DebugCore* processor;
    unsigned core;
  };
  // Copies the value that `writer` has in `msr` to every processor that shares it.
  void publish(const DebugCore& writer, const ResolvedMsr& msr) const;
  void publish_all(const DebugCore& writer) const;
  const Member& member(const DebugCore& processor) const;

  std::vector<Member> members_;
};

} // namespace v0_1
} // namespace icebp
