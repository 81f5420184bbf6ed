#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace icebp::vp {

// Thrown: what is wrong with an image, and where.
struct ImageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct BootFiles {
  std::string kernel;               // path
  std::string command_line;         // behind the path
  std::vector<std::string> modules; // paths
};

// Where a core starts.
struct Entry {
  bool protected_mode = false; // multiboot: 32 bits, flat segments; else 16 bits at 0:address
  std::uint32_t address = 0;
  std::uint32_t eax = 0, ebx = 0, edx = 0;
};

// Puts a kernel into RAM: a multiboot 1 image (ELF of 32 or 64 bits, or with addresses in its
// header) as a boot loader does, or a boot sector of 512 bytes at 7C00h. Throws ImageError.
Entry load_image(std::vector<std::uint8_t>& ram, const BootFiles& files);

} // namespace icebp::vp
