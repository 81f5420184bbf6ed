#include <icebp/testbench/program/vectors/vector_line.h>

#include <algorithm>

namespace icebp {
namespace {

template <typename T>
void lay_over(std::optional<T>& value, const std::optional<T>& over) {
  if (over)
    value = over;
}

// `id` tells the entries of a list apart.
template <typename Entry, typename Id>
void lay_over(std::vector<Entry>& entries, const std::vector<Entry>& over, Id Entry::*id) {
  for (const Entry& entry : over) {
    const auto same = std::find_if(entries.begin(), entries.end(),
                                   [&](const Entry& other) { return other.*id == entry.*id; });
    if (same == entries.end())
      entries.push_back(entry);
    else
      *same = entry;
  }
}

void lay_over(ExpectedScalars& expect, const ExpectedScalars& over) {
  // As many as there are members.
  auto& [outcome, vector, error_code, cause, payload, redirected, rip, rf, cr2, dr, dr6, dr7,
         serializing, cost, cycles] = expect;
  lay_over(outcome, over.outcome);
  lay_over(vector, over.vector);
  lay_over(error_code, over.error_code);
  lay_over(cause, over.cause);
  lay_over(payload, over.payload);
  lay_over(redirected, over.redirected);
  lay_over(rip, over.rip);
  lay_over(rf, over.rf);
  lay_over(cr2, over.cr2);
  lay_over(dr, over.dr);
  lay_over(dr6, over.dr6);
  lay_over(dr7, over.dr7);
  lay_over(serializing, over.serializing);
  lay_over(cost, over.cost);
  lay_over(cycles, over.cycles);
}

} // namespace

void Expectation::clear() {
  static_cast<ExpectedScalars&>(*this) = {};
  id.clear();
  exit.reset();
  gpr.clear();
  msr.clear();
  memory.clear();
}

void VectorLine::clear() {
  static_cast<LineScalars&>(*this) = {};
  id.clear();
  code.clear();
  msr.clear();
  memory.clear();
  vmx.reset();
  svm.reset();
  expect.clear();
}

void lay_over(Expectation& expect, const Expectation& over) {
  lay_over(static_cast<ExpectedScalars&>(expect), over);
  if (!over.id.empty())
    expect.id = over.id;
  if (expect.exit && *expect.exit && over.exit && *over.exit)
    lay_over(**expect.exit, **over.exit, &ExpectedExitField::field);
  else
    lay_over(expect.exit, over.exit);
  lay_over(expect.gpr, over.gpr, &ExpectedGpr::reg);
  lay_over(expect.msr, over.msr, &ExpectedMsr::index);
  lay_over(expect.memory, over.memory, &MemoryRange::address);
}

} // namespace icebp
