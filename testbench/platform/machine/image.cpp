#include <icebp/testbench/platform/machine/image.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <optional>

namespace icebp::vp {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw ImageError(path + ": " + std::strerror(errno));
  Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad())
    throw ImageError(path + ": cannot be read");
  return bytes;
}

template <typename T>
T at(const Bytes& bytes, std::uint64_t offset, const std::string& path) {
  T value;
  if (offset > bytes.size() || sizeof value > bytes.size() - offset)
    throw ImageError(path + ": ends within a header");
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

void put(Bytes& ram, std::uint64_t address, const std::uint8_t* from, std::uint64_t size,
         const std::string& path) {
  if (address > ram.size() || size > ram.size() - address)
    throw ImageError(path + ": does not fit into RAM of " + std::to_string(ram.size() >> 20) +
                     " MiB (-m)");
  if (size != 0)
    std::memcpy(ram.data() + address, from, size);
}

// --- multiboot 1 (Multiboot Specification 0.6.96)

constexpr std::uint32_t header_magic = 0x1BADB002, loader_magic = 0x2BADB002;
constexpr std::uint32_t has_addresses = 1 << 16;

struct MultibootHeader {
  std::uint32_t magic, flags, checksum;
  std::uint32_t header_address, load_address, load_end, bss_end, entry;
};

std::optional<std::uint64_t> find_header(const Bytes& image) {
  const std::uint64_t end = std::min<std::uint64_t>(image.size(), 8192);
  for (std::uint64_t offset = 0; offset + 12 <= end; offset += 4) {
    std::uint32_t words[3];
    std::memcpy(words, image.data() + offset, sizeof words);
    if (words[0] == header_magic && words[0] + words[1] + words[2] == 0)
      return offset;
  }
  return std::nullopt;
}

struct Loaded {
  std::uint32_t entry;
  std::uint64_t end; // of what is in RAM
};

template <typename Header, typename Segment>
Loaded load_elf(Bytes& ram, const Bytes& image, const std::string& path) {
  const auto header = at<Header>(image, 0, path);
  Loaded loaded{static_cast<std::uint32_t>(header.e_entry), 0};
  for (unsigned n = 0; n < header.e_phnum; ++n) {
    const auto segment =
        at<Segment>(image, header.e_phoff + std::uint64_t{n} * header.e_phentsize, path);
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0)
      continue;
    if (segment.p_offset > image.size() || segment.p_filesz > image.size() - segment.p_offset ||
        segment.p_filesz > segment.p_memsz)
      throw ImageError(path + ": segment " + std::to_string(n) + " is not in the file");
    const std::uint64_t address = segment.p_paddr;
    put(ram, address, image.data() + segment.p_offset, segment.p_filesz, path);
    const Bytes zeros(segment.p_memsz - segment.p_filesz);
    put(ram, address + segment.p_filesz, zeros.data(), zeros.size(), path);
    loaded.end = std::max<std::uint64_t>(loaded.end, address + segment.p_memsz);
    // An entry that is a virtual address.
    if (header.e_entry >= segment.p_vaddr && header.e_entry - segment.p_vaddr < segment.p_memsz &&
        segment.p_vaddr != segment.p_paddr)
      loaded.entry = static_cast<std::uint32_t>(header.e_entry - segment.p_vaddr + segment.p_paddr);
  }
  if (loaded.end == 0)
    throw ImageError(path + ": has no segment to load");
  return loaded;
}

Loaded load_by_addresses(Bytes& ram, const Bytes& image, std::uint64_t offset,
                         const std::string& path) {
  const auto header = at<MultibootHeader>(image, offset, path);
  if (header.header_address < header.load_address ||
      header.header_address - header.load_address > offset)
    throw ImageError(path + ": the multiboot header is not where it says");
  const std::uint64_t first = offset - (header.header_address - header.load_address);
  std::uint64_t size = image.size() - first;
  if (header.load_end != 0) {
    if (header.load_end < header.load_address || header.load_end - header.load_address > size)
      throw ImageError(path + ": ends before the multiboot header's load_end_addr");
    size = header.load_end - header.load_address;
  }
  put(ram, header.load_address, image.data() + first, size, path);
  return {header.entry, std::max<std::uint64_t>(header.load_address + size, header.bss_end)};
}

Loaded load_kernel(Bytes& ram, const Bytes& image, const std::string& path) {
  const auto header = find_header(image);
  if (!header)
    throw ImageError(path + ": is neither a multiboot 1 image (no header in its first 8192 bytes) "
                            "nor a boot sector of 512 bytes that ends in 55h AAh");
  std::uint32_t flags;
  std::memcpy(&flags, image.data() + *header + 4, sizeof flags);
  if ((flags & has_addresses) != 0)
    return load_by_addresses(ram, image, *header, path);
  if (image.size() < EI_NIDENT || std::memcmp(image.data(), ELFMAG, SELFMAG) != 0)
    throw ImageError(path + ": a multiboot image without addresses in its header has to be ELF");
  if (image[EI_CLASS] == ELFCLASS64)
    return load_elf<Elf64_Ehdr, Elf64_Phdr>(ram, image, path);
  return load_elf<Elf32_Ehdr, Elf32_Phdr>(ram, image, path);
}

// Writes the multiboot information behind the kernel and its modules.
class Information {
public:
  Information(Bytes& ram, std::uint64_t at, const std::string& path)
      : ram_(ram), next_(at), path_(path) {}

  std::uint32_t add(const void* data, std::uint64_t size, std::uint64_t alignment = 16) {
    next_ = (next_ + alignment - 1) / alignment * alignment;
    put(ram_, next_, static_cast<const std::uint8_t*>(data), size, path_);
    const auto address = static_cast<std::uint32_t>(next_);
    next_ += size;
    return address;
  }
  std::uint32_t add(const std::string& text) { return add(text.c_str(), text.size() + 1, 1); }

private:
  Bytes& ram_;
  std::uint64_t next_;
  const std::string& path_;
};

struct Module {
  std::uint32_t start, end, text, reserved;
};
struct MemoryMapEntry {
  std::uint32_t size;
  std::uint32_t address_low, address_high, length_low, length_high;
  std::uint32_t type;
};
constexpr std::uint32_t available = 1, reserved = 2;

Entry load_multiboot(Bytes& ram, const Bytes& image, const BootFiles& files) {
  const Loaded loaded = load_kernel(ram, image, files.kernel);
  Information information(ram, std::max<std::uint64_t>(loaded.end, 0x100000), files.kernel);
  std::vector<Module> modules;
  for (const std::string& path : files.modules) {
    const Bytes bytes = contents_of(path);
    const std::uint32_t start = information.add(bytes.data(), bytes.size(), 4096);
    modules.push_back({start, start + static_cast<std::uint32_t>(bytes.size()), 0, 0});
  }
  for (std::size_t n = 0; n < modules.size(); ++n)
    modules[n].text = information.add(files.modules[n]);

  const auto above = static_cast<std::uint32_t>(ram.size() - 0x100000);
  const std::array<MemoryMapEntry, 3> map{{{20, 0, 0, 0x9FC00, 0, available},
                                           {20, 0x9FC00, 0, 0x60400, 0, reserved},
                                           {20, 0x100000, 0, above, 0, available}}};
  std::array<std::uint32_t, 29> info{};
  constexpr std::uint32_t has_memory = 1, has_command_line = 4, has_modules = 8, has_map = 64,
                          has_loader_name = 512;
  info[0] = has_memory | has_command_line | has_modules | has_map | has_loader_name;
  info[1] = 639; // KiB below 640 KiB
  info[2] = above >> 10;
  info[4] =
      information.add(files.kernel + (files.command_line.empty() ? "" : " " + files.command_line));
  info[5] = static_cast<std::uint32_t>(modules.size());
  info[6] = information.add(modules.data(), modules.size() * sizeof(Module));
  info[11] = sizeof map;
  info[12] = information.add(map.data(), sizeof map);
  info[16] = information.add("icebp-vp");
  Entry entry;
  entry.protected_mode = true;
  entry.address = loaded.entry;
  entry.eax = loader_magic;
  entry.ebx = information.add(info.data(), sizeof info);
  return entry;
}

} // namespace

Entry load_image(std::vector<std::uint8_t>& ram, const BootFiles& files) {
  const Bytes image = contents_of(files.kernel);
  const bool boot_sector = image.size() >= 512 && image[510] == 0x55 && image[511] == 0xAA;
  if (!boot_sector || find_header(image))
    return load_multiboot(ram, image, files);
  put(ram, 0x7C00, image.data(), image.size(), files.kernel);
  Entry entry;
  entry.address = 0x7C00;
  entry.edx = 0x80; // the first hard disk
  return entry;
}

} // namespace icebp::vp
