#include <icebp/model/rules/debug/breakpoint_match.h>
#include <icebp/model/rules/debug/watch_filter.h>
#include <icebp/model/rules/registers/canonical.h>
#include <icebp/model/rules/registers/dr7.h>

namespace icebp {
inline namespace v0_1 {

void WatchSet::add(std::uint64_t last, std::uint64_t more) noexcept {
  if (more > widest_)
    widest_ = more;
  std::size_t place = lasts_.size() - 1;
  for (; place != 0 && lasts_[place - 1] > static_cast<Address>(last); --place)
    lasts_[place] = lasts_[place - 1];
  lasts_[place] = static_cast<Address>(last);
}

void WatchFilter::arm(const CoreState& state) noexcept {
  constexpr unsigned widest_canonical = 57;
  *this = WatchFilter{};
  for (unsigned n = 0; n < 4; ++n) {
    if (!dr7::is_enabled(state.dr[7], n))
      continue;
    const WatchedBytes bytes = watched_bytes(state, n);
    if (!is_canonical(bytes.last(), widest_canonical)) // never matches
      continue;
    const unsigned rw = dr7::rw(state.dr[7], n);
    if (rw == dr7::rw_execution)
      fetches_.add(bytes.last(), bytes.ignored);
    if (rw == dr7::rw_write || rw == dr7::rw_read_write)
      writes_.add(bytes.last(), bytes.ignored);
    if (rw == dr7::rw_read_write)
      reads_.add(bytes.last(), bytes.ignored);
  }
  note(state.boundary);
}

} // namespace v0_1
} // namespace icebp
