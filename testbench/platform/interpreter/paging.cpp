#include <icebp/testbench/platform/interpreter/paging.h>
#include <icebp/testbench/platform/interpreter/registers.h>

#include <cstring>

namespace icebp::vp {
namespace {

namespace pte { // SDM vol. 3 tables 4-5 to 4-20
constexpr std::uint64_t present = 1, writable = 2, user = 4, accessed = 1 << 5, dirty = 1 << 6,
                        large = 1 << 7, global = 1 << 8, no_execute = std::uint64_t{1} << 63;
}

namespace error { // SDM vol. 3 figure 4-12
constexpr std::uint32_t present = 1, write = 2, user = 4, reserved = 8, fetch = 16;
constexpr std::uint32_t fault = 1u << 31; // of Walk: there is one
} // namespace error

constexpr std::uint64_t page_mask = 0xFFF;

constexpr std::uint64_t bits(unsigned high, unsigned low) {
  return ((std::uint64_t{2} << high) - 1) & ~((std::uint64_t{1} << low) - 1);
}

} // namespace

std::uint64_t Paging::read_physical(std::uint64_t address, unsigned size) const {
  if (!ram_.contains(address, size))
    return bus_.read(address, size);
  std::uint64_t value = 0;
  std::memcpy(&value, ram_.data() + address, size);
  return value;
}

void Paging::write_physical(std::uint64_t address, unsigned size, std::uint64_t value) {
  if (!ram_.contains(address, size))
    return bus_.write(address, size, value);
  std::memcpy(ram_.data() + address, &value, size);
  for (const std::uint64_t byte : {address, address + size - 1})
    if (ram_.code_marks()[byte >> 12] != 0)
      code_.forget(byte);
}

bool Paging::load_pdptes() {
  std::array<std::uint64_t, 4> entries{};
  for (unsigned n = 0; n < 4; ++n)
    entries[n] = read_physical((controls.cr3 & bits(31, 5)) + 8 * n, 8);
  const std::uint64_t reserved = bits(63, controls.address_width) | bits(8, 5) | bits(2, 1);
  for (const std::uint64_t entry : entries)
    if ((entry & pte::present) != 0 && (entry & reserved) != 0)
      return false;
  controls.pdpte = entries;
  return true;
}

// Two levels of 4-byte entries (SDM vol. 3 4.3).
Paging::Walk Paging::walk_32_bit(std::uint64_t linear) const {
  Walk result;
  result.entry_size = 4;
  const std::uint64_t pde_at = (controls.cr3 & bits(31, 12)) + (linear >> 22 & 0x3FF) * 4;
  const std::uint64_t pde = read_physical(pde_at, 4);
  result.place[result.levels++] = pde_at;
  if ((pde & pte::present) == 0) {
    result.error = error::fault;
    return result;
  }
  Entry& entry = result.entry;
  entry.user = (pde & pte::user) != 0;
  entry.writable = (pde & pte::writable) != 0;
  if ((pde & pte::large) != 0 && (controls.cr4 & cr4::pse) != 0) {
    // PSE-36: bits 20:13 are address bits 39:32, as far as the CPU has them.
    const unsigned high_bits = controls.address_width > 40 ? 8 : controls.address_width - 32;
    const std::uint64_t reserved = bits(21, 13 + high_bits) & bits(21, 13);
    if ((pde & reserved) != 0) {
      result.error = error::fault | error::present | error::reserved;
      return result;
    }
    const std::uint64_t high = (pde >> 13 & ((1u << high_bits) - 1)) << 32;
    entry.frame = high | (pde & bits(31, 22)) | (linear & bits(21, 12));
    entry.global = (pde & pte::global) != 0;
    entry.dirty = (pde & pte::dirty) != 0;
    return result;
  }
  const std::uint64_t pte_at = (pde & bits(31, 12)) + (linear >> 12 & 0x3FF) * 4;
  const std::uint64_t leaf = read_physical(pte_at, 4);
  result.place[result.levels++] = pte_at;
  if ((leaf & pte::present) == 0) {
    result.error = error::fault;
    return result;
  }
  entry.user = entry.user && (leaf & pte::user) != 0;
  entry.writable = entry.writable && (leaf & pte::writable) != 0;
  entry.frame = leaf & bits(31, 12);
  entry.global = (leaf & pte::global) != 0;
  entry.dirty = (leaf & pte::dirty) != 0;
  return result;
}

// PAE, 4-level and 5-level paging: entries of 8 bytes, 9 bits of the address a level (SDM vol. 3
// 4.4, 4.5).
Paging::Walk Paging::walk_64_bit(std::uint64_t linear) const {
  Walk result;
  Entry& entry = result.entry;
  entry.user = entry.writable = true;
  const std::uint64_t too_high = bits(51, controls.address_width);
  const std::uint64_t address = bits(51, 12);
  unsigned level = controls.long_mode ? ((controls.cr4 & cr4::la57) != 0 ? 5 : 4) : 2;
  std::uint64_t table = controls.cr3 & address & ~too_high;
  if (!controls.long_mode) {
    const std::uint64_t pdpte = controls.pdpte[linear >> 30 & 3];
    if ((pdpte & pte::present) == 0) {
      result.error = error::fault;
      return result;
    }
    table = pdpte & address;
  }
  for (;; --level) {
    const unsigned shift = 12 + 9 * (level - 1);
    const std::uint64_t at = table + (linear >> shift & 0x1FF) * 8;
    const std::uint64_t value = read_physical(at, 8);
    result.place[result.levels++] = at;
    if ((value & pte::present) == 0) {
      result.error = error::fault;
      return result;
    }
    const bool may_be_large = level == 2 || (level == 3 && controls.gib_pages);
    const bool large = (value & pte::large) != 0 && level > 1;
    std::uint64_t reserved = too_high;
    if (!controls.nxe)
      reserved |= pte::no_execute;
    if (!controls.long_mode)
      reserved |= bits(62, 52);
    if (large)
      reserved |= may_be_large ? bits(shift - 1, 13) : pte::large;
    if ((value & reserved) != 0) {
      result.error = error::fault | error::present | error::reserved;
      return result;
    }
    entry.user = entry.user && (value & pte::user) != 0;
    entry.writable = entry.writable && (value & pte::writable) != 0;
    entry.no_execute = entry.no_execute || (value & pte::no_execute) != 0;
    if (level == 1 || large) {
      entry.frame =
          ((value & address & ~bits(shift - 1, 0)) | (linear & bits(shift - 1, 0))) & ~page_mask;
      entry.global = (value & pte::global) != 0;
      entry.dirty = (value & pte::dirty) != 0;
      return result;
    }
    table = value & address;
  }
}

Paging::Walk Paging::walk(std::uint64_t linear) const {
  Walk result = controls.pae() ? walk_64_bit(linear) : walk_32_bit(linear);
  result.entry.page = linear >> 12;
  if ((controls.cr4 & cr4::pge) == 0)
    result.entry.global = false;
  return result;
}

// Sets accessed bits on the way, and the dirty bit of the last entry.
void Paging::mark_used(const Walk& walk, bool dirty) {
  for (unsigned n = 0; n < walk.levels; ++n) {
    const std::uint64_t old = read_physical(walk.place[n], walk.entry_size);
    const bool is_leaf = n + 1 == walk.levels;
    const std::uint64_t now = old | pte::accessed | (is_leaf && dirty ? pte::dirty : 0);
    if (now != old)
      write_physical(walk.place[n], walk.entry_size, now);
  }
}

// The error code's P bit if the page's rights deny the access (SDM vol. 3 4.6); else 0.
std::uint32_t Paging::denied(const Entry& entry, Access access, Privilege privilege) const {
  const bool wp = (controls.cr0 & cr0::wp) != 0;
  bool allowed = true;
  if (privilege.user)
    allowed = entry.user;
  else if (entry.user)
    allowed = access == Access::fetch ? (controls.cr4 & cr4::smep) == 0
                                      : (controls.cr4 & cr4::smap) == 0 || privilege.smap_off;
  if (access == Access::write)
    allowed = allowed && (entry.writable || (!privilege.user && !wp));
  if (access == Access::fetch)
    allowed = allowed && !entry.no_execute;
  return allowed ? 0 : error::present;
}

void Paging::page_fault(std::uint64_t linear, std::uint32_t code, Access access,
                        Privilege privilege) const {
  if (access == Access::write)
    code |= error::write;
  if (privilege.user)
    code |= error::user;
  const bool tells_fetch = (controls.cr4 & cr4::smep) != 0 || (controls.pae() && controls.nxe);
  if (access == Access::fetch && tells_fetch)
    code |= error::fetch;
  throw Fault{vector::pf, code, linear};
}

std::uint64_t Paging::translate(std::uint64_t linear, Access access, Privilege privilege) {
  if (!controls.enabled())
    return linear;
  Entry& cached = tlb_[linear >> 12 & (tlb_size - 1)];
  const bool write = access == Access::write;
  const bool hit = cached.page == linear >> 12 && (!write || cached.dirty) &&
                   denied(cached, access, privilege) == 0;
  if (!hit) {
    // What the buffer says may be stale where it denies: the tables decide.
    const Walk found = walk(linear);
    if (found.error != 0)
      page_fault(linear, found.error & ~error::fault, access, privilege);
    if (const std::uint32_t code = denied(found.entry, access, privilege))
      page_fault(linear, code, access, privilege);
    mark_used(found, write);
    cached = found.entry;
    cached.dirty = cached.dirty || write;
  }
  return cached.frame | (linear & page_mask);
}

std::uint64_t Paging::peek(std::uint64_t linear) const {
  if (!controls.enabled())
    return linear;
  const Walk found = walk(linear);
  return found.error != 0 ? ~std::uint64_t{0} : found.entry.frame | (linear & page_mask);
}

bool Paging::depends_on_ac(std::uint64_t linear, bool user) const {
  if (user || !controls.enabled() || (controls.cr4 & cr4::smap) == 0)
    return false;
  return tlb_[linear >> 12 & (tlb_size - 1)].user;
}

void Paging::flush_all() { tlb_.fill(Entry{}); }

void Paging::flush_non_global() {
  for (Entry& entry : tlb_)
    if (!entry.global)
      entry = Entry{};
}

void Paging::invalidate(std::uint64_t linear) {
  Entry& entry = tlb_[linear >> 12 & (tlb_size - 1)];
  if (entry.page == linear >> 12)
    entry = Entry{};
}

} // namespace icebp::vp
