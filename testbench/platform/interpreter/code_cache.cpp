#include <icebp/testbench/platform/interpreter/code_cache.h>

namespace icebp::vp {

std::shared_ptr<CodePage> CodeCache::page_at(std::uint64_t address, CodeKind kind) {
  const std::uint64_t page = address >> 12;
  ram_.code_marks()[page] = 1;
  std::shared_ptr<CodePage>& code = pages_[page << 3 | static_cast<std::uint64_t>(kind)];
  if (!code)
    code = std::make_shared<CodePage>();
  return code;
}

void CodeCache::forget(std::uint64_t address) {
  const std::uint64_t page = address >> 12;
  for (std::uint64_t kind = 0; kind <= static_cast<std::uint64_t>(CodeKind::long_64); ++kind)
    pages_.erase(page << 3 | kind);
  ram_.code_marks()[page] = 0;
  ++generation_;
}

} // namespace icebp::vp
