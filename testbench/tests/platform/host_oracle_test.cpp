// The host CPU as the judge of the interpreter: random instructions on random registers, flags and
// memory in 64-bit mode, natively and interpreted. ICEBP_ORACLE_CASES=1000000 tries that many a
// test; ICEBP_ORACLE_SEED others.
#include <icebp/testbench/tests/platform/host_cpu.h>

#include <gtest/gtest.h>

#ifdef ICEBP_HAS_HOST_CPU

#include <icebp/testbench/platform/interpreter/alu.h>
#include <icebp/testbench/platform/interpreter/decoder.h>
#include <icebp/testbench/tests/platform/machine.h>
#include <icebp/testbench/tests/platform/random_instruction.h>

#include <cstdlib>
#include <iomanip>
#include <memory>

namespace icebp::vp::testing {
namespace {

std::string hex_byte(unsigned value) {
  constexpr char digits[] = "0123456789ABCDEF";
  return {digits[value >> 4 & 0xF], digits[value & 0xF]};
}

// --- instructions (SDM vol. 2; undefined: "Flags Affected" of each)

void add_two_operand_arithmetic(std::vector<Form>& forms) {
  for (unsigned n = 0; n < 8; ++n) { // ADD OR ADC SBB AND SUB XOR CMP
    const char* const undefined = n == 1 || n == 4 || n == 6 ? "A" : "";
    const std::string digit = "/" + std::to_string(n);
    const char* const lock = n == 7 ? "" : "L";
    const auto of = [&](unsigned low) { return hex_byte(8 * n + low); };
    forms.push_back({of(0) + " /r", std::string("b") + lock, undefined});
    forms.push_back({of(1) + " /r", std::string("v") + lock, undefined});
    forms.push_back({of(2) + " /r", "b", undefined});
    forms.push_back({of(3) + " /r", "v", undefined});
    forms.push_back({of(4) + " ib", "b", undefined});
    forms.push_back({of(5) + " iz", "v", undefined});
    forms.push_back({"80 " + digit + " ib", std::string("b") + lock, undefined});
    forms.push_back({"81 " + digit + " iz", std::string("v") + lock, undefined});
    forms.push_back({"83 " + digit + " ib", std::string("v") + lock, undefined});
  }
}

void add_shifts(std::vector<Form>& forms) {
  for (unsigned n = 0; n < 8; ++n) { // ROL ROR RCL RCR SHL SHR SAL SAR
    const std::string digit = " /" + std::to_string(n);
    const char* const undefined = n < 4 ? "rotate" : n == 7 ? "sar" : "shift";
    for (const auto& [opcode, imm] : {std::pair{0xC0u, " ib"}, {0xD0u, ""}, {0xD2u, ""}}) {
      forms.push_back({hex_byte(opcode) + digit + imm, "b", undefined});
      forms.push_back({hex_byte(opcode + 1) + digit + imm, "v", undefined});
    }
  }
}

void add_conditions(std::vector<Form>& forms) {
  for (unsigned code = 0; code < 16; ++code) {
    forms.push_back({"0F " + hex_byte(0x90 + code) + " /0", "b", ""}); // SETcc
    forms.push_back({"0F " + hex_byte(0x40 + code) + " /r", "v", ""}); // CMOVcc
  }
}

std::vector<Form> integer_forms() {
  std::vector<Form> forms = {
      {"84 /r", "b", "A"}, // TEST
      {"85 /r", "v", "A"},
      {"A8 ib", "b", "A"},
      {"A9 iz", "v", "A"},
      {"F6 /0 ib", "b", "A"},
      {"F7 /0 iz", "v", "A"},
      {"F6 /2", "bL", ""}, // NOT
      {"F7 /2", "vL", ""},
      {"F6 /3", "bL", ""}, // NEG
      {"F7 /3", "vL", ""},
      {"F6 /4", "b", "SZAP"}, // MUL
      {"F7 /4", "v", "SZAP"},
      {"F6 /5", "b", "SZAP"}, // IMUL
      {"F7 /5", "v", "SZAP"},
      {"0F AF /r", "v", "SZAP"},
      {"69 /r iz", "v", "SZAP"},
      {"6B /r ib", "v", "SZAP"},
      {"F6 /6", "b", "OSZAPC"}, // DIV
      {"F7 /6", "v", "OSZAPC"},
      {"F6 /7", "b", "OSZAPC"}, // IDIV
      {"F7 /7", "v", "OSZAPC"},
      {"FE /0", "bL", ""}, // INC
      {"FF /0", "vL", ""},
      {"FE /1", "bL", ""}, // DEC
      {"FF /1", "vL", ""},
      {"0F C0 /r", "bL", ""}, // XADD
      {"0F C1 /r", "vL", ""},
      {"0F B0 /r", "beL", ""}, // CMPXCHG
      {"0F B1 /r", "veL", ""},
      {"0F C7 /1", "dmeL", ""},            // CMPXCHG8B
      {"0F C7 /1", "qmaeL", ""},           // CMPXCHG16B
      {"66 0F 38 F6 /r", "dq", "", "adx"}, // ADCX
      {"F3 0F 38 F6 /r", "dq", "", "adx"}, // ADOX
      {"98", "v", ""},                     // CBW, CWDE, CDQE
      {"99", "v", ""},                     // CWD, CDQ, CQO
      {"88 /r", "b", ""},                  // MOV
      {"89 /r", "v", ""},
      {"8A /r", "b", ""},
      {"8B /r", "v", ""},
      {"C6 /0 ib", "b", ""},
      {"C7 /0 iz", "v", ""},
      {"B0 +r ib", "b", ""},
      {"B8 +r iv", "v", ""},
      {"0F B6 /r", "v8", ""}, // MOVZX
      {"0F B7 /r", "dq", ""},
      {"0F BE /r", "v8", ""}, // MOVSX
      {"0F BF /r", "dq", ""},
      {"63 /r", "v", ""},      // MOVSXD
      {"8D /r", "vm", ""},     // LEA
      {"0F C3 /r", "dqm", ""}, // MOVNTI
      {"0F 38 F0 /r", "vm", "", "movbe"},
      {"0F 38 F1 /r", "vm", "", "movbe"},
      {"86 /r", "bL", ""}, // XCHG
      {"87 /r", "vL", ""},
      {"90 +r", "v", ""},
      {"0F C8 +r", "dq", ""},                  // BSWAP
      {"D7", "bx", ""},                        // XLAT
      {"0F 1F /0", "v", ""},                   // NOP
      {"F2 0F 38 F0 /r", "dq8", "", "sse4.2"}, // CRC32
      {"F2 0F 38 F1 /r", "v", "", "sse4.2"},
      {"0F A4 /r ib", "v", "double"}, // SHLD
      {"0F A5 /r", "v", "double"},
      {"0F AC /r ib", "v", "double"}, // SHRD
      {"0F AD /r", "v", "double"},
      {"0F A3 /r", "vt", "OSAP"},  // BT
      {"0F AB /r", "vtL", "OSAP"}, // BTS
      {"0F B3 /r", "vtL", "OSAP"}, // BTR
      {"0F BB /r", "vtL", "OSAP"}, // BTC
      {"0F BA /4 ib", "v", "OSAP"},
      {"0F BA /5 ib", "vL", "OSAP"},
      {"0F BA /6 ib", "vL", "OSAP"},
      {"0F BA /7 ib", "vL", "OSAP"},
      {"0F BC /r", "v", "scan"},             // BSF
      {"0F BD /r", "v", "scan"},             // BSR
      {"F3 0F BC /r", "v", "OSAP", "bmi"},   // TZCNT
      {"F3 0F BD /r", "v", "OSAP", "lzcnt"}, // LZCNT
      {"F3 0F B8 /r", "v", "", "popcnt"},
      {"F5", "v", ""},  // CMC
      {"F8", "v", ""},  // CLC
      {"F9", "v", ""},  // STC
      {"FC", "v", ""},  // CLD
      {"FD", "v", ""},  // STD
      {"9E", "v", ""},  // SAHF
      {"9F", "v", ""},  // LAHF
      {"A4", "bs", ""}, // MOVS
      {"A5", "vs", ""},
      {"A6", "bs", ""}, // CMPS
      {"A7", "vs", ""},
      {"AA", "bs", ""}, // STOS
      {"AB", "vs", ""},
      {"AC", "bs", ""}, // LODS
      {"AD", "vs", ""},
      {"AE", "bs", ""}, // SCAS
      {"AF", "vs", ""},
  };
  add_two_operand_arithmetic(forms);
  add_shifts(forms);
  add_conditions(forms);
  return forms;
}

bool host_has(const std::string& feature) {
  __builtin_cpu_init();
  if (feature == "adx")
    return __builtin_cpu_supports("adx") != 0;
  if (feature == "bmi")
    return __builtin_cpu_supports("bmi") != 0;
  if (feature == "lzcnt")
    return __builtin_cpu_supports("lzcnt") != 0;
  if (feature == "movbe")
    return __builtin_cpu_supports("movbe") != 0;
  if (feature == "popcnt")
    return __builtin_cpu_supports("popcnt") != 0;
  if (feature == "sse4.2")
    return __builtin_cpu_supports("sse4.2") != 0;
  if (feature == "ssse3")
    return __builtin_cpu_supports("ssse3") != 0;
  if (feature == "sse4.1")
    return __builtin_cpu_supports("sse4.1") != 0;
  return feature.empty();
}

// --- flags

constexpr std::uint64_t compared_flags = status_flags | flag::df;

// The count of a shift: CL, the immediate at the end, or 1.
unsigned count_of(const RandomInstruction& i, const std::string& encoding) {
  unsigned count = 1;
  if (encoding.find("ib") != std::string::npos)
    count = i.bytes.back();
  else if (encoding[0] != 'D' || encoding[1] > '1')
    count = static_cast<unsigned>(i.gpr[rcx]);
  return count & (i.size == 8 ? 63 : 31);
}

std::uint64_t undefined_flags(const RandomInstruction& i) {
  const std::string& rule = i.form->undefined;
  if (rule == "shift" || rule == "sar" || rule == "rotate" || rule == "double") {
    const unsigned count = count_of(i, i.form->encoding);
    if (count == 0)
      return 0;
    const std::uint64_t overflow = count != 1 ? flag::of : 0;
    if (rule == "rotate")
      return overflow;
    const bool too_far = rule == "shift" && count >= 8 * i.size;
    return overflow | flag::af | (too_far ? flag::cf : 0);
  }
  if (rule == "scan")
    return status_flags & ~flag::zf;
  std::uint64_t flags = 0;
  for (const auto& [letter, bit] : {std::pair{'O', flag::of},
                                    {'S', flag::sf},
                                    {'Z', flag::zf},
                                    {'A', flag::af},
                                    {'P', flag::pf},
                                    {'C', flag::cf}})
    if (rule.find(letter) != std::string::npos)
      flags |= bit;
  return flags;
}

// SHLD and SHRD of 16 bits by more have no defined result.
bool has_no_result(const RandomInstruction& i) {
  return i.form->undefined == "double" && count_of(i, i.form->encoding) > 8 * i.size;
}

// --- the two judges

class Interpreter {
public:
  Interpreter() {
    machine_.enter_64_bit();
    machine_.map_2_mib(HostCpu::buffer_at, buffer_physical);
    machine_.map_2_mib(HostCpu::instruction_at & ~std::uint64_t{0x1FFFFF}, code_physical);
  }

  std::uint8_t* buffer() { return machine_.ram.data() + buffer_physical; }

  // False if the instruction raised #DE.
  bool execute(const std::vector<std::uint8_t>& bytes, HostState& state) {
    Cpu& cpu = machine_.cpu;
    machine_.put_code(code_physical + (HostCpu::instruction_at & 0x1FFFFF), bytes.data(),
                      bytes.size());
    cpu.regs.gpr = state.gpr;
    cpu.regs.gpr[rsp] = Machine::stack_top;
    cpu.regs.rflags = state.rflags | flag::fixed;
    cpu.regs.rip = HostCpu::instruction_at;
    if (machine_.step() == InstructionEnd::fault && machine_.vector() != 0)
      return ADD_FAILURE() << "vector " << machine_.vector(), false;
    const bool completes = machine_.vector() != 0;
    EXPECT_TRUE(!completes || cpu.regs.rip == HostCpu::instruction_at + bytes.size());
    state.gpr = cpu.regs.gpr;
    state.rflags = cpu.regs.rflags;
    return completes;
  }

  FloatingPoint& fp() { return machine_.cpu.regs.fp; }

private:
  static constexpr std::uint64_t buffer_physical = 0x200000, code_physical = 0x200000;
  static_assert((HostCpu::instruction_at & 0x1FFFFF) > HostCpu::buffer_size);
  Machine machine_;
};

std::string text_of(const RandomInstruction& i) {
  std::ostringstream text;
  for (const unsigned byte : i.bytes)
    text << hex_byte(byte) << ' ';
  text << " "
       << disassemble(i.bytes.data(), i.bytes.size(), CodeKind::long_64, HostCpu::instruction_at);
  return text.str();
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class HostOracle : public ::testing::Test {
protected:
  void SetUp() override {
    if (!host_.is_valid())
      GTEST_SKIP() << "addresses that the test needs are in use";
    for (std::size_t n = 0; n < HostCpu::buffer_size; ++n)
      host_.buffer()[n] = static_cast<std::uint8_t>(generator_.random());
    sync_buffers();
  }

  void sync_buffers() { std::memcpy(interpreter_.buffer(), host_.buffer(), HostCpu::buffer_size); }

  // A random form that the host has.
  const Form& pick(const std::vector<Form>& forms) {
    for (;;) {
      const Form& form = forms[generator_.random() % forms.size()];
      if (host_has(form.feature))
        return form;
    }
  }

  RandomInstruction make(const std::vector<Form>& forms) {
    RandomInstruction i = generator_.make(pick(forms));
    while (has_no_result(i))
      i = generator_.make(pick(forms));
    if (const std::uint64_t address = generator_.equalised(); address != 0) {
      const auto* const memory = reinterpret_cast<const std::uint8_t*>(address);
      std::memcpy(&i.gpr[rax], memory, i.size);
      std::memcpy(&i.gpr[rdx], memory + i.size, i.size);
    }
    return i;
  }

  // Says what differs, nothing if nothing does.
  std::string compare(const RandomInstruction& i, const HostState& before, const HostState& native,
                      const HostState& own) {
    std::ostringstream text;
    text << std::hex;
    const bool leaves_destination = i.form->undefined == "scan" && (native.rflags & flag::zf) != 0;
    for (unsigned reg = 0; reg < 16; ++reg)
      if (reg != rsp && native.gpr[reg] != own.gpr[reg] && !(leaves_destination && reg == i.reg))
        text << " r" << std::dec << reg << std::hex << ": " << before.gpr[reg] << " -> "
             << native.gpr[reg] << ", interpreted " << own.gpr[reg] << ';';
    const std::uint64_t flags = compared_flags & ~undefined_flags(i);
    if (((native.rflags ^ own.rflags) & flags) != 0)
      text << " flags: " << before.rflags << " -> " << (native.rflags & flags) << ", interpreted "
           << (own.rflags & flags) << ';';
    if (std::memcmp(host_.buffer(), interpreter_.buffer(), HostCpu::buffer_size) != 0)
      text << " memory;";
    return text.str();
  }

  std::string run_case(const RandomInstruction& i) {
    HostState before;
    before.gpr = i.gpr;
    before.rflags = flag::fixed | (generator_.random() & compared_flags);
    std::memcpy(before.fx.data(), fx_.data(), fx_.size());
    HostState native = before;
    HostState own = before;
    const bool native_completes = host_.execute(i.bytes, native);
    const bool own_completes = interpreter_.execute(i.bytes, own);
    ++divide_errors_[native_completes ? 0 : 1];
    if (native_completes != own_completes)
      return native_completes ? " only the interpreter raised #DE" : " only the host raised #DE";
    return native_completes ? compare(i, before, native, own) : "";
  }

  HostCpu host_;
  Interpreter interpreter_;
  InstructionGenerator generator_{HostCpu::buffer_at, HostCpu::instruction_at,
                                  number_from("ICEBP_ORACLE_SEED", 1)};
  alignas(16) std::array<std::uint8_t, 512> fx_ = [] {
    std::array<std::uint8_t, 512> image{};
    image[0] = 0x7F; // FCW 037Fh
    image[1] = 0x03;
    image[24] = 0x80; // MXCSR 1F80h
    image[25] = 0x1F;
    return image;
  }();
  std::uint64_t divide_errors_[2] = {};
};

TEST_F(HostOracle, Integer) {
  const std::vector<Form> forms = integer_forms();
  const std::uint64_t cases = number_from("ICEBP_ORACLE_CASES", 20000);
  unsigned wrong = 0;
  for (std::uint64_t n = 0; n < cases && wrong < 20; ++n) {
    const RandomInstruction i = make(forms);
    const std::string difference = run_case(i);
    if (difference.empty())
      continue;
    ++wrong;
    ADD_FAILURE() << "case " << n << ": " << text_of(i) << difference;
    sync_buffers();
  }
  EXPECT_GT(divide_errors_[0], 0u);
  EXPECT_GT(divide_errors_[1], 0u) << "no case of #DE";
}

} // namespace
} // namespace icebp::vp::testing

#else

TEST(HostOracle, Integer) { GTEST_SKIP() << "the host is no x86-64 with Linux"; }

#endif
