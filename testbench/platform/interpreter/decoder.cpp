#include <icebp/model/rules/decode.h>
#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/debug_unit_instructions.h>
#include <icebp/testbench/platform/interpreter/decoder.h>
#include <icebp/testbench/platform/interpreter/handlers.h>

#include <Zydis/Zydis.h>

#include <array>

namespace icebp::vp {
namespace {

struct Machine {
  ZydisMachineMode mode;
  ZydisStackWidth stack;
  Mode model_mode; // as the model's decoder takes it
};
constexpr Machine machines[] = {
    // in the order of CodeKind
    {ZYDIS_MACHINE_MODE_REAL_16, ZYDIS_STACK_WIDTH_16, Mode::real},
    {ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32, Mode::real},
    {ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16, Mode::protected_mode},
    {ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32, Mode::protected_mode},
    {ZYDIS_MACHINE_MODE_LONG_COMPAT_16, ZYDIS_STACK_WIDTH_16, Mode::compatibility},
    {ZYDIS_MACHINE_MODE_LONG_COMPAT_32, ZYDIS_STACK_WIDTH_32, Mode::compatibility},
    {ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64, Mode::long_mode},
};

const Machine& machine_of(CodeKind kind) { return machines[static_cast<std::size_t>(kind)]; }

ZydisDecoder decoder_of(CodeKind kind) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, machine_of(kind).mode, machine_of(kind).stack);
  ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_MPX, ZYAN_FALSE);
  return decoder;
}

using HandlerTable = std::array<Handler, ZYDIS_MNEMONIC_MAX_VALUE + 1>;

void enter_rows(HandlerTable& table, const Table<HandlerRow>& rows) {
  for (const HandlerRow& row : rows)
    table[row.mnemonic] = row.handler;
}

void undefined(Cpu&, const Instruction&) { raise_ud(); }

void not_known(Cpu& cpu, const Instruction&) { cpu.unknown_instruction(cpu.instruction_text()); }

const HandlerTable& handlers() {
  static const HandlerTable table = [] {
    HandlerTable rows;
    rows.fill(not_known);
    for (const Table<HandlerRow>* subject :
         {&arithmetic_handlers, &shift_handlers, &data_transfer_handlers, &control_flow_handlers,
          &flag_handlers, &floating_point_handlers, &sse_handlers, &sse_arithmetic_handlers,
          &packed_integer_handlers, &segment_handlers, &far_transfer_handlers, &system_handlers})
      enter_rows(rows, *subject);
    rows[ZYDIS_MNEMONIC_UD0] = rows[ZYDIS_MNEMONIC_UD1] = rows[ZYDIS_MNEMONIC_UD2] = undefined;
    return rows;
  }();
  return table;
}

// MOVSD and CMPSD are names of SSE instructions as well.
const HandlerTable& string_table() {
  static const HandlerTable table = [] {
    HandlerTable rows;
    rows.fill(not_known);
    enter_rows(rows, string_handlers);
    return rows;
  }();
  return table;
}

bool is_string(const ZydisDecodedInstruction& decoded) {
  return decoded.meta.category == ZYDIS_CATEGORY_STRINGOP ||
         decoded.meta.category == ZYDIS_CATEGORY_IOSTRINGOP;
}

std::uint8_t register_number(ZydisRegister reg) {
  if (reg == ZYDIS_REGISTER_NONE)
    return no_register;
  if (reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP || reg == ZYDIS_REGISTER_IP)
    return rip_register;
  if (reg >= ZYDIS_REGISTER_AL && reg <= ZYDIS_REGISTER_BL)
    return static_cast<std::uint8_t>(reg - ZYDIS_REGISTER_AL);
  if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH)
    return static_cast<std::uint8_t>(reg - ZYDIS_REGISTER_AH);
  if (reg >= ZYDIS_REGISTER_SPL && reg <= ZYDIS_REGISTER_R15B)
    return static_cast<std::uint8_t>(reg - ZYDIS_REGISTER_SPL + 4);
  return static_cast<std::uint8_t>(ZydisRegisterGetId(reg));
}

OperandKind kind_of(ZydisRegister reg) {
  switch (ZydisRegisterGetClass(reg)) {
  case ZYDIS_REGCLASS_GPR8:
    return reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH ? OperandKind::high_byte
                                                                : OperandKind::gpr;
  case ZYDIS_REGCLASS_GPR16:
  case ZYDIS_REGCLASS_GPR32:
  case ZYDIS_REGCLASS_GPR64:
    return OperandKind::gpr;
  case ZYDIS_REGCLASS_X87:
    return OperandKind::st;
  case ZYDIS_REGCLASS_MMX:
    return OperandKind::mmx;
  case ZYDIS_REGCLASS_XMM:
    return OperandKind::xmm;
  case ZYDIS_REGCLASS_SEGMENT:
    return OperandKind::segment;
  case ZYDIS_REGCLASS_CONTROL:
    return OperandKind::control;
  default:
    return OperandKind::none;
  }
}

MemoryOperand memory_of(const ZydisDecodedOperandMem& memory) {
  MemoryOperand result;
  result.segment = static_cast<SegmentName>(ZydisRegisterGetId(memory.segment));
  result.base = register_number(memory.base);
  result.index = register_number(memory.index);
  result.scale = memory.scale;
  result.displacement = memory.disp.has_displacement ? memory.disp.value : 0;
  return result;
}

Operand operand_of(const ZydisDecodedOperand& from, Instruction& to, bool& has_immediate) {
  Operand operand;
  operand.size = static_cast<std::uint8_t>(from.size / 8);
  switch (from.type) {
  case ZYDIS_OPERAND_TYPE_REGISTER:
    operand.kind = kind_of(from.reg.value);
    operand.reg = register_number(from.reg.value);
    break;
  case ZYDIS_OPERAND_TYPE_MEMORY:
    operand.kind = OperandKind::memory;
    to.memory = memory_of(from.mem);
    break;
  case ZYDIS_OPERAND_TYPE_POINTER:
    operand.kind = OperandKind::immediate;
    to.immediate = from.ptr.offset;
    to.selector = from.ptr.segment;
    break;
  case ZYDIS_OPERAND_TYPE_IMMEDIATE:
    operand.kind = OperandKind::immediate;
    if (has_immediate)
      to.selector = static_cast<std::uint16_t>(from.imm.value.u);
    else
      to.immediate = from.imm.value.u;
    has_immediate = true;
    break;
  case ZYDIS_OPERAND_TYPE_UNUSED:
    break;
  }
  return operand;
}

Handler handler_of(const ZydisDecodedInstruction& decoded, const Instruction& i) {
  if (is_string(decoded))
    return string_table()[decoded.mnemonic];
  const bool has_segment =
      i.operands[0].kind == OperandKind::segment || i.operands[1].kind == OperandKind::segment;
  const bool has_control =
      i.operands[0].kind == OperandKind::control || i.operands[1].kind == OperandKind::control;
  const bool is_far = decoded.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
  switch (decoded.mnemonic) {
  case ZYDIS_MNEMONIC_MOV:
    if (has_segment)
      return segment_moves.mov;
    if (has_control)
      return mov_control_register;
    break;
  case ZYDIS_MNEMONIC_PUSH:
    if (has_segment)
      return segment_moves.push;
    break;
  case ZYDIS_MNEMONIC_POP:
    if (has_segment)
      return segment_moves.pop;
    break;
  case ZYDIS_MNEMONIC_JMP:
    if (is_far)
      return far_branches.jmp;
    break;
  case ZYDIS_MNEMONIC_CALL:
    if (is_far)
      return far_branches.call;
    break;
  case ZYDIS_MNEMONIC_RET:
    if (is_far)
      return far_branches.ret;
    break;
  default:
    break;
  }
  return handlers()[decoded.mnemonic];
}

Instruction instruction_of(const ZydisDecodedInstruction& decoded,
                           const ZydisDecodedOperand* operands) {
  Instruction result;
  result.mnemonic = static_cast<std::uint16_t>(decoded.mnemonic);
  result.length = decoded.length;
  result.operand_size = static_cast<std::uint8_t>(decoded.operand_width / 8);
  result.address_size = static_cast<std::uint8_t>(decoded.address_width / 8);
  result.opcode = decoded.opcode;
  result.lock = (decoded.attributes & ZYDIS_ATTRIB_HAS_LOCK) != 0;
  if ((decoded.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE)) != 0)
    result.repeat = Repeat::rep;
  else if ((decoded.attributes & ZYDIS_ATTRIB_HAS_REPNE) != 0)
    result.repeat = Repeat::repne;
  // Of a string instruction the source decides, which is at rSI.
  bool has_source = false;
  for (unsigned n = decoded.operand_count_visible; n < decoded.operand_count; ++n)
    if (operands[n].type == ZYDIS_OPERAND_TYPE_MEMORY && !has_source) {
      result.memory = memory_of(operands[n].mem);
      has_source = result.memory.base == rsi;
    }
  bool has_immediate = false;
  for (unsigned n = 0; n < decoded.operand_count_visible && n < result.operands.size(); ++n) {
    const MemoryOperand before = result.memory;
    result.operands[n] = operand_of(operands[n], result, has_immediate);
    if (is_string(decoded) && has_source)
      result.memory = before;
    else if (is_string(decoded))
      has_source = result.memory.base == rsi;
  }
  if (decoded.mnemonic == ZYDIS_MNEMONIC_XCHG && result.operands[0].kind != result.operands[1].kind)
    result.lock = true; // with memory, whatever the prefixes say
  result.handler = handler_of(decoded, result);
  result.handler = faster_handler(result);
  return result;
}

} // namespace

DecodeResult decode_instruction(const std::uint8_t* bytes, std::size_t size, CodeKind kind) {
  static const std::array<ZydisDecoder, 7> decoders{
      decoder_of(CodeKind::real_16),   decoder_of(CodeKind::real_32),
      decoder_of(CodeKind::legacy_16), decoder_of(CodeKind::legacy_32),
      decoder_of(CodeKind::compat_16), decoder_of(CodeKind::compat_32),
      decoder_of(CodeKind::long_64)};
  DecodeResult result;
  const Decoded own = decode(bytes, size, machine_of(kind).model_mode);
  if (own.status == DecodeStatus::ok || own.status == DecodeStatus::trailing_bytes) {
    result.instruction = debug_unit_instruction(own);
    return result;
  }
  ZydisDecodedInstruction decoded;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  const ZyanStatus status = ZydisDecoderDecodeFull(&decoders[static_cast<std::size_t>(kind)], bytes,
                                                   size, &decoded, operands);
  if (ZYAN_SUCCESS(status)) {
    result.instruction = instruction_of(decoded, operands);
  } else if (status == ZYDIS_STATUS_NO_MORE_DATA || status == ZYDIS_STATUS_INSTRUCTION_TOO_LONG) {
    result.needs_more = true;
  } else {
    result.instruction.handler = undefined;
    result.instruction.length = 1;
  }
  return result;
}

std::string disassemble(const std::uint8_t* bytes, std::size_t size, CodeKind kind,
                        std::uint64_t address) {
  const ZydisDecoder decoder = decoder_of(kind);
  ZydisDecodedInstruction decoded;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, size, &decoded, operands)))
    return "?";
  ZydisFormatter formatter;
  ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  char text[128] = "";
  ZydisFormatterFormatInstruction(&formatter, &decoded, operands, decoded.operand_count_visible,
                                  text, sizeof text, address, nullptr);
  return text;
}

} // namespace icebp::vp
