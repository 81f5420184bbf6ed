#include <icebp/model/rules/registers/debugctl.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

TEST(Debugctl, Bits) { // docs/msr-block.md 2.1
  EXPECT_EQ(debugctl::lbr::mask, 1u);
  EXPECT_EQ(debugctl::btf::mask, 2u);
  EXPECT_EQ(debugctl::bld::mask, 4u);
  EXPECT_EQ(debugctl::rtm_debug::mask, 0x8000u);
}

} // namespace
} // namespace icebp
