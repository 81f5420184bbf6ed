// The host CPU as the judge of the interpreter: random instructions on random registers, flags and
// memory in 64-bit mode, natively and interpreted. ICEBP_ORACLE_CASES=1000000 tries that many a
// test; ICEBP_ORACLE_SEED others.
#include <icebp/testbench/tests/platform/host_cpu.h>

#include <gtest/gtest.h>

#ifdef ICEBP_HAS_HOST_CPU

#include <icebp/testbench/platform/interpreter/alu.h>
#include <icebp/testbench/platform/interpreter/decoder.h>
#include <icebp/testbench/platform/interpreter/x87.h>
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

// --- MMX and SSE

// Integers, logic and shuffles, of MMX registers without a prefix and of SSE's with 66.
std::vector<Form> packed_forms() {
  std::vector<Form> forms = {
      {"66 0F 6C /r", "da", ""}, // PUNPCKLQDQ
      {"66 0F 6D /r", "da", ""},
      {"66 0F 70 /r ib", "da", ""}, // PSHUFD
      {"F2 0F 70 /r ib", "da", ""},
      {"F3 0F 70 /r ib", "da", ""},
      {"0F 70 /r ib", "da", ""},    // PSHUFW
      {"66 0F 73 /3 ib", "dr", ""}, // PSRLDQ
      {"66 0F 73 /7 ib", "dr", ""},
      {"0F C4 /r ib", "da", ""}, // PINSRW
      {"66 0F C4 /r ib", "da", ""},
      {"0F C5 /r ib", "dr", ""}, // PEXTRW
      {"66 0F C5 /r ib", "dr", ""},
      {"0F D7 /r", "dr", ""}, // PMOVMSKB
      {"66 0F D7 /r", "dr", ""},
      {"0F 50 /r", "dr", ""}, // MOVMSKPS, MOVMSKPD
      {"66 0F 50 /r", "dr", ""},
      {"66 0F 38 29 /r", "da", "", "sse4.1"},    // PCMPEQQ
      {"66 0F 38 2B /r", "da", "", "sse4.1"},    // PACKUSDW
      {"66 0F 38 3B /r", "da", "", "sse4.1"},    // PMINUD
      {"66 0F 38 3F /r", "da", "", "sse4.1"},    // PMAXUD
      {"66 0F 38 40 /r", "da", "", "sse4.1"},    // PMULLD
      {"66 0F 3A 14 /r ib", "da", "", "sse4.1"}, // PEXTRB
      {"66 0F 3A 15 /r ib", "da", "", "sse4.1"},
      {"66 0F 3A 16 /r ib", "dqa", "", "sse4.1"},
      {"66 0F 3A 20 /r ib", "da", "", "sse4.1"}, // PINSRB
      {"66 0F 3A 22 /r ib", "dqa", "", "sse4.1"},
      {"0F 38 00 /r", "da", "", "ssse3"}, // PSHUFB
      {"66 0F 38 00 /r", "da", "", "ssse3"},
      {"0F 54 /r", "da", ""}, // ANDPS ANDNPS ORPS XORPS
      {"0F 55 /r", "da", ""},
      {"0F 56 /r", "da", ""},
      {"0F 57 /r", "da", ""},
      {"66 0F 54 /r", "da", ""},
      {"66 0F 55 /r", "da", ""},
      {"66 0F 56 /r", "da", ""},
      {"66 0F 57 /r", "da", ""},
      {"0F C6 /r ib", "da", ""}, // SHUFPS
      {"66 0F C6 /r ib", "da", ""},
      {"0F 14 /r", "da", ""}, // UNPCKLPS
      {"0F 15 /r", "da", ""},
      {"66 0F 14 /r", "da", ""},
      {"66 0F 15 /r", "da", ""},
      // moves
      {"0F 10 /r", "d", ""}, // MOVUPS
      {"0F 11 /r", "d", ""},
      {"66 0F 10 /r", "d", ""},
      {"66 0F 11 /r", "d", ""},
      {"F3 0F 10 /r", "d", ""}, // MOVSS
      {"F3 0F 11 /r", "d", ""},
      {"F2 0F 10 /r", "d", ""}, // MOVSD
      {"F2 0F 11 /r", "d", ""},
      {"0F 12 /r", "d", ""}, // MOVLPS, MOVHLPS
      {"0F 13 /r", "dm", ""},
      {"0F 16 /r", "d", ""}, // MOVHPS, MOVLHPS
      {"0F 17 /r", "dm", ""},
      {"66 0F 12 /r", "dm", ""},
      {"66 0F 13 /r", "dm", ""},
      {"66 0F 16 /r", "dm", ""},
      {"66 0F 17 /r", "dm", ""},
      {"0F 28 /r", "da", ""}, // MOVAPS
      {"0F 29 /r", "da", ""},
      {"66 0F 28 /r", "da", ""},
      {"0F 2B /r", "dam", ""}, // MOVNTPS
      {"66 0F 2B /r", "dam", ""},
      {"66 0F 6F /r", "da", ""}, // MOVDQA
      {"66 0F 7F /r", "da", ""},
      {"F3 0F 6F /r", "d", ""}, // MOVDQU
      {"F3 0F 7F /r", "d", ""},
      {"F2 0F F0 /r", "dm", ""}, // LDDQU
      {"0F 6E /r", "dq", ""},    // MOVD, MOVQ
      {"0F 7E /r", "dq", ""},
      {"66 0F 6E /r", "dq", ""},
      {"66 0F 7E /r", "dq", ""},
      {"0F 6F /r", "d", ""}, // MOVQ
      {"0F 7F /r", "d", ""},
      {"F3 0F 7E /r", "d", ""},
      {"66 0F D6 /r", "d", ""},
      {"F2 0F D6 /r", "dr", ""}, // MOVDQ2Q
      {"F3 0F D6 /r", "dr", ""}, // MOVQ2DQ
      {"0F E7 /r", "dm", ""},    // MOVNTQ
      {"66 0F E7 /r", "dam", ""},
      {"0F 77", "d", ""},     // EMMS
      {"0F AE /3", "dm", ""}, // STMXCSR
  };
  const unsigned both[] = {0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A,
                           0x6B, 0x74, 0x75, 0x76, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD8, 0xD9,
                           0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xE0, 0xE1, 0xE2, 0xE3, 0xE4,
                           0xE5, 0xE8, 0xE9, 0xEA, 0xEB, 0xEC, 0xED, 0xEE, 0xEF, 0xF1, 0xF2,
                           0xF3, 0xF4, 0xF5, 0xF6, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE};
  for (const unsigned opcode : both)
    for (const char* const prefix : {"", "66 "})
      forms.push_back({prefix + ("0F " + hex_byte(opcode)) + " /r", "da", ""});
  for (const auto& [opcode, digits] : {std::pair{0x71u, "246"}, {0x72u, "246"}, {0x73u, "26"}})
    for (const char* digit = digits; *digit != 0; ++digit)
      for (const char* const prefix : {"", "66 "})
        forms.push_back({prefix + ("0F " + hex_byte(opcode)) + " /" + *digit + " ib", "dr", ""});
  return forms;
}

std::vector<Form> sse_arithmetic_forms() {
  std::vector<Form> forms = {
      {"0F 2E /r", "da", ""},                               // UCOMISS
      {"66 0F 2E /r", "da", ""}, {"0F 2F /r", "da", ""},    // COMISS
      {"66 0F 2F /r", "da", ""}, {"F3 0F 2A /r", "dq", ""}, // CVTSI2SS
      {"F2 0F 2A /r", "dq", ""}, {"F3 0F 2C /r", "dq", ""}, // CVTTSS2SI
      {"F2 0F 2C /r", "dq", ""}, {"F3 0F 2D /r", "dq", ""}, // CVTSS2SI
      {"F2 0F 2D /r", "dq", ""}, {"0F 5A /r", "da", ""},    // CVTPS2PD
      {"66 0F 5A /r", "da", ""}, {"F3 0F 5A /r", "da", ""}, {"F2 0F 5A /r", "da", ""},
      {"0F 5B /r", "da", ""},                                                          // CVTDQ2PS
      {"66 0F 5B /r", "da", ""}, {"F3 0F 5B /r", "da", ""}, {"F3 0F E6 /r", "da", ""}, // CVTDQ2PD
      {"F2 0F E6 /r", "da", ""}, {"66 0F E6 /r", "da", ""},
  };
  for (const char* const prefix : {"", "66 ", "F2 ", "F3 "}) {
    for (const unsigned opcode : {0x51u, 0x58u, 0x59u, 0x5Cu, 0x5Du, 0x5Eu, 0x5Fu})
      forms.push_back({prefix + ("0F " + hex_byte(opcode)) + " /r", "da", ""});
    forms.push_back({prefix + std::string("0F C2 /r ib"), "da", ""}); // CMPPS
  }
  return forms;
}

// --- x87; undefined: condition codes that differ between CPUs or are undefined, as digits

std::vector<Form> x87_forms() {
  std::vector<Form> forms = {
      {"D9 /0", "dm", "0123"},                                                   // FLD m32
      {"DD /0", "dm", "0123"}, {"DB /5", "dm", "0123"}, {"D9 /2", "dm", "0123"}, // FST m32
      {"D9 /3", "dm", "0123"}, {"DD /2", "dm", "0123"}, {"DD /3", "dm", "0123"},
      {"DB /7", "dm", "0123"},                                                   // FSTP m80
      {"DF /0", "dm", "0123"},                                                   // FILD
      {"DB /0", "dm", "0123"}, {"DF /5", "dm", "0123"}, {"DF /1", "dm", "0123"}, // FISTTP
      {"DB /1", "dm", "0123"}, {"DD /1", "dm", "0123"}, {"DF /2", "dm", "0123"}, // FIST
      {"DF /3", "dm", "0123"}, {"DB /2", "dm", "0123"}, {"DB /3", "dm", "0123"},
      {"DF /7", "dm", "0123"}, {"D9 E0", "d", "0123"},                          // FCHS
      {"D9 E1", "d", "0123"},  {"D9 E4", "d", "1"},                             // FTST
      {"D9 E5", "d", ""},                                                       // FXAM
      {"D9 E8", "d", "0123"},  {"D9 EE", "d", "0123"},  {"D9 FA", "d", "0123"}, // FSQRT
      {"D9 FC", "d", "0123"},                                                   // FRNDINT
      {"D9 F6", "d", "0123"},                                                   // FDECSTP
      {"D9 F7", "d", "0123"},  {"DA E9", "d", "1"},                             // FUCOMPP
      {"DE D9", "d", "1"},                                                      // FCOMPP
      {"DB E2", "d", "0123"},                                                   // FNCLEX
      {"DB E3", "d", ""},                                                       // FNINIT
      {"DF E0", "d", ""},                                                       // FNSTSW AX
      {"D9 /7", "dm", ""},                                                      // FNSTCW
      {"DD /7", "dm", ""},                                                      // FNSTSW
  };
  for (unsigned digit = 0; digit < 8; ++digit) { // FADD FMUL FCOM FCOMP FSUB FSUBR FDIV FDIVR
    const char* const undefined = digit == 2 || digit == 3 ? "1" : "0123";
    for (const char* const opcode : {"D8", "DA", "DC", "DE"})
      forms.push_back({opcode + (" /" + std::to_string(digit)), "dm", undefined});
    for (unsigned reg = 0; reg < 8; ++reg) {
      const std::string second = " " + hex_byte(0xC0 + 8 * digit + reg);
      forms.push_back({"D8" + second, "d", undefined});
      if (digit != 2 && digit != 3) {
        forms.push_back({"DC" + second, "d", undefined});
        forms.push_back({"DE" + second, "d", undefined});
      }
    }
  }
  for (unsigned reg = 0; reg < 8; ++reg) {
    const auto add = [&](const char* opcode, std::initializer_list<unsigned> bases,
                         const char* undefined) {
      for (const unsigned base : bases)
        forms.push_back({opcode + (" " + hex_byte(base + reg)), "d", undefined});
    };
    add("D9", {0xC0, 0xC8}, "0123");             // FLD FXCH
    add("DA", {0xC0, 0xC8, 0xD0, 0xD8}, "0123"); // FCMOVcc
    add("DB", {0xC0, 0xC8, 0xD0, 0xD8}, "0123");
    add("DB", {0xE8, 0xF0}, "0123");       // FUCOMI FCOMI
    add("DD", {0xC0, 0xD0, 0xD8}, "0123"); // FFREE FST FSTP
    add("DD", {0xE0, 0xE8}, "1");          // FUCOM FUCOMP
    add("DF", {0xE8, 0xF0}, "0123");       // FUCOMIP FCOMIP
  }
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

// --- floating-point state, as FXSAVE64 has it

using FxImage = std::array<std::uint8_t, 512>;
constexpr std::size_t fcw_at = 0, fsw_at = 2, tags_at = 4, mxcsr_at = 24, st_at = 32, xmm_at = 160;

template <typename T>
T get(const FxImage& image, std::size_t at) {
  T value;
  std::memcpy(&value, image.data() + at, sizeof value);
  return value;
}
template <typename T>
void set(FxImage& image, std::size_t at, T value) {
  std::memcpy(image.data() + at, &value, sizeof value);
}

FxImage initial_fx() {
  FxImage image{};
  set<std::uint16_t>(image, fcw_at, 0x037F);
  set<std::uint32_t>(image, mxcsr_at, 0x1F80);
  return image;
}

void load_fx(FloatingPoint& fp, const FxImage& image) {
  fp.control = get<std::uint16_t>(image, fcw_at);
  fp.status = get<std::uint16_t>(image, fsw_at);
  fp.tags = 0;
  const unsigned top = fp.status >> 11 & 7;
  for (unsigned n = 0; n < 8; ++n) {
    if ((image[tags_at] >> n & 1) == 0)
      fp.tags = static_cast<std::uint16_t>(fp.tags | 3u << 2 * n);
    std::memcpy(fp.st[(top + n) % 8].data(), image.data() + st_at + 16 * n, 10);
  }
  fp.mxcsr = get<std::uint32_t>(image, mxcsr_at);
  std::memcpy(fp.xmm.data(), image.data() + xmm_at, 256);
}

FxImage image_of(const FloatingPoint& fp) {
  FxImage image{};
  set(image, fcw_at, fp.control);
  set(image, fsw_at, fp.status);
  const unsigned top = fp.status >> 11 & 7;
  for (unsigned n = 0; n < 8; ++n) {
    if ((fp.tags >> 2 * n & 3) != 3)
      image[tags_at] = static_cast<std::uint8_t>(image[tags_at] | 1u << n);
    std::memcpy(image.data() + st_at + 16 * n, fp.st[(top + n) % 8].data(), 10);
  }
  set(image, mxcsr_at, fp.mxcsr);
  std::memcpy(image.data() + xmm_at, fp.xmm.data(), 256);
  return image;
}

// Says what differs in `count` bytes, nothing if nothing does.
std::string differing(const char* name, unsigned number, const FxImage& before,
                      const FxImage& native, const FxImage& own, std::size_t at, unsigned count) {
  if (std::memcmp(native.data() + at, own.data() + at, count) == 0)
    return "";
  const auto text = [&](const FxImage& image) {
    std::string bytes;
    for (unsigned n = count; n-- > 0;)
      bytes += hex_byte(image[at + n]);
    return bytes;
  };
  return std::string(" ") + name + std::to_string(number) + ": " + text(before) + " -> " +
         text(native) + ", interpreted " + text(own) + ';';
}

// `undefined`: digits of condition codes.
std::string compare_fx(const FxImage& before, FxImage native, FxImage own,
                       const std::string& undefined) {
  for (const auto& [digit, bit] :
       {std::pair{'0', 0x100}, {'1', 0x200}, {'2', 0x400}, {'3', 0x4000}})
    if (undefined.find(digit) != std::string::npos)
      for (FxImage* const image : {&native, &own})
        set(*image, fsw_at, static_cast<std::uint16_t>(get<std::uint16_t>(*image, fsw_at) & ~bit));
  std::string text = differing("fcw", 0, before, native, own, fcw_at, 2) +
                     differing("fsw", 0, before, native, own, fsw_at, 2) +
                     differing("tags", 0, before, native, own, tags_at, 1) +
                     differing("mxcsr", 0, before, native, own, mxcsr_at, 4);
  for (unsigned n = 0; n < 8; ++n)
    text += differing("st", n, before, native, own, st_at + 16 * n, 10);
  for (unsigned n = 0; n < 16; ++n)
    text += differing("xmm", n, before, native, own, xmm_at + 16 * n, 16);
  return text;
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
    load_fx(cpu.regs.fp, state.fx);
    if (machine_.step() == InstructionEnd::fault && machine_.vector() != 0)
      return ADD_FAILURE() << "vector " << machine_.vector(), false;
    const bool completes = machine_.vector() != 0;
    EXPECT_TRUE(!completes || cpu.regs.rip == HostCpu::instruction_at + bytes.size());
    state.gpr = cpu.regs.gpr;
    state.rflags = cpu.regs.rflags;
    state.fx = image_of(cpu.regs.fp);
    return completes;
  }

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
    return text.str() + compare_fx(before.fx, native.fx, own.fx, i.form->undefined);
  }

  // `fx` as FXSAVE has it.
  std::string run_case(const RandomInstruction& i, const FxImage& fx = initial_fx()) {
    HostState before;
    before.gpr = i.gpr;
    before.rflags = flag::fixed | (generator_.random() & compared_flags);
    before.fx = fx;
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
  std::uint64_t divide_errors_[2] = {};

  // Tries random cases of `forms`; with floating-point state if `floats`.
  void try_cases(const std::vector<Form>& forms, bool floats) {
    const std::uint64_t cases = number_from("ICEBP_ORACLE_CASES", 20000);
    unsigned wrong = 0;
    for (std::uint64_t n = 0; n < cases && wrong < 20; ++n) {
      if (floats)
        fill_buffer();
      const RandomInstruction i = make(forms);
      const std::string difference = run_case(i, floats ? random_fx() : initial_fx());
      if (difference.empty())
        continue;
      ++wrong;
      ADD_FAILURE() << "case " << n << ": " << text_of(i) << difference;
      sync_buffers();
    }
  }

  // --- numbers

  // Of 32 or 64 bits: ordinary ones near 1, any, zeros, infinities, NaNs, denormals, integers.
  template <typename Bits>
  Bits float_bits() {
    constexpr unsigned digits = sizeof(Bits) == 4 ? 23 : 52;
    constexpr Bits bias = sizeof(Bits) == 4 ? 127 : 1023;
    const Bits sign = Bits{generator_.one_in(2)} << (8 * sizeof(Bits) - 1);
    const Bits fraction = static_cast<Bits>(generator_.random()) & ((Bits{1} << digits) - 1);
    switch (generator_.random() % 8) {
    case 0:
      return static_cast<Bits>(generator_.value());
    case 1:
      return sign;
    case 2:
      return sign | (2 * bias + 1) << digits; // infinity
    case 3:
      return sign | (2 * bias + 1) << digits | fraction; // NaN
    case 4:
      return sign | fraction; // denormal
    case 5:
      return sign | (bias + below(8)) << digits; // 1, 2, 4, ...
    default:
      return sign | (bias - 16 + static_cast<Bits>(generator_.random() % 32)) << digits | fraction;
    }
  }

  unsigned below(unsigned n) { return static_cast<unsigned>(generator_.random() % n); }

  ExtendedBytes extended_bits() {
    const unsigned sign = generator_.one_in(2) ? 0x8000 : 0;
    const std::uint64_t integer_bit = std::uint64_t{1} << 63;
    const std::uint64_t digits = generator_.random();
    switch (below(10)) {
    case 0:
      return x87::extended_bytes(sign, 0);
    case 1:
      return x87::extended_bytes(sign | 0x7FFF, integer_bit);
    case 2:
      return x87::extended_bytes(sign | 0x7FFF, integer_bit | digits);
    case 3:
      return x87::extended_bytes(sign, digits); // denormals, pseudo-denormals
    case 4:
      return x87::extended_bytes(below(0x10000), digits);
    case 5:
      return x87::extended_bytes(sign | (0x3FFF + below(8)), integer_bit);
    default:
      return x87::extended_bytes(sign | (0x3FEF + below(64)), integer_bit | digits);
    }
  }

  // Every exception masked; rounding, precision, TOP, tags and all registers are random.
  FxImage random_fx() {
    FxImage fx = initial_fx();
    const unsigned precision = std::array{0u, 2u, 3u, 3u}[generator_.random() % 4];
    set(fx, fcw_at,
        static_cast<std::uint16_t>(0x7F | precision << 8 | (generator_.random() % 4) << 10));
    set(fx, fsw_at,
        static_cast<std::uint16_t>((generator_.random() % 8) << 11 |
                                   (generator_.random() & 0x4700)));
    fx[tags_at] = static_cast<std::uint8_t>(generator_.one_in(3) ? generator_.random() : 0xFF);
    set(fx, mxcsr_at,
        static_cast<std::uint32_t>(0x1F80 | (generator_.random() % 4) << 13 |
                                   (generator_.one_in(4) ? 0x40 : 0) |
                                   (generator_.one_in(4) ? 0x8000 : 0)));
    for (unsigned n = 0; n < 8; ++n)
      std::memcpy(fx.data() + st_at + 16 * n, extended_bits().data(), 10);
    for (unsigned n = 0; n < 32; ++n) {
      const bool single = generator_.one_in(2);
      set(fx, xmm_at + 8 * n,
          single ? float_bits<std::uint32_t>() | std::uint64_t{float_bits<std::uint32_t>()} << 32
                 : float_bits<std::uint64_t>());
    }
    return fx;
  }

  void fill_buffer() {
    for (std::size_t at = 256; at < 256 + 160; at += 8) {
      const std::uint64_t bits =
          generator_.one_in(2)
              ? float_bits<std::uint32_t>() | std::uint64_t{float_bits<std::uint32_t>()} << 32
              : float_bits<std::uint64_t>();
      std::memcpy(host_.buffer() + at, &bits, 8);
    }
    sync_buffers();
  }
};

TEST_F(HostOracle, Integer) {
  try_cases(integer_forms(), false);
  EXPECT_GT(divide_errors_[0], 0u);
  EXPECT_GT(divide_errors_[1], 0u) << "no case of #DE";
}

TEST_F(HostOracle, PackedInteger) { try_cases(packed_forms(), true); }
TEST_F(HostOracle, SseArithmetic) { try_cases(sse_arithmetic_forms(), true); }
TEST_F(HostOracle, X87) { try_cases(x87_forms(), true); }

} // namespace
} // namespace icebp::vp::testing

#else

TEST(HostOracle, Integer) { GTEST_SKIP() << "the host is no x86-64 with Linux"; }

#endif
