#include <icebp/model/rules/decode.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace icebp::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Mode modes[] = {Mode::real, Mode::v86, Mode::protected_mode, Mode::compatibility,
                          Mode::long_mode};

// From memory of exactly that size, so that a sanitizer sees a fetch beyond the last byte.
Decoded decode_bytes(const Bytes& bytes, Mode mode = Mode::long_mode) {
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  return decode(exact.get(), bytes.size(), mode);
}

Bytes operator+(Bytes head, const Bytes& tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

std::string text(const Bytes& bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes)
    out += hex(byte) + " ";
  return out;
}

struct Instruction {
  Bytes bytes;
  Operation operation;
};
const Instruction instructions[] = {
    {{0x0F, 0x21, 0xC0}, Operation::mov_from_dr},
    {{0x0F, 0x23, 0xC0}, Operation::mov_to_dr},
    {{0x0F, 0x32}, Operation::rdmsr},
    {{0x0F, 0x30}, Operation::wrmsr},
    {{0xF1}, Operation::int1},
};

const Bytes ignored_prefixes{0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF2, 0xF3};

testing::AssertionResult has_status(const Bytes& bytes, DecodeStatus status,
                                    Mode mode = Mode::long_mode) {
  const Decoded decoded = decode_bytes(bytes, mode);
  if (decoded.status == status)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << text(bytes) << "in " << mode << " is " << decoded.status;
}

testing::AssertionResult decodes_to(const Bytes& bytes, Operation operation, CauseSet faults,
                                    Mode mode = Mode::long_mode) {
  const Decoded decoded = decode_bytes(bytes, mode);
  if (decoded.status == DecodeStatus::ok && decoded.request.operation == operation &&
      decoded.request.encoding_faults == faults && decoded.request.length == bytes.size())
    return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << text(bytes) << "in " << mode << " is " << decoded.status << ", "
         << decoded.request.operation << ", faults " << hex(decoded.request.encoding_faults)
         << ", length " << unsigned{decoded.request.length};
}

TEST(Decode, Opcodes) { // docs/debug-unit.md 1, 5.4; docs/msr-block.md 1.1
  for (const Mode mode : modes)
    for (const Instruction& instruction : instructions)
      EXPECT_TRUE(decodes_to(instruction.bytes, instruction.operation, 0, mode));
}

// mod is ignored and takes no SIB or displacement with it: the length stays 3.
TEST(MovDrEncoding, Every_modrm_byte) {
  for (const Mode mode : modes)
    for (const std::uint8_t opcode : Bytes{0x21, 0x23})
      for (unsigned mod = 0; mod < 4; ++mod)
        for (unsigned reg = 0; reg < 8; ++reg)
          for (unsigned rm = 0; rm < 8; ++rm) {
            const Bytes bytes{0x0F, opcode, static_cast<std::uint8_t>(mod * 64 + reg * 8 + rm)};
            SCOPED_TRACE(text(bytes));
            const Decoded decoded = decode_bytes(bytes, mode);
            ASSERT_EQ(decoded.status, DecodeStatus::ok);
            EXPECT_EQ(decoded.request.dr, reg);
            EXPECT_EQ(decoded.request.gpr, rm);
            EXPECT_EQ(decoded.request.length, 3);
            EXPECT_EQ(decoded.request.encoding_faults, 0u);
          }
}

TEST(MovDrVectors, P17_no_sib_and_no_displacement) {
  for (const std::uint8_t modrm : Bytes{0x04, 0x05, 0x44, 0x84}) {
    EXPECT_TRUE(has_status({0x0F, 0x21, modrm}, DecodeStatus::ok));
    EXPECT_TRUE(has_status({0x0F, 0x21, modrm, 0x00}, DecodeStatus::trailing_bytes));
  }
}

// W and X do nothing, B extends r/m, R would be DR8 to DR15.
TEST(MovDrEncoding, Every_rex_byte) {
  for (const std::uint8_t opcode : Bytes{0x21, 0x23})
    for (unsigned w = 0; w < 2; ++w)
      for (unsigned r = 0; r < 2; ++r)
        for (unsigned x = 0; x < 2; ++x)
          for (unsigned b = 0; b < 2; ++b)
            for (unsigned rm = 0; rm < 8; ++rm) {
              const Bytes bytes{static_cast<std::uint8_t>(0x40 + w * 8 + r * 4 + x * 2 + b), 0x0F,
                                opcode, static_cast<std::uint8_t>(0xF8 + rm)};
              SCOPED_TRACE(text(bytes));
              const Decoded decoded = decode_bytes(bytes);
              ASSERT_EQ(decoded.status, DecodeStatus::ok);
              EXPECT_EQ(decoded.request.dr, 7);
              EXPECT_EQ(decoded.request.gpr, b == 1 ? rm + 8 : rm);
              EXPECT_EQ(decoded.request.length, 4);
              EXPECT_EQ(decoded.request.encoding_faults, r == 1 ? only(Cause::rex_r) : 0);
            }
}

// There is no ModRM.reg to extend.
TEST(Decode, Rex_does_nothing_to_instructions_without_modrm) {
  for (std::uint8_t rex = 0x40; rex < 0x50; ++rex) {
    EXPECT_TRUE(decodes_to({rex, 0x0F, 0x32}, Operation::rdmsr, 0));
    EXPECT_TRUE(decodes_to({rex, 0x0F, 0x30}, Operation::wrmsr, 0));
    EXPECT_TRUE(decodes_to({rex, 0xF1}, Operation::int1, 0));
  }
}

TEST(Decode, Prefixes_without_effect) {
  for (const Mode mode : modes)
    for (const Instruction& instruction : instructions)
      for (const std::uint8_t prefix : ignored_prefixes) {
        EXPECT_TRUE(decodes_to(Bytes{prefix} + instruction.bytes, instruction.operation, 0, mode));
        EXPECT_TRUE(decodes_to(Bytes{prefix, 0x66, prefix} + instruction.bytes,
                               instruction.operation, 0, mode));
      }
}

TEST(Decode, Lock_wherever_it_stands) {
  for (const Mode mode : modes)
    for (const Instruction& instruction : instructions)
      for (const Bytes& prefixes :
           {Bytes{0xF0}, Bytes{0xF0, 0xF0}, Bytes{0xF0, 0x66}, Bytes{0x66, 0xF0}})
        EXPECT_TRUE(decodes_to(prefixes + instruction.bytes, instruction.operation,
                               only(Cause::lock_prefix), mode));
  EXPECT_TRUE(decodes_to({0xF0, 0x44, 0x0F, 0x23, 0xC0}, Operation::mov_to_dr,
                         only(Cause::lock_prefix) | only(Cause::rex_r)));
}

// REX counts only directly before the opcode (SDM vol. 2 2.2.1).
TEST(Decode, Rex_before_a_legacy_prefix_is_ignored) {
  for (const std::uint8_t prefix : ignored_prefixes) {
    EXPECT_TRUE(decodes_to({0x45, prefix, 0x0F, 0x21, 0xC3}, Operation::mov_from_dr, 0));
    EXPECT_EQ(decode_bytes({0x45, prefix, 0x0F, 0x21, 0xC3}).request.gpr, 3);
  }
  EXPECT_TRUE(
      decodes_to({0x45, 0xF0, 0x0F, 0x21, 0xC3}, Operation::mov_from_dr, only(Cause::lock_prefix)));
  EXPECT_EQ(decode_bytes({0x45, 0xF0, 0x0F, 0x21, 0xC3}).request.gpr, 3);
}

TEST(Decode, Of_two_rex_the_last_counts) {
  EXPECT_TRUE(decodes_to({0x44, 0x41, 0x0F, 0x21, 0xC3}, Operation::mov_from_dr, 0));
  EXPECT_EQ(decode_bytes({0x44, 0x41, 0x0F, 0x21, 0xC3}).request.gpr, 11);
  EXPECT_EQ(decode_bytes({0x41, 0x40, 0x0F, 0x21, 0xC3}).request.gpr, 3);
  EXPECT_TRUE(
      decodes_to({0x41, 0x44, 0x0F, 0x21, 0xC3}, Operation::mov_from_dr, only(Cause::rex_r)));
}

TEST(Decode, Outside_64_bit_mode_rex_is_no_prefix) { // 40 to 4F are INC and DEC there
  for (const Mode mode : {Mode::real, Mode::v86, Mode::protected_mode, Mode::compatibility})
    for (std::uint8_t rex = 0x40; rex < 0x50; ++rex)
      EXPECT_TRUE(has_status({rex, 0x0F, 0x21, 0xC0}, DecodeStatus::unknown_opcode, mode));
}

TEST(Decode, Fifteen_bytes_are_legal_and_sixteen_are_not) {
  for (const Mode mode : modes)
    for (const Instruction& instruction : instructions) {
      const Bytes padding(15 - instruction.bytes.size(), 0x2E);
      EXPECT_TRUE(decodes_to(padding + instruction.bytes, instruction.operation, 0, mode));
      EXPECT_TRUE(decodes_to(Bytes{0x2E} + padding + instruction.bytes, instruction.operation,
                             only(Cause::instruction_too_long), mode));
      EXPECT_TRUE(decodes_to(Bytes{0xF0} + padding + instruction.bytes, instruction.operation,
                             only(Cause::instruction_too_long) | only(Cause::lock_prefix), mode));
    }
}

TEST(Decode, Length_is_at_most_255) {
  for (const std::size_t size : {254u, 255u, 256u, 257u, 700u}) {
    SCOPED_TRACE(size);
    const Decoded decoded = decode_bytes(Bytes(size - 1, 0x66) + Bytes{0xF1});
    EXPECT_EQ(decoded.status, DecodeStatus::ok);
    EXPECT_EQ(decoded.request.length, size == 254 ? 254 : 255);
    EXPECT_EQ(decoded.request.encoding_faults, only(Cause::instruction_too_long));
  }
}

TEST(Decode, Cut_off_anywhere_is_truncated) {
  EXPECT_TRUE(has_status({}, DecodeStatus::truncated));
  for (const Instruction& instruction : instructions)
    for (const Bytes& prefixes : {Bytes{}, Bytes{0x66}, Bytes{0xF0, 0x2E}, Bytes{0x66, 0x48}}) {
      const Bytes whole = prefixes + instruction.bytes;
      for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_TRUE(has_status(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)),
                               DecodeStatus::truncated));
    }
}

TEST(Decode, Memory_behind_the_given_bytes_is_not_looked_at) {
  for (const Instruction& instruction : instructions) {
    const Bytes whole = Bytes{0x66} + instruction.bytes;
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_EQ(decode(whole.data(), size, Mode::long_mode).status, DecodeStatus::truncated);
  }
}

TEST(Decode, Bytes_behind_the_instruction) {
  for (const Instruction& instruction : instructions) {
    EXPECT_TRUE(has_status(instruction.bytes + Bytes{0x90}, DecodeStatus::trailing_bytes));
    EXPECT_TRUE(has_status(instruction.bytes + Bytes{0x66}, DecodeStatus::trailing_bytes));
    EXPECT_TRUE(has_status(Bytes{0x66} + instruction.bytes + Bytes{0x00, 0x00},
                           DecodeStatus::trailing_bytes));
  }
}

TEST(Decode, Every_other_opcode_is_unknown) {
  const auto holds = [](const Bytes& bytes, unsigned byte) {
    return std::find(bytes.begin(), bytes.end(), byte) != bytes.end();
  };
  for (const Mode mode : modes)
    for (unsigned byte = 0; byte < 0x100; ++byte) {
      const auto opcode = static_cast<std::uint8_t>(byte);
      const bool rex = mode == Mode::long_mode && (byte & 0xF0) == 0x40;
      if (!rex && !holds(ignored_prefixes, byte) && !holds({0xF0, 0x0F, 0xF1}, byte)) {
        const bool vex = byte == 0xC4 && mode != Mode::real && mode != Mode::v86;
        EXPECT_TRUE(has_status({opcode},
                               vex ? DecodeStatus::truncated : DecodeStatus::unknown_opcode, mode));
        EXPECT_TRUE(has_status({opcode, 0x0F, 0x32}, DecodeStatus::unknown_opcode, mode));
      }
      if (!holds({0x21, 0x23, 0x30, 0x32}, byte)) {
        const bool group_7 = byte == 0x01; // WRMSRNS is one of it
        const bool escape = byte == 0x38;
        EXPECT_TRUE(has_status(
            {0x0F, opcode},
            group_7 || escape ? DecodeStatus::truncated : DecodeStatus::unknown_opcode, mode));
        EXPECT_TRUE(has_status({0x0F, opcode, 0xC0}, DecodeStatus::unknown_opcode, mode));
      }
      if (byte != 0xF8) { // URDMSR and UWRMSR
        EXPECT_TRUE(has_status({0xF2, 0x0F, 0x38, opcode}, DecodeStatus::unknown_opcode, mode));
        EXPECT_TRUE(
            has_status({0xF2, 0x0F, 0x38, opcode, 0xC0}, DecodeStatus::unknown_opcode, mode));
      }
    }
}

TEST(Decode, A_failure_names_no_operation) {
  for (const Bytes& bytes : {Bytes{0x0F, 0x21}, Bytes{0x90}})
    EXPECT_EQ(decode_bytes(bytes).request.operation, Operation::none);
}

// A simulator does not know where its instruction ends.
TEST(Decode, Bytes_behind_the_instruction_are_not_part_of_it) {
  const struct {
    Bytes bytes;
    Operation operation;
    unsigned length;
  } rows[] = {{{0x0F, 0x32}, Operation::rdmsr, 2},
              {{0x66, 0x0F, 0x21, 0xC3}, Operation::mov_from_dr, 4},
              {{0xF1}, Operation::int1, 1},
              {{0xF2, 0x0F, 0x38, 0xF8, 0xD0}, Operation::urdmsr, 5},
              {{0xC4, 0xE7, 0x7B, 0xF6, 0xC0, 0x82, 0x00, 0x00, 0xC0}, Operation::rdmsr_imm, 9}};
  for (const auto& row : rows)
    for (const Bytes& behind : {Bytes{0x90}, Bytes{0xF0, 0x0F, 0x32}, Bytes(20, 0x66)}) {
      const Decoded decoded = decode_bytes(row.bytes + behind);
      EXPECT_EQ(decoded.status, DecodeStatus::trailing_bytes);
      EXPECT_EQ(decoded.request.operation, row.operation);
      EXPECT_EQ(decoded.request.length, row.length);
      EXPECT_EQ(decoded.request.encoding_faults, 0u);
    }
}

// Outside 64-bit mode C4 and C5 are LES and LDS with a memory operand, and always so in real and
// V86 mode (SDM vol. 2 2.3.5); C5 is a VEX prefix of map 1 alone.
TEST(Decode, les_and_lds_are_no_vex) {
  const Bytes rest = {0x7B, 0xF6, 0xC0, 0x82, 0x00, 0x00, 0xC0};
  for (const Mode mode : {Mode::real, Mode::v86})
    EXPECT_TRUE(has_status(Bytes{0xC4, 0xE7} + rest, DecodeStatus::unknown_opcode, mode));
  for (const Mode mode : {Mode::real, Mode::v86, Mode::protected_mode, Mode::compatibility}) {
    EXPECT_TRUE(has_status(Bytes{0xC4, 0xA7} + rest, DecodeStatus::unknown_opcode, mode));
    EXPECT_TRUE(has_status({0xC4, 0x87}, DecodeStatus::unknown_opcode, mode));
    EXPECT_TRUE(has_status(Bytes{0xC5, 0xA7} + rest, DecodeStatus::unknown_opcode, mode));
  }
  for (const Mode mode : {Mode::protected_mode, Mode::compatibility, Mode::long_mode}) {
    EXPECT_TRUE(has_status({0xC4}, DecodeStatus::truncated, mode));
    EXPECT_TRUE(has_status(Bytes{0xC5, 0xE7} + rest, DecodeStatus::unknown_opcode, mode));
  }
}

// In 64-bit mode C4 is VEX whatever its second byte says; X is of no register, B and R are
// inverted.
TEST(Decode, c4_is_vex_in_64_bit_mode) {
  const Bytes rest = {0x7B, 0xF6, 0xC3, 0x82, 0x00, 0x00, 0xC0};
  const struct {
    std::uint8_t second;
    unsigned gpr;
  } rows[] = {{0xE7, 3}, {0xA7, 3}, {0xC7, 11}, {0x87, 11}};
  for (const auto& row : rows) {
    const Decoded decoded = decode_bytes(Bytes{0xC4, row.second} + rest);
    EXPECT_EQ(decoded.status, DecodeStatus::ok) << hex(row.second);
    EXPECT_EQ(decoded.request.operation, Operation::rdmsr_imm) << hex(row.second);
    EXPECT_EQ(decoded.request.gpr, row.gpr) << hex(row.second);
    EXPECT_EQ(decoded.request.msr, 0xC0000082u) << hex(row.second);
    const bool vex = row.second >= 0xC0; // elsewhere, where B and X are always 1
    for (const Mode mode : {Mode::protected_mode, Mode::compatibility})
      EXPECT_TRUE(has_status(Bytes{0xC4, row.second} + rest,
                             vex ? DecodeStatus::ok : DecodeStatus::unknown_opcode, mode))
          << hex(row.second);
  }
  for (const Bytes& of_reg_8 : {Bytes{0xC4, 0x67}, Bytes{0xC4, 0x47}, Bytes{0xC4, 0x07}})
    EXPECT_TRUE(has_status(of_reg_8 + rest, DecodeStatus::unknown_opcode));
}

} // namespace
} // namespace icebp::test
