#pragma once

#include <cstddef>

namespace icebp {
inline namespace v0_1 {

// A view of a static array.
template <typename T>
struct Table {
  const T* rows;
  std::size_t count;
  constexpr const T* begin() const { return rows; }
  constexpr const T* end() const { return rows + count; }
};

} // namespace v0_1
} // namespace icebp
