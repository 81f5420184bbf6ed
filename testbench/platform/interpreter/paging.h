#pragma once

#include <icebp/testbench/platform/interpreter/code_cache.h>
#include <icebp/testbench/platform/interpreter/fault.h>

#include <array>
#include <cstdint>

namespace icebp::vp {

enum class Access : std::uint8_t { read, write, fetch };

// What paging looks at, of the control registers and of the CPU.
struct PagingControls {
  std::uint64_t cr0 = 0, cr3 = 0, cr4 = 0;
  bool long_mode = false;               // EFER.LMA
  bool nxe = false;                     // EFER.NXE
  bool gib_pages = false;               // CPUID.80000001:EDX[26]
  unsigned address_width = 36;          // physical, bits
  std::array<std::uint64_t, 4> pdpte{}; // of PAE paging, as they were loaded

  bool enabled() const { return (cr0 >> 31 & 1) != 0; }
  bool pae() const { return (cr4 >> 5 & 1) != 0; }
};

// Who accesses: the effective privilege, and whether SMAP counts.
struct Privilege {
  bool user = false;
  bool smap_off = false; // RFLAGS.AC of an explicit access
};

// Walks page tables and remembers what they said (SDM vol. 3 4).
class Paging {
public:
  Paging(Ram& ram, Bus& bus, CodeCache& code) : ram_(ram), bus_(bus), code_(code) {}

  PagingControls controls;

  // The physical address of `linear`; sets accessed and dirty bits. Throws #PF.
  std::uint64_t translate(std::uint64_t linear, Access access, Privilege privilege);
  // The same without an effect, as a debugger asks; all ones if nothing is mapped there.
  std::uint64_t peek(std::uint64_t linear) const;

  // After a change of what is in `controls`, but for CR3, and of what a watch filter holds.
  void flush_all();
  // MOV to CR3: entries that are not global.
  void flush_non_global();
  void invalidate(std::uint64_t linear); // INVLPG

  // Whether RFLAGS.AC decides about `linear`, which was translated last: SMAP, and a user's page.
  bool depends_on_ac(std::uint64_t linear, bool user) const;

  // PAE: the four entries at CR3; false if one has a reserved bit set, which is #GP(0).
  bool load_pdptes();

  // Writes forget code that was decoded there.
  std::uint64_t read_physical(std::uint64_t address, unsigned size) const;
  void write_physical(std::uint64_t address, unsigned size, std::uint64_t value);

private:
  struct Entry { // of the translation look-aside buffer, one 4-KiB page each
    std::uint64_t page = ~std::uint64_t{0}; // linear page number
    std::uint64_t frame = 0;                // physical address
    bool user = false, writable = false, no_execute = false, dirty = false, global = false;
  };
  struct Walk {
    Entry entry;
    std::uint32_t error = 0;              // of the fault, with bit 31 set where there is one
    std::array<std::uint64_t, 5> place{}; // physical addresses of the entries used
    unsigned levels = 0;
    unsigned entry_size = 8;
  };
  Walk walk(std::uint64_t linear) const;
  Walk walk_32_bit(std::uint64_t linear) const;
  Walk walk_64_bit(std::uint64_t linear) const;
  void mark_used(const Walk& walk, bool dirty);
  std::uint32_t denied(const Entry& entry, Access access, Privilege privilege) const;
  [[noreturn]] void page_fault(std::uint64_t linear, std::uint32_t code, Access access,
                               Privilege privilege) const;

  static constexpr std::size_t tlb_size = 1024;
  Ram& ram_;
  Bus& bus_;
  CodeCache& code_;
  std::array<Entry, tlb_size> tlb_;
};

} // namespace icebp::vp
