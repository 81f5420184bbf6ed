#pragma once

#include <icebp/model/rules/instruction_loop.h>
#include <icebp/testbench/platform/interpreter/bus.h>
#include <icebp/testbench/platform/interpreter/code_cache.h>
#include <icebp/testbench/platform/interpreter/debug_unit.h>
#include <icebp/testbench/platform/interpreter/fault.h>
#include <icebp/testbench/platform/interpreter/instruction.h>
#include <icebp/testbench/platform/interpreter/paging.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace icebp::vp {

class Cpu;
using Life = InstructionLife<DebugUnit, Cpu>;

// Bits that are valid in an operand of `size` bytes.
constexpr std::uint64_t mask_of(unsigned size) {
  return size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
}
constexpr std::uint64_t sign_bit_of(unsigned size) { return std::uint64_t{1} << (8 * size - 1); }
constexpr std::uint64_t sign_extend(std::uint64_t value, unsigned size) {
  const std::uint64_t sign = sign_bit_of(size);
  return ((value & mask_of(size)) ^ sign) - sign;
}

// How an event came about; it decides the checks and the error code of its delivery.
enum class EventKind : std::uint8_t {
  exception, // of an instruction or a #DB; INT1 too
  software,  // INT n, INT3, INTO: the gate's DPL is checked
  external,  // an interrupt or NMI
};

struct Event {
  std::uint8_t vector = 0;
  EventKind kind = EventKind::exception;
  std::optional<std::uint32_t> error_code;
  std::uint64_t rip = 0;    // that is pushed
  bool rf = false;          // RFLAGS.RF that is pushed
  std::uint64_t rflags = 0; // as they were, for who is told of it
};

enum class Activity : std::uint8_t { active, halted, waits_for_sipi, shutdown };

// A processor core that executes machine code: the `Simulator` of instruction_loop.h. Debug
// registers, MSRs, INT1 and everything that #DB comes of are the debug unit's.
class Cpu {
public:
  Cpu(DebugUnit& debug, Ram& ram, Bus& bus, CodeCache& code);

  Registers regs;

  // RESET: real mode at F000:FFF0h; INIT keeps CR0.CD and CR0.NW and the floating-point registers.
  void reset(bool init = false);

  // --- what instruction_loop.h asks for. RIP there is the linear address of the instruction.

  CoreContext context() const {
    CoreContext context = context_;
    context.tf = flag(flag::tf);
    context.rf = flag(flag::rf);
    return context;
  }
  std::uint64_t rip() const { return code_address(regs.rip); }
  void clear_rf() { // an instruction begins
    regs.rflags &= ~flag::rf;
    iterations_ = 0;
  }
  Request execute_at_rip(Life& life);
  void take(const Delivery& delivery);

  // --- between two instructions

  // Delivers an interrupt or NMI.
  void interrupt(std::uint8_t vector);
  // True if an interrupt that is not masked by the platform is taken now.
  bool takes_interrupts() const;
  Activity activity() const { return activity_; }
  void set_activity(Activity activity) { activity_ = activity; }
  // What ended it: of a shutdown, and the first instruction that the engine does not know.
  const std::string& trouble() const { return trouble_; }
  // #DBs go to debug firmware from now on, or to the handler.
  void redirect_db(bool redirects) { context_.redirect_db = redirects; }
  // The breakpoints changed in another way than by an instruction of this core.
  void rearm() { forget_translations(); }

  // What the platform is told of.
  // A #DB goes to debug firmware; RIP is where it would return to, but for a fault of an
  // instruction in progress.
  std::function<void(Cpu& cpu, const Delivery& delivery)> on_redirected;
  std::function<void(const Cpu& cpu, const std::string& what)> on_unknown; // an instruction

  // Before RDMSR of a register that lives in the platform, which pokes what it reads now; and
  // behind a WRMSR that retired.
  std::function<void(std::uint32_t msr)> before_msr_read;
  std::function<void(std::uint32_t msr, std::uint64_t value)> after_msr_write;
  std::function<void()> after_cr8_write;
  // An event was delivered: `event` as pushed, RIP already the handler's.
  std::function<void(const Cpu& cpu, const Event& event)> on_delivered;

  // --- operands of handlers

  std::uint64_t gpr(unsigned number, unsigned size) const {
    return regs.gpr[number] & mask_of(size);
  }
  // A write of 4 bytes clears bits 63:32; one of 1 or 2 keeps the bits above.
  void set_gpr(unsigned number, unsigned size, std::uint64_t value) {
    std::uint64_t& reg = regs.gpr[number];
    reg = size >= 4 ? value & mask_of(size) : (reg & ~mask_of(size)) | (value & mask_of(size));
  }
  // An operand of 1, 2, 4 or 8 bytes: gpr, high byte, memory, immediate. The value is zero-extended
  // (an immediate cut to the operand's size).
  std::uint64_t read(const Instruction& i, const Operand& operand);
  void write(const Instruction& i, const Operand& operand, std::uint64_t value);
  // operand := change(operand); a #PF or #GP of the write comes before `change` is called.
  template <typename Change>
  void modify(const Instruction& i, const Operand& operand, Change change) {
    if (operand.kind == OperandKind::memory) {
      const std::uint64_t offset = effective_address(i);
      const std::uint64_t old = load_for_write(i.memory.segment, offset, operand.size);
      store(i.memory.segment, offset, operand.size, change(old) & mask_of(operand.size));
    } else {
      write(i, operand, change(read(i, operand)));
    }
  }
  // Offset in the segment, cut to the address size.
  std::uint64_t effective_address(const Instruction& i) const;

  // --- memory by segment and offset; 1, 2, 4 or 8 bytes. They throw #SS, #GP, #PF or #AC, and tell
  // the debug unit of the access.

  std::uint64_t load(SegmentName segment, std::uint64_t offset, unsigned size) {
    return load_linear(linear_address(segment, offset, size, Access::read), size);
  }
  std::uint64_t load_for_write(SegmentName segment, std::uint64_t offset, unsigned size);
  void store(SegmentName segment, std::uint64_t offset, unsigned size, std::uint64_t value) {
    store_linear(linear_address(segment, offset, size, Access::write), size, value);
  }
  // Any number of bytes up to a page, for FXSAVE and the like: one access.
  void load_bytes(SegmentName segment, std::uint64_t offset, void* to, unsigned size);
  void store_bytes(SegmentName segment, std::uint64_t offset, const void* from, unsigned size);
  // By linear address, as a supervisor whatever CPL is: descriptor tables, TSS.
  std::uint64_t load_system(std::uint64_t linear, unsigned size);
  void store_system(std::uint64_t linear, unsigned size, std::uint64_t value);
  // Throws what a write of those bytes would, without one.
  void check_write_system(std::uint64_t linear, unsigned size);

  // --- the stack, of SS's width; `size` bytes 2, 4 or 8. RSP moves once the access succeeded.
  void push(std::uint64_t value, unsigned size);
  std::uint64_t pop(unsigned size);
  unsigned stack_size() const { // address size of the stack, bytes
    return is_64_bit() ? 8 : regs[SegmentName::ss].is_32_bit ? 4 : 2;
  }
  // RSP + displacement within the stack's width.
  std::uint64_t stack_offset(std::int64_t displacement) const {
    return (regs.gpr[rsp] + static_cast<std::uint64_t>(displacement)) & mask_of(stack_size());
  }
  void set_stack_offset(std::uint64_t offset) { // writes SP, ESP or RSP
    const unsigned size = stack_size();
    std::uint64_t& reg = regs.gpr[rsp];
    reg = size == 2 ? (reg & ~mask_of(2)) | (offset & mask_of(2)) : offset & mask_of(size);
  }

  // --- I/O
  void check_io(std::uint16_t port, unsigned size);    // #GP(0) by IOPL and the TSS's bitmap
  std::uint32_t in(std::uint16_t port, unsigned size); // checked; tells the debug unit
  void out(std::uint16_t port, unsigned size, std::uint32_t value);

  // --- RFLAGS
  bool flag(std::uint64_t bit) const { return (regs.rflags & bit) != 0; }
  void set_flag(std::uint64_t bit, bool value) {
    regs.rflags = value ? regs.rflags | bit : regs.rflags & ~bit;
  }
  unsigned iopl() const { return static_cast<unsigned>(regs.rflags >> 12 & 3); }

  // --- modes
  Mode mode() const { return context_.mode; }
  bool is_64_bit() const { return context_.mode == Mode::long_mode; }
  bool is_protected() const { return context_.mode >= Mode::protected_mode; }
  bool is_long_mode_active() const { return context_.mode >= Mode::compatibility; }
  unsigned cpl() const { return context_.cpl; }
  bool has(Feature feature) const { return debug_.cpu().profile.features.has(feature); }
  bool is_amd() const { return debug_.cpu().profile.vendor == Vendor::amd; }
  bool is_canonical(std::uint64_t address) const {
    return icebp::is_canonical(address, (regs.cr4 & cr4::la57) != 0 ? 57 : 48);
  }
  // What the mode, CPL and paging come to after a change of CR0, CR3, CR4, EFER, RFLAGS.VM or CS.
  void update_mode();
  // Paging, breakpoints or what is behind a linear address changed.
  void forget_translations();
  std::uint64_t efer() const { return debug_.state()[MsrSlot::efer]; }
  Paging& paging() { return paging_; }

  // --- control flow. A near transfer checks the target (limit or canonical, #GP(0)), sets RIP cut
  // to the operand size, and tells the branch.
  std::uint64_t start() const { return start_; } // RIP of the instruction in progress
  void jump_near(std::uint64_t target, unsigned operand_size, Branch kind);
  // What the end of the instruction in progress is; plain unless a handler says otherwise.
  // jump_near says taken_branch.
  void set_ending(Ending ending) { ending_ = ending; }
  // The REP of the instruction in progress has iterations left: RIP stays at the instruction.
  void repeat_instruction(bool fast_string = false) {
    regs.rip = start_;
    repeats_ = true;
    fast_string_ = fast_string;
  }
  // What the REP in progress had to do when it began, or went on; `left` is what it has to do now.
  std::uint64_t repeat_count(std::uint64_t left) {
    if (iterations_ == 0)
      repeat_count_ = left;
    return repeat_count_;
  }
  std::uint64_t code_address(std::uint64_t offset) const {
    return is_64_bit() ? offset : (regs[SegmentName::cs].base + offset) & mask_of(4);
  }
  Life& life() { return *life_; }
  DebugUnit& debug() { return debug_; }
  const DebugUnit& debug() const { return debug_; }
  // Puts a request of the core itself to the debug unit: the instruction's if one is in progress.
  Outcome put(const Request& request);
  // Where an instruction has been carried out by `take` the rest of it is left out.
  bool is_over() const { return life_ != nullptr && life_->is_over(); }

  // --- segments, tasks, events (segments.cpp, far_transfer.cpp, delivery.cpp, task_switch.cpp)

  struct Descriptor {
    std::uint64_t raw = 0;
    std::uint64_t high = 0;    // of system descriptors of 16 bytes
    std::uint64_t address = 0; // linear, of its first byte
    Segment segment;           // as loaded; the selector with it
    unsigned type() const { return segment.type; }
    bool is_system() const { return !segment.is_code_or_data; }
    bool present() const { return segment.present; }
    unsigned dpl() const { return segment.dpl; }
  };
  // Reads the descriptor of `selector`; raises `vector`(selector) if it is beyond its table.
  // `system_16`: system descriptors have 16 bytes, in long mode.
  Descriptor read_descriptor(std::uint16_t selector, std::uint8_t vector, std::uint32_t ext = 0);
  std::optional<Descriptor> find_descriptor(std::uint16_t selector);
  void mark_accessed(const Descriptor& descriptor);
  void load_segment(SegmentName name, std::uint16_t selector);
  // As real and virtual-8086 mode load one.
  void load_real_segment(SegmentName name, std::uint16_t selector);
  void set_segment(SegmentName name, const Segment& segment); // keeps FS and GS base MSRs in step

  void deliver(Event event);
  void return_from_interrupt(const Instruction& i);
  void far_jump(std::uint16_t selector, std::uint64_t offset, unsigned size);
  void far_call(std::uint16_t selector, std::uint64_t offset, unsigned size);
  void far_return(unsigned size, unsigned bytes);
  enum class TaskSwitch : std::uint8_t { jump, call, iret, gate };
  void switch_task(const Descriptor& tss, TaskSwitch kind, std::optional<std::uint32_t> error_code);
  // SS:ESP for privilege level `cpl`, from a TSS of 16 or 32 bits, or RSP (by `ist` if not 0).
  struct Stack {
    std::uint16_t selector = 0;
    std::uint64_t pointer = 0;
  };
  Stack stack_of_tss(unsigned cpl, std::uint32_t ext = 0);
  std::uint64_t rsp_of_tss(unsigned cpl, unsigned ist, std::uint32_t ext = 0);
  // Checks SS for a change to `cpl` as calls and events do; raises #TS, #SS.
  Segment checked_stack_segment(std::uint16_t selector, unsigned cpl, std::uint8_t vector,
                                std::uint32_t ext = 0);
  void record_branch(Branch kind, std::uint64_t from, std::uint64_t to);
  void set_cpl(unsigned cpl) { context_.cpl = static_cast<std::uint8_t>(cpl); }
  void set_nmi_blocked(bool blocked) { nmi_blocked_ = blocked; }
  bool nmi_blocked() const { return nmi_blocked_; }
  [[noreturn]] void unknown_instruction(const std::string& what);  // a report, then #UD
  std::string instruction_text() const { return text_at(start_); } // of the one in progress
  std::string text_at_rip() const { return text_at(regs.rip); }

private:
  std::uint64_t linear_address(SegmentName segment, std::uint64_t offset, unsigned size,
                               Access access) {
    if (__builtin_expect(is_64_bit(), 1)) {
      const std::uint64_t linear =
          segment >= SegmentName::fs ? regs[segment].base + offset : offset;
      const std::uint64_t last = linear + size - 1;
      if (__builtin_expect(is_canonical(linear) && is_canonical(last), 1))
        return linear;
      raise(segment == SegmentName::ss ? vector::ss : vector::gp, 0);
    }
    return linear_of_segment(segment, offset, size, access);
  }
  std::uint64_t linear_of_segment(SegmentName segment, std::uint64_t offset, unsigned size,
                                  Access access) const;

  std::uint64_t load_linear(std::uint64_t linear, unsigned size) {
    const Fast& fast = fast_of(linear);
    if (__builtin_expect(fast.read_page == (linear >> 12) && (linear & 0xFFF) + size <= 0x1000 &&
                             (!checks_alignment_ || (linear & (size - 1)) == 0),
                         1)) {
      std::uint64_t value = 0;
      __builtin_memcpy(&value, fast.host + (linear & 0xFFF), size);
      return value;
    }
    return load_slowly(linear, size);
  }
  void store_linear(std::uint64_t linear, unsigned size, std::uint64_t value) {
    const Fast& fast = fast_of(linear);
    if (__builtin_expect(fast.write_page == (linear >> 12) && (linear & 0xFFF) + size <= 0x1000 &&
                             *fast.code_mark == 0 &&
                             (!checks_alignment_ || (linear & (size - 1)) == 0),
                         1)) {
      __builtin_memcpy(fast.host + (linear & 0xFFF), &value, size);
      return;
    }
    store_slowly(linear, size, value);
  }
  std::uint64_t load_slowly(std::uint64_t linear, unsigned size);
  void store_slowly(std::uint64_t linear, unsigned size, std::uint64_t value);
  void check_alignment(std::uint64_t linear, unsigned size) const;
  Privilege privilege() const { return {context_.cpl == 3, flag(flag::ac)}; }
  // Physical addresses of the one or two parts that a page boundary makes.
  struct Parts {
    std::uint64_t address[2];
    unsigned size[2];
  };
  Parts translate(std::uint64_t linear, unsigned size, Access access, Privilege privilege);
  void copy_from(const Parts& parts, std::uint8_t* to);
  void copy_to(const Parts& parts, const std::uint8_t* from);
  void tell_access(Operation operation, std::uint64_t linear, unsigned size);
  void write_ram(std::uint64_t address, const std::uint8_t* from, unsigned size);
  void remember(std::uint64_t linear, std::uint64_t physical, bool writable);

  const Instruction& fetch();
  const Instruction& decode_at(std::uint64_t linear, std::uint32_t page_offset);
  std::uint64_t translate_fetch(std::uint64_t linear);
  void turn_code_page(std::uint64_t linear);
  void fault(const Fault& fault);
  void enter(const Event& event, std::uint32_t ext);
  void enter_real(const Event& event);
  void enter_protected(const Event& event, std::uint32_t ext);
  void enter_long(const Event& event, std::uint32_t ext);
  void shut_down(const std::string& why);
  std::string text_at(std::uint64_t rip) const;

  // RAM behind a page that an access may use at once: translated for this CPL, and no breakpoint is
  // in it.
  struct Fast {
    std::uint64_t read_page = ~std::uint64_t{0};
    std::uint64_t write_page = ~std::uint64_t{0};
    std::uint8_t* host = nullptr;
    const std::uint8_t* code_mark = nullptr;
  };
  static constexpr std::size_t fast_pages = 256;
  Fast& fast_of(std::uint64_t linear) {
    return fast_[context_.cpl == 3 ? 1 : 0][linear >> 12 & (fast_pages - 1)];
  }

  DebugUnit& debug_;
  Ram& ram_;
  Bus& bus_;
  CodeCache& code_;
  Paging paging_;
  CoreContext context_;
  Activity activity_ = Activity::active;
  bool nmi_blocked_ = false;
  std::string trouble_;

  std::uint64_t start_ = 0;
  Ending ending_ = Ending::plain;
  bool repeats_ = false;
  // Of the REP in progress. After so many it is left, as for an interrupt, with RF set.
  static constexpr unsigned most_iterations = 1024;
  unsigned iterations_ = 0;
  std::uint64_t repeat_count_ = 0;
  bool fast_string_ = false;
  bool locked_ = false;        // the instruction in progress locks the bus
  bool bus_lock_ = false;      // and did, across a cache line
  bool task_switched_ = false; // by the delivery in progress
  Life* life_ = nullptr;
  const Instruction* instruction_ = nullptr;

  bool checks_alignment_ = false; // CR0.AM, RFLAGS.AC and CPL 3
  std::array<std::array<Fast, fast_pages>, 2> fast_{};

  // Of the page that RIP is in.
  CodeKind code_kind_ = CodeKind::real_16;
  std::uint64_t code_page_ = ~std::uint64_t{0}; // linear page number
  std::uint64_t code_generation_ = 0;
  std::uint64_t code_physical_ = 0;
  std::shared_ptr<CodePage> code_instructions_;
  Instruction uncached_; // one that crosses a page or is not in RAM
};

} // namespace icebp::vp
