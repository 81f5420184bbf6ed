#include <icebp/testbench/platform/interpreter/fault.h>

namespace icebp::vp {

void raise(std::uint8_t vector) { throw Fault{vector, std::nullopt, 0}; }
void raise(std::uint8_t vector, std::uint32_t code) { throw Fault{vector, code, 0}; }

} // namespace icebp::vp
