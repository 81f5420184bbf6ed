#include <icebp/model/rules/vocabulary/field.h>
#include <icebp/testbench/program/core/msr_list_player.h>

#include <optional>

namespace icebp {
namespace {

Request entry_of(const Core& core, const Request& list, std::uint64_t entry) {
  const bool reads = list.operation == Operation::rdmsrlist;
  Request request = list;
  request.operation = reads ? Operation::rdmsrlist_entry : Operation::wrmsrlist_entry;
  request.context = context_of(core.machine);
  request.msr = static_cast<std::uint32_t>(entry);
  request.encoding_faults = only_if(entry > low_half, Cause::list_entry);
  return request;
}

} // namespace

Played play_msr_list(Core& core, const Request& list,
                     const std::function<Outcome(const Request&)>& put) {
  const bool reads = list.operation == Operation::rdmsrlist;
  std::uint64_t& left = core.machine[Gpr::rcx];
  const auto fail_at = [&](std::uint64_t address, bool write) {
    const Request request = page_fault_of(core, address, write);
    return Played{request, put(request)};
  };
  for (unsigned n = 0; n < 64; ++n) {
    if ((left >> n & 1) == 0)
      continue;
    const std::uint64_t table = core.machine[Gpr::rsi] + 8 * n;
    const std::uint64_t data = core.machine[Gpr::rdi] + 8 * n;
    if (const auto missing = core.memory.missing_of_8(table))
      return fail_at(*missing, false);
    Request request = entry_of(core, list, core.memory.read64(table));
    const auto missing_data = core.memory.missing_of_8(data);
    if (!reads && request.encoding_faults == 0) {
      if (missing_data)
        return fail_at(*missing_data, false);
      request.value = core.memory.read64(data);
    }
    const Outcome outcome = put(request);
    if (outcome.kind != OutcomeKind::retired)
      return {request, outcome};
    if (reads && missing_data)
      return fail_at(*missing_data, true);
    if (reads)
      core.memory.write64(data, outcome.value());
    left &= ~(std::uint64_t{1} << n);
  }
  return {list, retired()};
}

} // namespace icebp
