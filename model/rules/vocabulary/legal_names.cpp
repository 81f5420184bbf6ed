#include <icebp/model/rules/vocabulary/legal_names.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace icebp {
inline namespace v0_1 {
namespace {

// How many letters must be put in, left out, replaced or swapped with a neighbour to turn one word
// into the other (the optimal string alignment distance), without regard to case.
std::size_t distance_between(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  std::vector<std::size_t> before, row(b.size() + 1), two_before;
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    two_before = std::exchange(before, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], two_before[j - 2] + 1);
    }
  }
  return row.back();
}

} // namespace

std::string with_guess(const std::string& problem, std::string_view name, std::string_view legal) {
  constexpr std::size_t longest = 40; // what is longer is no misspelled name
  std::size_t least =
      std::min<std::size_t>(3, name.size() > longest ? 0 : (name.size() + 1) / 3 + 1);
  std::string_view nearest;
  while (!legal.empty()) {
    const std::string_view candidate = legal.substr(0, legal.find(", "));
    legal.remove_prefix(std::min(legal.size(), candidate.size() + 2));
    const std::size_t distance = least == 0 ? 1 : distance_between(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? problem : problem + " (did you mean " + std::string(nearest) + "?)";
}

} // namespace v0_1
} // namespace icebp
