#include <icebp/model/rules/msr/user_msr.h>
#include <icebp/testbench/program/core/user_msr_bitmap.h>

namespace icebp {

Request with_user_msr_bitmap(const Core& core, const CoreState& state, const Request& request) {
  if (!is_user_msr(request.operation))
    return request;
  const auto address = user_msr_bitmap_byte(*core.cpu, state, request);
  if (!address)
    return request;
  const auto byte = core.memory.byte_at(*address);
  if (!byte)
    return page_fault_of(core, *address, false);
  Request with_bitmap = request;
  with_bitmap.user_msr_bitmap = *byte;
  return with_bitmap;
}

} // namespace icebp
