#include <icebp/testbench/program/core/memory.h>
#include <icebp/testbench/tests/program/program_test.h>

namespace icebp {
namespace {

TEST(Memory, ReadsAndWritesAcrossRanges) {
  Memory memory;
  memory.put({0x1000, {1, 2, 3, 4}});
  memory.put({0x1004, {5, 6, 7, 8, 9}});
  EXPECT_EQ(memory.read64(0x1000), 0x0807060504030201u);
  EXPECT_EQ(memory.missing_of_8(0x1000), std::nullopt);
  EXPECT_EQ(memory.missing_of_8(0x1002), 0x1009u);
  EXPECT_EQ(memory.missing_of_8(0xFF8), 0xFF8u);
  EXPECT_EQ(memory.missing_of_8(0xFFFFFFFFFFFFFFFF), 0xFFFFFFFFFFFFFFFFu);
  const Memory before = memory;
  memory.write64(0x1001, 0x0908070605FF0302);
  const auto changes = memory.changes_since(before);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].address, 0x1003u);
  EXPECT_EQ(changes[0].bytes, std::vector<std::uint8_t>{0xFF});
}

TEST(Memory, ALaterRangeWritesOverAnEarlierOne) {
  Memory memory;
  memory.put({0x1002, {1, 2}});
  memory.put({0x1000, {9, 9, 9, 9, 9}});
  for (std::uint64_t address = 0x1000; address < 0x1005; ++address)
    EXPECT_EQ(memory.byte_at(address), 9) << address;
  EXPECT_EQ(memory.byte_at(0x1005), std::nullopt);
}

TEST(Memory, OfALine) {
  EXPECT_EQ(error_with(R"("mem":{"x":"00"})"),
            "/mem/x: not an address; \"0x0\" to \"0xffffffffffffffff\"");
  EXPECT_EQ(error_with(R"("mem":{"0x0":1})"),
            "/mem/0x0: 1 is not memory; a string with two hex digits a byte");
  EXPECT_EQ(
      error_with(R"("mem":{"0x0":"0"})"),
      "/mem/0x0: \"0\" has no byte at character 1; two hex digits a byte, blanks between bytes");
  EXPECT_EQ(error_with(R"("mem":{"0x0":"00 11","0x10":"22"})"), "no error");
  std::string many = R"("mem":{)";
  for (int n = 0; n < 65; ++n)
    many += (n ? ",\"0x" : "\"0x") + std::to_string(n) + "\":\"00\"";
  EXPECT_EQ(error_with(many + "}"), "/mem/0x64: too many ranges; 64");
}

TEST(Memory, IsComparedByTheByte) {
  const Answer answer = run(R"({"id":1,"code":"f1","mem":{"0x1000":"0011"}})");
  Expectation expect;
  expect.memory = {{0x1001, {0x11}}, {0x1000, {1}}, {0x2000, {0}}};
  const auto differences = compare(expect, answer);
  ASSERT_EQ(differences.size(), 2u);
  EXPECT_EQ(differences[0].key, "mem/0x1000");
  EXPECT_EQ(differences[0].expected, "\"01\"");
  EXPECT_EQ(differences[0].got, "\"00\"");
  EXPECT_EQ(differences[1].got, "\"\"");
}

} // namespace
} // namespace icebp
