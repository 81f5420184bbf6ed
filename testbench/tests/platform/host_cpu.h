#pragma once
// Executes one instruction on the host's x86-64 CPU with chosen registers.

#if defined(__x86_64__) && defined(__linux__)
#define ICEBP_HAS_HOST_CPU 1

#include <icebp/testbench/platform/interpreter/registers.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <sys/mman.h>
#include <ucontext.h>
#include <vector>

namespace icebp::vp::testing {

struct HostState {
  std::array<std::uint64_t, 16> gpr{}; // RSP is neither set nor read
  std::uint64_t rflags = flag::fixed;
  alignas(16) std::array<std::uint8_t, 512> fx{}; // as FXSAVE64 has it
};

class HostCpu {
public:
  static constexpr std::uint64_t buffer_at = 0x20000000; // memory for operands, 512 bytes
  static constexpr std::size_t buffer_size = 512;
  static constexpr std::uint64_t instruction_at = 0x30100400;

  HostCpu() {
    valid_ = map(buffer_at, PROT_READ | PROT_WRITE);
    valid_ = map(code_page, PROT_READ | PROT_WRITE | PROT_EXEC) && valid_;
    valid_ = map(context_at, PROT_READ | PROT_WRITE) && valid_;
    if (!valid_)
      return;
    new (&context()) Context;
    write_head();
    struct sigaction action = {};
    action.sa_sigaction = note_fault;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGFPE, &action, &before_);
  }
  HostCpu(const HostCpu&) = delete;
  HostCpu& operator=(const HostCpu&) = delete;
  ~HostCpu() {
    if (valid_)
      sigaction(SIGFPE, &before_, nullptr);
    for (void* const page : pages_)
      munmap(page, page_size);
  }

  bool is_valid() const { return valid_; } // the pages that it needs were free
  std::uint8_t* buffer() const { return at<std::uint8_t>(buffer_at); }

  // False if the instruction raised #DE.
  bool execute(const std::vector<std::uint8_t>& instruction, HostState& state) {
    std::memcpy(at<std::uint8_t>(instruction_at), instruction.data(), instruction.size());
    tail_at = instruction_at + instruction.size();
    std::memcpy(at<std::uint8_t>(tail_at), tail_.data(), tail_.size());
    context().in = state;
    faulted = 0;
    reinterpret_cast<void (*)()>(head_at_)();
    state = context().out;
    return faulted == 0;
  }

private:
  struct Context {
    HostState in, out;
    std::uint64_t host_rsp = 0;
    std::uint32_t host_mxcsr = 0x1F80;
  };

  static constexpr std::uint64_t code_page = 0x30100000, context_at = 0x40000000;
  static inline std::uint64_t tail_at = 0;
  static inline volatile std::sig_atomic_t faulted = 0;

  template <typename T>
  static T* at(std::uint64_t address) {
    return reinterpret_cast<T*>(address);
  }
  static Context& context() { return *at<Context>(context_at); }

  bool map(std::uint64_t address, int protection) {
    void* const page = mmap(at<void>(address), page_size, protection,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page != MAP_FAILED)
      pages_.push_back(page);
    return page == at<void>(address);
  }

  // Goes on behind the instruction.
  static void note_fault(int, siginfo_t*, void* raw) {
    faulted = 1;
    static_cast<ucontext_t*>(raw)->uc_mcontext.gregs[REG_RIP] = static_cast<greg_t>(tail_at);
  }

  using Code = std::vector<std::uint8_t>;
  static void emit(Code& code, std::initializer_list<int> bytes) {
    for (const int byte : bytes)
      code.push_back(static_cast<std::uint8_t>(byte));
  }
  // `bytes` up to ModRM, whose reg field is `reg`, then [absolute address of `where`].
  static void emit_access(Code& code, std::initializer_list<int> bytes, unsigned reg,
                          const void* where) {
    emit(code, bytes);
    emit(code, {static_cast<int>(4 | (reg & 7) << 3), 0x25});
    const auto address = reinterpret_cast<std::uint64_t>(where);
    for (unsigned shift = 0; shift < 32; shift += 8)
      code.push_back(static_cast<std::uint8_t>(address >> shift));
  }
  static int rex_w(unsigned reg) { return reg < 8 ? 0x48 : 0x4C; }

  void write_head() {
    Context& c = context();
    Code head;
    emit(head, {0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57, 0x9C}); // pushes
    emit_access(head, {0x48, 0x89}, rsp, &c.host_rsp);
    emit_access(head, {0x48, 0x0F, 0xAE}, 1, c.in.fx.data()); // FXRSTOR64
    emit_access(head, {0xFF}, 6, &c.in.rflags);               // PUSH
    emit(head, {0x9D});                                       // POPFQ
    for (unsigned reg = 0; reg < 16; ++reg)
      if (reg != rsp)
        emit_access(head, {rex_w(reg), 0x8B}, reg, &c.in.gpr[reg]);
    head_at_ = instruction_at - head.size();
    std::memcpy(at<std::uint8_t>(head_at_), head.data(), head.size());

    for (unsigned reg = 0; reg < 16; ++reg)
      if (reg != rsp)
        emit_access(tail_, {rex_w(reg), 0x89}, reg, &c.out.gpr[reg]);
    emit_access(tail_, {0x48, 0x8B}, rsp, &c.host_rsp);
    emit(tail_, {0x9C});
    emit_access(tail_, {0x8F}, 0, &c.out.rflags);               // POP
    emit_access(tail_, {0x48, 0x0F, 0xAE}, 0, c.out.fx.data()); // FXSAVE64
    emit(tail_, {0xDB, 0xE3});                                  // FNINIT
    emit_access(tail_, {0x0F, 0xAE}, 2, &c.host_mxcsr);         // LDMXCSR
    emit(tail_, {0x9D, 0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C, 0x5D, 0x5B, 0xC3});
  }

  static constexpr std::size_t page_size = 4096;

  bool valid_ = false;
  std::vector<void*> pages_;
  struct sigaction before_ = {};
  std::uint64_t head_at_ = 0;
  Code tail_;
};

} // namespace icebp::vp::testing

#endif
