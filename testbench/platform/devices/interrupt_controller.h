#pragma once

#include <icebp/testbench/platform/devices/device.h>

#include <array>
#include <functional>

namespace icebp::vp {

// The two 8259A of a PC, the second at input 2 of the first; fixed priority, edge triggered (Intel
// 231468).
class InterruptController : public sc_core::sc_module {
public:
  explicit InterruptController(const sc_core::sc_module_name& name);

  // The ports of one of the two: command and data.
  class Chip : public Device {
  public:
    explicit Chip(const sc_core::sc_module_name& name) : Device(name) {}
    void raise(unsigned input);
    // The input to be served, by priority; -1: none.
    int pending() const;
    std::uint8_t acknowledge();      // its vector; 7: spurious
    std::function<void()> on_change; // by a write

  private:
    std::uint64_t read(std::uint64_t offset, unsigned size) override;
    void write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
    void write_command(std::uint8_t value);
    void write_data(std::uint8_t value);

    std::uint8_t requested_ = 0, in_service_ = 0, mask_ = 0xFF, base_ = 0;
    unsigned next_word_ = 0; // of the initialisation, 2 to 4; 0: none is awaited
    bool needs_word_3_ = true, needs_word_4_ = false, reads_in_service_ = false,
         ends_by_itself_ = false;
  };
  Chip first{"first"}, second{"second"};

  void raise(unsigned line); // 0 to 15
  std::uint8_t acknowledge();
  std::function<void(bool asserted)> on_output;

private:
  void follow();
};

} // namespace icebp::vp
