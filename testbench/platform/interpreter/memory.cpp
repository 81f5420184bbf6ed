// Memory, stack and ports as instructions reach them.
#include <icebp/testbench/platform/interpreter/cpu.h>

#include <algorithm>
#include <cstring>

namespace icebp::vp {
namespace {

constexpr std::uint64_t page_size = 4096;
constexpr std::uint64_t cache_line = 64;

constexpr std::uint64_t extended_base(std::uint64_t value, unsigned size) {
  return value & mask_of(size);
}

} // namespace

std::uint64_t Cpu::effective_address(const Instruction& i) const {
  const MemoryOperand& memory = i.memory;
  auto address = static_cast<std::uint64_t>(memory.displacement);
  if (memory.base < rip_register)
    address += regs.gpr[memory.base];
  else if (memory.base == rip_register)
    address += regs.rip; // is behind the instruction already
  if (memory.index < rip_register)
    address += regs.gpr[memory.index] * memory.scale;
  return extended_base(address, i.address_size);
}

std::uint64_t Cpu::read(const Instruction& i, const Operand& operand) {
  switch (operand.kind) {
  case OperandKind::gpr:
    return gpr(operand.reg, operand.size);
  case OperandKind::high_byte:
    return regs.gpr[operand.reg] >> 8 & 0xFF;
  case OperandKind::immediate:
    return i.immediate & mask_of(operand.size);
  case OperandKind::memory:
    return load(i.memory.segment, effective_address(i), operand.size);
  case OperandKind::none:
  case OperandKind::segment:
  case OperandKind::control:
  case OperandKind::st:
  case OperandKind::mmx:
  case OperandKind::xmm:
    break;
  }
  raise_ud();
}

void Cpu::write(const Instruction& i, const Operand& operand, std::uint64_t value) {
  switch (operand.kind) {
  case OperandKind::gpr:
    return set_gpr(operand.reg, operand.size, value);
  case OperandKind::high_byte:
    regs.gpr[operand.reg] = (regs.gpr[operand.reg] & ~std::uint64_t{0xFF00}) | (value & 0xFF) << 8;
    return;
  case OperandKind::memory:
    return store(i.memory.segment, effective_address(i), operand.size, value);
  case OperandKind::none:
  case OperandKind::immediate:
  case OperandKind::segment:
  case OperandKind::control:
  case OperandKind::st:
  case OperandKind::mmx:
  case OperandKind::xmm:
    break;
  }
  raise_ud();
}

// Outside 64-bit mode: the segment's rights and limit (SDM vol. 3 5.3, 5.5).
std::uint64_t Cpu::linear_of_segment(SegmentName name, std::uint64_t offset, unsigned size,
                                     Access access) const {
  const Segment& segment = regs[name];
  const std::uint8_t vector = name == SegmentName::ss ? vector::ss : vector::gp;
  if (is_protected()) {
    if (!segment.present)
      raise(vector, 0);
    if (access == Access::write ? !segment.is_writable() : !segment.is_readable())
      raise(vector, 0);
  }
  const std::uint64_t last = offset + size - 1;
  const bool expands_down = !segment.is_code() && segment.is_expand_down();
  const std::uint64_t top = segment.is_32_bit ? mask_of(4) : mask_of(2);
  const bool inside = expands_down ? offset > segment.limit && last <= top : last <= segment.limit;
  if (!inside)
    raise(vector, 0);
  return (segment.base + offset) & mask_of(4);
}

void Cpu::check_alignment(std::uint64_t linear, unsigned size) const {
  if (checks_alignment_ && flag(flag::ac) && size <= 8 && (linear & (size - 1)) != 0)
    raise(vector::ac, 0);
}

Cpu::Parts Cpu::translate(std::uint64_t linear, unsigned size, Access access, Privilege privilege) {
  const auto first =
      static_cast<unsigned>(std::min<std::uint64_t>(size, page_size - (linear & (page_size - 1))));
  Parts parts{{paging_.translate(linear, access, privilege), 0}, {first, size - first}};
  if (parts.size[1] != 0) {
    std::uint64_t next = linear + first;
    if (!is_64_bit())
      next &= mask_of(4);
    parts.address[1] = paging_.translate(next, access, privilege);
  }
  return parts;
}

void Cpu::copy_from(const Parts& parts, std::uint8_t* to) {
  for (unsigned part = 0; part < 2; ++part) {
    if (ram_.contains(parts.address[part], parts.size[part])) {
      std::memcpy(to, ram_.data() + parts.address[part], parts.size[part]);
    } else if (const unsigned n = parts.size[part]; n == 1 || n == 2 || n == 4 || n == 8) {
      const std::uint64_t value = bus_.read(parts.address[part], n);
      std::memcpy(to, &value, n);
    } else {
      for (unsigned byte = 0; byte < n; ++byte)
        to[byte] = static_cast<std::uint8_t>(bus_.read(parts.address[part] + byte, 1));
    }
    to += parts.size[part];
  }
}

void Cpu::write_ram(std::uint64_t address, const std::uint8_t* from, unsigned size) {
  std::memcpy(ram_.data() + address, from, size);
  if (ram_.code_marks()[address >> 12] != 0)
    code_.forget(address);
}

void Cpu::copy_to(const Parts& parts, const std::uint8_t* from) {
  for (unsigned part = 0; part < 2; ++part) {
    const unsigned n = parts.size[part];
    if (n != 0 && ram_.contains(parts.address[part], n)) {
      write_ram(parts.address[part], from, n);
    } else if (n == 1 || n == 2 || n == 4 || n == 8) {
      std::uint64_t value = 0;
      std::memcpy(&value, from, n);
      bus_.write(parts.address[part], n, value);
    } else {
      for (unsigned byte = 0; byte < n; ++byte)
        bus_.write(parts.address[part] + byte, 1, from[byte]);
    }
    from += n;
  }
}

// An access that wraps at 4 GiB is two (docs/simulator.md).
void Cpu::tell_access(Operation operation, std::uint64_t linear, unsigned size) {
  const std::uint64_t end = linear + size;
  if (life_ == nullptr)
    return;
  if (!is_64_bit() && end > mask_of(4) + 1) {
    const auto behind = static_cast<unsigned>(end - mask_of(4) - 1);
    life_->access(operation, linear, size - behind);
    life_->access(operation, 0, behind);
  } else {
    life_->access(operation, linear, size);
  }
}

void Cpu::remember(std::uint64_t linear, std::uint64_t physical, bool writable) {
  const std::uint64_t page = linear & ~(page_size - 1);
  const std::uint64_t frame = physical & ~(page_size - 1);
  const WatchFilter& watch = debug_.watch();
  if (!ram_.contains(frame, page_size) || watch.may_write(page, page_size) ||
      watch.may_read(page, page_size) || paging_.depends_on_ac(linear, context_.cpl == 3))
    return;
  Fast& fast = fast_of(linear);
  if (fast.read_page != linear >> 12)
    fast.write_page = ~std::uint64_t{0};
  fast.read_page = linear >> 12;
  if (writable)
    fast.write_page = linear >> 12;
  fast.host = ram_.data() + frame;
  fast.code_mark = ram_.code_marks() + (frame >> 12);
}

std::uint64_t Cpu::load_slowly(std::uint64_t linear, unsigned size) {
  const Parts parts = translate(linear, size, Access::read, privilege());
  check_alignment(linear, size);
  tell_access(Operation::data_read, linear, size);
  std::uint64_t value = 0;
  std::uint8_t bytes[8]{};
  copy_from(parts, bytes);
  std::memcpy(&value, bytes, size);
  if (parts.size[1] == 0)
    remember(linear, parts.address[0], false);
  return value;
}

void Cpu::store_slowly(std::uint64_t linear, unsigned size, std::uint64_t value) {
  const Parts parts = translate(linear, size, Access::write, privilege());
  check_alignment(linear, size);
  tell_access(Operation::data_write, linear, size);
  std::uint8_t bytes[8];
  std::memcpy(bytes, &value, sizeof bytes);
  copy_to(parts, bytes);
  if (parts.size[1] == 0)
    remember(linear, parts.address[0], true);
}

std::uint64_t Cpu::load_for_write(SegmentName segment, std::uint64_t offset, unsigned size) {
  if (is_protected() && !is_64_bit() && !regs[segment].is_readable())
    raise(segment == SegmentName::ss ? vector::ss : vector::gp, 0);
  const std::uint64_t linear = linear_address(segment, offset, size, Access::write);
  if (locked_ && (linear & (cache_line - 1)) + size > cache_line)
    bus_lock_ = true;
  const Fast& fast = fast_of(linear);
  if (fast.write_page == linear >> 12 && fast.read_page == linear >> 12)
    return load_linear(linear, size);
  const Parts parts = translate(linear, size, Access::write, privilege());
  check_alignment(linear, size);
  tell_access(Operation::data_read, linear, size);
  std::uint8_t bytes[8]{};
  copy_from(parts, bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, size);
  return value;
}

void Cpu::load_bytes(SegmentName segment, std::uint64_t offset, void* to, unsigned size) {
  const std::uint64_t linear = linear_address(segment, offset, size, Access::read);
  const Parts parts = translate(linear, size, Access::read, privilege());
  tell_access(Operation::data_read, linear, size);
  copy_from(parts, static_cast<std::uint8_t*>(to));
}

void Cpu::store_bytes(SegmentName segment, std::uint64_t offset, const void* from, unsigned size) {
  const std::uint64_t linear = linear_address(segment, offset, size, Access::write);
  const Parts parts = translate(linear, size, Access::write, privilege());
  tell_access(Operation::data_write, linear, size);
  copy_to(parts, static_cast<const std::uint8_t*>(from));
}

namespace {
constexpr Privilege supervisor{false, false};
}

std::uint64_t Cpu::load_system(std::uint64_t linear, unsigned size) {
  const Parts parts = translate(linear, size, Access::read, supervisor);
  tell_access(Operation::data_read, linear, size);
  std::uint8_t bytes[8]{};
  copy_from(parts, bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, size);
  return value;
}

void Cpu::store_system(std::uint64_t linear, unsigned size, std::uint64_t value) {
  const Parts parts = translate(linear, size, Access::write, supervisor);
  tell_access(Operation::data_write, linear, size);
  std::uint8_t bytes[8];
  std::memcpy(bytes, &value, sizeof bytes);
  copy_to(parts, bytes);
}

void Cpu::check_write_system(std::uint64_t linear, unsigned size) {
  translate(linear, size, Access::write, supervisor);
}

void Cpu::push(std::uint64_t value, unsigned size) {
  const std::uint64_t offset = stack_offset(-static_cast<std::int64_t>(size));
  store(SegmentName::ss, offset, size, value);
  set_stack_offset(offset);
}

std::uint64_t Cpu::pop(unsigned size) {
  const std::uint64_t value = load(SegmentName::ss, stack_offset(0), size);
  set_stack_offset(stack_offset(size));
  return value;
}

// SDM vol. 1 19.5.2: the bitmap of a 32-bit TSS, which has two bytes for every access.
void Cpu::check_io(std::uint16_t port, unsigned size) {
  const bool by_bitmap = mode() == Mode::v86 || (is_protected() && cpl() > iopl());
  if (!by_bitmap)
    return;
  const bool has_bitmap = regs.tr.present && (regs.tr.type & 0xD) == 9 && regs.tr.limit >= 103;
  if (!has_bitmap)
    raise_gp();
  const std::uint64_t base = load_system(regs.tr.base + 102, 2);
  const std::uint64_t byte = base + port / 8U;
  if (byte + 1 > regs.tr.limit)
    raise_gp();
  const std::uint64_t bits = load_system(regs.tr.base + byte, 2);
  if ((bits >> (port % 8U) & mask_of(1) >> (8 - size)) != 0)
    raise_gp();
}

std::uint32_t Cpu::in(std::uint16_t port, unsigned size) {
  check_io(port, size);
  if (life_ != nullptr)
    life_->access(Operation::io_access, port, size);
  return bus_.in(port, size);
}

void Cpu::out(std::uint16_t port, unsigned size, std::uint32_t value) {
  check_io(port, size);
  if (life_ != nullptr)
    life_->access(Operation::io_access, port, size);
  bus_.out(port, size, value & static_cast<std::uint32_t>(mask_of(size)));
}

} // namespace icebp::vp
