#pragma once

#include <icebp/model/rules/cpu/msr_row.h>
#include <icebp/model/rules/vocabulary/table.h>

#include <array>

namespace icebp {

// The catalogue has three sheets: the registers that both vendors have alike, Intel's and AMD's. A
// vendor has at most one row for an index.
struct MsrSheet {
  MsrVendor vendor;
  const Table<MsrRow>* rows;

  const MsrRow* begin() const { return rows->begin(); }
  const MsrRow* end() const { return rows->end(); }
};
extern const std::array<MsrSheet, 3> msr_catalogue;

extern const Table<MsrRow> msr_rows_both;
extern const Table<MsrRow> msr_rows_intel;
extern const Table<MsrRow> msr_rows_amd;
extern const Table<MsrBitGate> msr_bit_gates;

} // namespace icebp
