#pragma once
// The names of the fields within registers.

#include <icebp/model/rules/cpu/msr_row.h>

namespace icebp {

struct MsrField {
  unsigned high, low; // bits
  std::string_view name;
};

// Fields stand from the lowest up. Bits between them have no name, or the model knows none.
struct MsrFields {
  std::uint32_t index; // of the row: of a range, its first register
  MsrVendor vendor;
  std::string_view source;
  Table<MsrField> fields;
};

extern const Table<MsrFields> msr_fields;

// Gives the fields of the register of the catalogue that has `index`; nullptr: none are known.
const MsrFields* msr_fields_of(Vendor vendor, std::uint32_t index);

// nullptr if `bit` is in no field, or `of` is nullptr.
const MsrField* field_at(const MsrFields* of, unsigned bit);

} // namespace icebp
