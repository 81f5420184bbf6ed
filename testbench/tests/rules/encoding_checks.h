#pragma once
// What every encoding of an MSR instruction has in common.

#include <icebp/model/rules/decode.h>
#include <icebp/testbench/tests/rules/support.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace icebp::test {

// As it is decoded in 64-bit mode: whole, without an encoding fault, and truncated if bytes lack.
inline Decoded decoded_whole(const std::vector<std::uint8_t>& bytes) {
  const Decoded decoded = decode(bytes.data(), bytes.size(), Mode::long_mode);
  EXPECT_EQ(decoded.status, DecodeStatus::ok);
  EXPECT_EQ(decoded.request.length, bytes.size());
  EXPECT_EQ(decoded.request.encoding_faults, 0u);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decode(bytes.data(), size, Mode::long_mode).status, DecodeStatus::truncated);
  return decoded;
}

// Whose one encoding fault is LOCK, if that stands before it.
inline void expect_lock_fault(std::vector<std::uint8_t> bytes) {
  bytes.insert(bytes.begin(), 0xF0);
  const Decoded decoded = decode(bytes.data(), bytes.size(), Mode::long_mode);
  EXPECT_EQ(decoded.request.encoding_faults, only(Cause::lock_prefix));
}

} // namespace icebp::test
