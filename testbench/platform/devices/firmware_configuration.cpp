#include <icebp/testbench/platform/devices/firmware_configuration.h>

namespace icebp::vp {
namespace {

// Items, of QEMU's standard-headers.
constexpr std::uint16_t signature = 0x00, interface_id = 0x01, ram_size = 0x03, core_count = 0x05,
                        most_cores = 0x0F, file_directory = 0x19;

std::vector<std::uint8_t> bytes_of(std::uint64_t value, unsigned size) {
  std::vector<std::uint8_t> bytes;
  for (unsigned n = 0; n < size; ++n)
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * n)));
  return bytes;
}

} // namespace

FirmwareConfiguration::FirmwareConfiguration(const sc_core::sc_module_name& name, std::uint64_t ram,
                                             unsigned cores)
    : Device(name), items_{{signature, {'Q', 'E', 'M', 'U'}}, {interface_id, bytes_of(1, 4)},
                           {ram_size, bytes_of(ram, 8)},      {core_count, bytes_of(cores, 2)},
                           {most_cores, bytes_of(cores, 2)},  {file_directory, bytes_of(0, 4)}} {}

std::uint64_t FirmwareConfiguration::read(std::uint64_t offset, unsigned) {
  if (offset == 0)
    return selected_;
  const auto item = items_.find(selected_);
  if (item == items_.end() || next_ >= item->second.size())
    return 0;
  return item->second[next_++];
}

void FirmwareConfiguration::write(std::uint64_t offset, unsigned, std::uint64_t value) {
  if (offset != 0)
    return;
  selected_ = static_cast<std::uint16_t>(value);
  next_ = 0;
}

} // namespace icebp::vp
