#include <icebp/model/json/scalar.h>
#include <icebp/testbench/program/profiles/msr_text.h>
#include <icebp/testbench/program/profiles/source_grade.h>

#include <iomanip>
#include <sstream>

namespace icebp {

std::string hex_digits_of(std::uint64_t value, int digits) {
  std::ostringstream text;
  text << std::hex << std::setfill('0') << std::setw(digits) << value;
  return text.str();
}

std::string padded_hex(std::uint64_t value, int digits) {
  return "0x" + hex_digits_of(value, digits);
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string_view access_of(const ResolvedMsr& msr) {
  if (msr.smm_only)
    return "smm";
  if (!msr.readable)
    return "wo";
  return msr.accepts_writes ? "rw" : "ro";
}

MsrCost cost_of_read(const ResolvedMsr& msr) {
  return msr.readable ? msr.when_read.cost : MsrCost::none;
}

MsrCost cost_of_write(const ResolvedMsr& msr) {
  return msr.accepts_writes ? msr.when_written.cost : MsrCost::none;
}

std::string json_members_of(const ResolvedMsr& msr) {
  std::ostringstream out;
  out << "\"index\":" << json_string(padded_hex(msr.index, 8))
      << ",\"last\":" << json_string(padded_hex(msr.last, 8))
      << ",\"name\":" << json_string(full_name(msr))
      << ",\"in_catalogue\":" << (msr.in_catalogue ? "true" : "false")
      << ",\"access\":" << json_string(access_of(msr))
      << ",\"writable\":" << json_string(padded_hex(msr.writable, 16))
      << ",\"gp\":" << json_string(padded_hex(msr.gp, 16))
      << ",\"reset\":" << json_string(padded_hex(msr.reset, 16))
      << ",\"on_init\":" << json_string(name_of(msr.on_init))
      << ",\"canonical_bits\":" << unsigned{msr.canonical_bits}
      << ",\"scope\":" << json_string(name_of(msr.scope))
      << ",\"read_cost\":" << json_string(name_of(cost_of_read(msr)))
      << ",\"write_cost\":" << json_string(name_of(cost_of_write(msr)))
      << ",\"source\":" << json_string(msr.source)
      << ",\"grade\":" << json_string(name_of(grade_of(msr.source)));
  return out.str();
}

} // namespace icebp
