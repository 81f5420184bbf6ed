#pragma once

#include <icebp/testbench/platform/devices/device.h>

#include <map>
#include <vector>

namespace icebp::vp {

// QEMU's fw_cfg at ports 510h and 511h, as far as small kernels ask: an item is selected, and read
// byte by byte (QEMU docs/specs/fw_cfg).
class FirmwareConfiguration : public Device {
public:
  FirmwareConfiguration(const sc_core::sc_module_name& name, std::uint64_t ram, unsigned cores);

private:
  std::uint64_t read(std::uint64_t offset, unsigned size) override;
  void write(std::uint64_t offset, unsigned size, std::uint64_t value) override;

  std::map<std::uint16_t, std::vector<std::uint8_t>> items_;
  std::uint16_t selected_ = 0;
  std::size_t next_ = 0;
};

} // namespace icebp::vp
