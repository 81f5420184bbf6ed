#pragma once
// A core of the interpreter with 4 MiB of RAM and no devices, set up for one mode.

#include <icebp/model/rules/execute.h>
#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/vocabulary/cpu_profile.h>
#include <icebp/testbench/platform/interpreter/cpu.h>

#include <cstring>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace icebp::vp::testing {

struct DebugUnitParts {
  explicit DebugUnitParts(const CpuProfile& profile)
      : model_(profile), core_state_(power_up(model_)), core_(model_, core_state_) {}
  CpuModel model_;
  CoreState core_state_;
  UntimedCore core_;
};

// The rules without a socket.
class UntimedDebugUnit : private DebugUnitParts, public DebugUnit {
public:
  explicit UntimedDebugUnit(const char* profile = "intel-skylake")
      : DebugUnitParts(*find_cpu_profile(profile)), DebugUnit(model_, core_state_, core_.watch()) {}

  Outcome put(const Request& request) override { return core_.put(request); }
  bool poke(std::uint32_t msr, std::uint64_t value) override {
    const bool exists = poke_msr(model_, core_state_, msr, value);
    core_.arm();
    return exists;
  }
  std::optional<std::uint64_t> peek(std::uint32_t msr) const override {
    return peek_msr(model_, core_state_, msr);
  }
  void poke_cr2(std::uint64_t value) override { core_state_.cr2 = value; }
  void power_up_again() {
    core_state_ = power_up(model_);
    core_.arm();
  }
  std::uint64_t tsc() const override { return 0; }
};

// Ports that remember what was written, and give what was put there.
class Ports : public Bus {
public:
  std::uint64_t read(std::uint64_t, unsigned) override { return ~std::uint64_t{0}; }
  void write(std::uint64_t, unsigned, std::uint64_t) override {}
  std::uint32_t in(std::uint16_t port, unsigned) override { return inputs[port]++; }
  void out(std::uint16_t port, unsigned, std::uint32_t value) override {
    outputs.emplace_back(port, value);
  }

  std::map<std::uint16_t, std::uint32_t> inputs; // each read gives one more
  std::vector<std::pair<std::uint16_t, std::uint32_t>> outputs;
};

template <typename Unit>
class BasicMachine {
public:
  static constexpr std::uint64_t ram_size = 4 << 20;
  // Where an exception goes: 16 bytes a vector.
  static constexpr std::uint64_t handlers_at = 0x8000;
  static constexpr std::uint64_t code_at = 0x7000;
  static constexpr std::uint64_t stack_top = 0x6F00;
  static constexpr std::uint64_t data_at = 0x20000; // free, up to 4 MiB

  template <typename... Parts>
  explicit BasicMachine(Parts&&... parts)
      : debug(std::forward<Parts>(parts)...), code(ram), cpu(debug, ram, bus, code) {
    cpu.regs.rflags = flag::fixed;
    cpu.regs.gpr[rsp] = stack_top;
    cpu.regs.rip = code_at;
  }

  // --- modes, flat, CPL 0 unless told. IDT, GDT, TSS and page tables are below 6200h.

  void enter_real() {
    for (std::uint64_t vector = 0; vector < 32; ++vector)
      put(4 * vector, handlers_at + 16 * vector, 4);
    for (Segment& segment : cpu.regs.segment) {
      segment = Segment{};
      segment.limit = 0xFFFF;
    }
    cpu.update_mode();
  }

  // 32-bit code, at a privilege level.
  void enter_protected(unsigned cpl = 0) {
    prepare_tables(8);
    cpu.regs.cr0 |= cr0::pe | cr0::ne;
    set_flat_segments(cpl, false);
    cpu.set_cpl(cpl);
    cpu.update_mode();
  }

  void enter_v86(unsigned iopl, bool vme) {
    prepare_tables(8);
    cpu.regs.cr0 |= cr0::pe | cr0::ne;
    cpu.regs.cr4 |= vme ? cr4::vme : 0;
    cpu.regs.rflags |= flag::vm | std::uint64_t{iopl} << 12;
    for (Segment& segment : cpu.regs.segment) {
      segment = Segment{};
      segment.dpl = 3;
    }
    cpu.update_mode();
  }

  // 4-level paging: linear = physical below 4 MiB, and what `map_2_mib` added.
  void enter_64_bit() {
    prepare_tables(16);
    put(0x1000, 0x2007, 8);
    put(0x2000, 0x3007, 8);
    map_2_mib(0, 0);
    map_2_mib(0x200000, 0x200000);
    cpu.regs.cr3 = 0x1000;
    cpu.regs.cr4 |= cr4::pae | cr4::osfxsr | cr4::osxmmexcpt;
    cpu.regs.cr0 |= cr0::pe | cr0::ne | cr0::pg | cr0::wp;
    debug.poke(0xC0000080, 0x500); // LME, LMA
    set_flat_segments(0, true);
    cpu.update_mode();
  }
  // Below 1 GiB.
  void map_2_mib(std::uint64_t linear, std::uint64_t physical) {
    put(0x3000 + (linear >> 21) * 8, physical | 0x87, 8);
  }

  // --- memory

  void put(std::uint64_t physical, std::uint64_t value, unsigned size) {
    std::memcpy(ram.data() + physical, &value, size);
  }
  std::uint64_t get(std::uint64_t physical, unsigned size) const {
    std::uint64_t value = 0;
    std::memcpy(&value, ram.data() + physical, size);
    return value;
  }
  void put_code(std::uint64_t physical, const std::uint8_t* bytes, std::size_t count) {
    std::memcpy(ram.data() + physical, bytes, count);
    for (const std::uint64_t byte : {physical, physical + count - 1})
      if (ram.code_marks()[byte >> 12] != 0)
        code.forget(byte);
  }

  // --- execution

  // Executes one instruction, all iterations of it.
  InstructionEnd step() { return run_instruction<DebugUnit>(debug, cpu); }
  // Puts `bytes` at RIP, in CS as it is, and executes them as one instruction.
  InstructionEnd execute(std::initializer_list<int> bytes) {
    const std::vector<std::uint8_t> code_bytes(bytes.begin(), bytes.end());
    put_code(cpu.regs.rip, code_bytes.data(), code_bytes.size());
    return step();
  }
  // The exception that was delivered last, -1 if RIP is at no handler.
  int vector() const {
    const std::uint64_t distance = cpu.regs.rip - handlers_at;
    return distance < 32 * 16 && distance % 16 == 0 ? static_cast<int>(distance / 16) : -1;
  }

  Unit debug;
  Ram ram{ram_size};
  Ports bus;
  CodeCache code;
  Cpu cpu;

private:
  static constexpr std::uint64_t gdt_at = 0x4000, tss_at = 0x5000, idt_at = 0x6000;

  void prepare_tables(unsigned gate_size) {
    const bool wide = gate_size == 16;
    put(gdt_at + 8, wide ? 0x00AF9B000000FFFF : 0x00CF9B000000FFFF, 8);
    put(gdt_at + 16, 0x00CF93000000FFFF, 8);
    cpu.regs.gdtr = {gdt_at, 0x1F};
    for (unsigned vector = 0; vector < 32; ++vector)
      put(idt_at + gate_size * vector,
          (handlers_at + 16 * vector) | 0x8 << 16 | std::uint64_t{0x8E00} << 32, 8);
    cpu.regs.idtr = {idt_at, 32 * gate_size - 1};
    put(tss_at + 4, stack_top - 0x100, 4); // ESP0
    put(tss_at + 8, 0x10, 2);              // SS0
    put(tss_at + 102, 104, 2);             // no bitmap
    cpu.regs.tr.base = tss_at;
    cpu.regs.tr.limit = 103;
    cpu.regs.tr.type = 0xB;
  }

  void set_flat_segments(unsigned cpl, bool is_long) {
    for (Segment& segment : cpu.regs.segment) {
      segment = Segment{};
      segment.selector = static_cast<std::uint16_t>(0x10 | cpl);
      segment.limit = 0xFFFFFFFF;
      segment.is_32_bit = true;
      segment.dpl = static_cast<std::uint8_t>(cpl);
    }
    Segment& cs = cpu.regs[SegmentName::cs];
    cs.selector = static_cast<std::uint16_t>(0x8 | cpl);
    cs.type = 0xB;
    cs.is_long = is_long;
    cs.is_32_bit = !is_long;
  }
};

using Machine = BasicMachine<UntimedDebugUnit>;

} // namespace icebp::vp::testing
