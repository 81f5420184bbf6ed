#pragma once

#include <icebp/model/rules/msr_row.h>
#include <icebp/model/rules/table.h>

namespace icebp {

// The datasheet: one row per register and vendor.
extern const Table<MsrRow> msr_catalogue;
extern const Table<MsrBitGate> msr_bit_gates;

} // namespace icebp
