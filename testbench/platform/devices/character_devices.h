#pragma once

#include <icebp/testbench/platform/devices/device.h>

#include <array>
#include <functional>
#include <ostream>

namespace icebp::vp {

// A 16550 UART that sends at once and receives nothing: LSR says empty.
class Uart : public Device {
public:
  Uart(const sc_core::sc_module_name& name, std::ostream* to) : Device(name), to_(to) {}

private:
  std::uint64_t read(std::uint64_t offset, unsigned size) override;
  void write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
  std::uint8_t read_register(std::uint64_t offset) const;
  void write_register(std::uint64_t offset, std::uint8_t value);
  bool divisor_latch() const { return (registers_[3] & 0x80) != 0; }

  std::ostream* to_; // null: nobody listens
  std::array<std::uint8_t, 8> registers_{};
  std::array<std::uint8_t, 2> divisor_{};
};

// Port E9h: what is written is printed; a read gives E9h (Bochs's port).
class DebugConsole : public Device {
public:
  DebugConsole(const sc_core::sc_module_name& name, std::ostream* to) : Device(name), to_(to) {}

private:
  std::uint64_t read(std::uint64_t, unsigned) override { return 0xE9; }
  void write(std::uint64_t offset, unsigned size, std::uint64_t value) override;

  std::ostream* to_;
};

// Port F4h as QEMU's isa-debug-exit: a write of n ends the machine with exit status 2n + 1.
class ExitPort : public Device {
public:
  using Exit = std::function<void(int status)>;
  ExitPort(const sc_core::sc_module_name& name, Exit exit) : Device(name), exit_(std::move(exit)) {}

private:
  std::uint64_t read(std::uint64_t, unsigned) override { return 0; }
  void write(std::uint64_t, unsigned, std::uint64_t value) override {
    exit_(static_cast<int>(value << 1 | 1) & 0xFF);
  }

  Exit exit_;
};

// Registers that hold what is written: port 80h, and ports that guests write without effect.
class Latch : public Device {
public:
  explicit Latch(const sc_core::sc_module_name& name) : Device(name) {}

private:
  std::uint64_t read(std::uint64_t offset, unsigned size) override;
  void write(std::uint64_t offset, unsigned size, std::uint64_t value) override;

  std::array<std::uint8_t, 65536> bytes_{};
};

} // namespace icebp::vp
