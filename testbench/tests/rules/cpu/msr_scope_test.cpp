// Who shares a register. (SDM vol. 4, Nehalem and Skylake tables; AMD PPR family 19h, SYS_CFG)

#include <icebp/model/rules/cpu/msr_table.h>

#include <gtest/gtest.h>

#include <map>
#include <memory>

namespace icebp::test {
namespace {

using Scopes = std::map<std::uint32_t, MsrScope>;

void expect_scopes(const char* profile, const Scopes& shared) {
  const auto table = std::make_unique<MsrTable>(*find_cpu_profile(profile));
  for (const ResolvedMsr& msr : *table) {
    const auto found = shared.find(msr.index);
    EXPECT_EQ(msr.scope, found == shared.end() ? MsrScope::thread : found->second)
        << profile << " " << std::hex << msr.index;
    if (msr.scope != MsrScope::thread && msr.readable) { // INIT is of one processor
      EXPECT_EQ(msr.on_init, MsrInit::keep) << profile << " " << std::hex << msr.index;
    }
  }
  for (const auto& row : shared)
    EXPECT_TRUE(table->find(row.first).present) << std::hex << row.first;
}

TEST(MsrScope, Of_Intel_registers) {
  expect_scopes("intel-max", {{0x17, MsrScope::package},
                              {0x33, MsrScope::core},
                              {0x79, MsrScope::core},
                              {0xCE, MsrScope::package},
                              {0x1F2, MsrScope::core},
                              {0x1F3, MsrScope::core},
                              {0x606, MsrScope::package},
                              {0xC80, MsrScope::package}});
}

TEST(MsrScope, Of_AMD_registers) {
  expect_scopes("amd-max", {{0xC0010010, MsrScope::core},
                            {0xC0010016, MsrScope::core},
                            {0xC0010018, MsrScope::core},
                            {0xC001001A, MsrScope::core},
                            {0xC001001D, MsrScope::core}});
}

} // namespace
} // namespace icebp::test
