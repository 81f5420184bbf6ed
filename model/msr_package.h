#pragma once

#include <icebp/model/rules/cpu/msr_table.h>

#include <vector>

namespace icebp {

class DebugCore;

// The logical processors of one package: an MSR of scope core or package that one of them writes is
// written in all that share it (SDM vol. 4, column "scope"). So is what RESET of one does to it,
// and what is restored or poked.
class MsrPackage {
public:
  MsrPackage() = default;
  MsrPackage(const MsrPackage&) = delete;
  MsrPackage& operator=(const MsrPackage&) = delete;

  // `processor`, a thread of the core of that number, takes the values that its core and the
  // package have. Both must live until the last of the processors has run. One of another CpuModel,
  // or of a package already, is SC_REPORT_ERROR `report::package_mismatch`.
  void add(DebugCore& processor, unsigned core);

private:
  friend class DebugCore;

  struct Member {
    DebugCore* processor;
    unsigned core;
  };
  // `writer` has a new value in `msr`.
  void publish(const DebugCore& writer, const ResolvedMsr& msr) const;
  void publish_all(const DebugCore& writer) const;
  const Member& member(const DebugCore& processor) const;

  std::vector<Member> members_;
};

} // namespace icebp
