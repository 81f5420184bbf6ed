#pragma once

#include <icebp/model/rules/cpu/msr_row.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// Describes a register as one profile has it. The first 64 bytes hold what every access needs.
struct alignas(128) ResolvedMsr {
  std::uint64_t gp = 0;
  std::uint64_t writable = 0;
  Outcome when_read;       // the outcome of an RDMSR that retires, without the value
  Outcome when_written;    // the outcome of a WRMSR that retires
  std::uint32_t index = 0; // of a run: the first
  std::uint16_t slot = 0;
  std::uint8_t number = 0;          // in its range
  std::uint8_t canonical_bits = 64; // 48 or 57; 64: not checked
  // True: only the masks and the canonical rule stand between the instruction and the register.
  bool reads_plainly = false;
  bool writes_plainly = false;
  bool stores_plainly = false; // and nothing follows from the write
  bool present = false;
  bool on_platform = false; // the platform keeps it, or may: no register has the index
  bool readable = false;
  bool accepts_writes = false;
  bool smm_only = false;    // writes
  std::uint8_t flags = 0;   // bits from 63 down that are no part of the canonical check
  bool in_catalogue = true; // false: one CPU's own, what it does is not known
  MsrScope scope = MsrScope::thread;
  MsrInit on_init = MsrInit::reset;
  std::uint32_t last = 0; // of a run; else as `index`
  const MsrFunctions* does = &no_functions;
  MsrResetFor reset_for = nullptr;
  std::uint64_t reset = 0; // of the bootstrap processor with APIC ID 0
  std::string_view name;   // of a range: of its first register
  std::string_view source;

  // Sets the three from the rest.
  void settle();
};
static_assert(sizeof(ResolvedMsr) == 128);

// Finds the vendor's row that has `index`, as its own or in its range, whatever features and counts
// a CPU has; nullptr if there is none.
const MsrRow* find_msr_row(Vendor vendor, std::uint32_t index);

// Gives the index of the register of either vendor that has `name` ("IA32_LSTAR", or "LSTAR"
// without IA32_ or MSR_; "IA32_MC3_CTL" of a range); empty if there is none.
std::optional<std::uint32_t> msr_index_of(std::string_view name);

// Holds the catalogue resolved for a profile. It is immutable, about 150 KiB large, and shared by
// every core of the profile. A look-up takes the same few instructions whatever the index.
class MsrTable {
public:
  explicit MsrTable(const CpuProfile& profile) : MsrTable(profile, *profile.authority) {}
  MsrTable(const CpuProfile& profile, const Authority& authority);

  // An index without a register gives a row that is not `present`.
  const ResolvedMsr& find(std::uint32_t index) const noexcept {
    const ResolvedMsr& row = find_single(index);
    return row.present ? row : find_in_runs(index);
  }
  // As `find`, but for the registers of runs, which it does not find: in fewer instructions.
  const ResolvedMsr& find_single(std::uint32_t index) const noexcept {
    const ResolvedMsr& row = find_candidate(index);
    return row.index == index ? row : rows_[0];
  }
  // The only row, of no run, whose index `index` can be; compare.
  const ResolvedMsr& find_candidate(std::uint32_t index) const noexcept {
    return rows_[row_of_[bucket(index)]];
  }

  // The format of last-branch records, PERF_CAPABILITIES[5:0].
  unsigned lbr_format() const noexcept { return lbr_format_; }

  // How many registers had no room: 0, unless the profile has too many rows of its own.
  std::size_t left_out() const noexcept { return left_out_; }

  const ResolvedMsr* begin() const noexcept { return rows_.data() + 1; }
  const ResolvedMsr* end() const noexcept { return rows_.data() + row_count_; }

private:
  // A perfect hash: the constructor looks for a multiplier that gives every register a bucket of
  // its own.
  static constexpr unsigned bucket_bits = 14;
  std::uint32_t bucket(std::uint32_t index) const noexcept {
    return index * multiplier_ >> (32 - bucket_bits);
  }
  bool fill_buckets();
  const ResolvedMsr& find_in_runs(std::uint32_t index) const noexcept;

  void add(const CpuProfile& profile, const Authority& authority, const MsrRow& row,
           const MsrFunctions& functions);
  void add(const MsrRun& run, std::string_view source);
  bool has_row(std::uint32_t index) const;
  void put(const ResolvedMsr& msr, std::uint16_t slot);
  void put_in_next_slot(const ResolvedMsr& msr);
  void put_alias(const ResolvedMsr& alias, std::uint32_t of);

  static constexpr std::size_t most_aliases = 16;
  std::uint32_t multiplier_ = 0x9E3779B1;
  std::size_t row_count_ = 1;
  std::size_t first_run_ = 0; // rows from here on are runs
  std::size_t left_out_ = 0;
  std::uint8_t lbr_format_ = 0;
  std::uint16_t next_slot_ = static_cast<std::uint16_t>(MsrSlot::first_unnamed);
  std::array<std::uint16_t, 1 << bucket_bits> row_of_{};
  std::array<ResolvedMsr, 1 + msr_slot_count + most_aliases> rows_{}; // row 0: no such register
};

} // namespace v0_1
} // namespace icebp
