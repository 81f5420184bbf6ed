#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace icebp::vp {

// What a CPU reaches outside itself.
class Bus {
public:
  virtual ~Bus() = default;

  // Physical memory that is not RAM: `size` 1, 2, 4 or 8 bytes, little-endian. Where nothing
  // answers, reads give all ones and writes are lost.
  virtual std::uint64_t read(std::uint64_t address, unsigned size) = 0;
  virtual void write(std::uint64_t address, unsigned size, std::uint64_t value) = 0;
  // I/O ports, `size` 1, 2 or 4.
  virtual std::uint32_t in(std::uint16_t port, unsigned size) = 0;
  virtual void out(std::uint16_t port, unsigned size, std::uint32_t value) = 0;
};

// RAM from address 0 on, with a mark for each page that holds decoded code.
class Ram {
public:
  // RAM of its own.
  explicit Ram(std::size_t size)
      : own_(size), bytes_(own_.data()), size_(size), has_code_(pages(size)) {}
  // What DMI gives; it must outlive the object.
  Ram(std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size), has_code_(pages(size)) {}
  Ram(const Ram&) = delete;
  Ram& operator=(const Ram&) = delete;

  std::size_t size() const { return size_; }
  std::uint8_t* data() { return bytes_; }
  const std::uint8_t* data() const { return bytes_; }
  bool contains(std::uint64_t address, std::size_t count) const {
    return address < size_ && count <= size_ - address;
  }
  // One for each 4-KiB page, not 0 where instructions were decoded from it.
  std::uint8_t* code_marks() { return has_code_.data(); }

private:
  static std::size_t pages(std::size_t size) { return (size + 4095) / 4096; }

  std::vector<std::uint8_t> own_;
  std::uint8_t* bytes_;
  std::size_t size_;
  std::vector<std::uint8_t> has_code_;
};

} // namespace icebp::vp
