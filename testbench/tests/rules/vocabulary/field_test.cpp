#include <icebp/model/rules/vocabulary/field.h>

#include <gtest/gtest.h>

namespace icebp {
namespace {

TEST(Field, Mask) {
  EXPECT_EQ((field<0>::mask), 1u);
  EXPECT_EQ((field<63>::mask), 0x8000000000000000);
  EXPECT_EQ((field<4, 8>::mask), 0xFF0u);
  EXPECT_EQ((field<0, 64>::mask), 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ((field<32, 32>::mask), 0xFFFFFFFF00000000);
  EXPECT_EQ(low_half, 0xFFFFFFFF);
}

TEST(Field, Get) {
  EXPECT_EQ((field<4, 8>::get(0xABCDE)), 0xCDu);
  EXPECT_EQ((field<63>::get(0x8000000000000000)), 1u);
  EXPECT_EQ((field<63>::get(0x7FFFFFFFFFFFFFFF)), 0u);
}

TEST(Field, Set_takes_what_fits_and_keeps_the_rest) {
  EXPECT_EQ((field<4, 8>::set(0xABCDE, 0x12)), 0xAB12Eu);
  EXPECT_EQ((field<4, 8>::set(0, 0xFFF)), 0xFF0u);
  EXPECT_EQ((field<4, 8>::set(0xFFFFFFFFFFFFFFFF, 0)), 0xFFFFFFFFFFFFF00F);
}

} // namespace
} // namespace icebp
