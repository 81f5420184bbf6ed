#pragma once

#include <icebp/model/rules/vocabulary/table.h>
#include <icebp/testbench/platform/interpreter/instruction.h>

#include <Zydis/Zydis.h>

namespace icebp::vp {

struct HandlerRow {
  ZydisMnemonic mnemonic;
  Handler handler;
};

// What executes each mnemonic, by subject.
extern const Table<HandlerRow> arithmetic_handlers;
extern const Table<HandlerRow> shift_handlers;         // and bit tests and scans
extern const Table<HandlerRow> data_transfer_handlers; // MOV, PUSH, POP, LEA, CMOVcc, SETcc, XCHG
extern const Table<HandlerRow> control_flow_handlers;  // near JMP, CALL, RET, Jcc, LOOP, ENTER
extern const Table<HandlerRow> string_handlers;        // INS and OUTS too
extern const Table<HandlerRow> flag_handlers;          // PUSHF, POPF, CLI, STI, CLC, LAHF
extern const Table<HandlerRow> floating_point_handlers; // x87 and MMX
extern const Table<HandlerRow> sse_handlers;
extern const Table<HandlerRow> segment_handlers;     // MOV to and from segment registers, LDS, LAR
extern const Table<HandlerRow> far_transfer_handlers; // far JMP, CALL, RET, IRET, INT n, SYSCALL
extern const Table<HandlerRow> system_handlers;      // MOV CR, LGDT, INVLPG, CPUID, IN, OUT, HLT
extern const Table<HandlerRow> debug_unit_handlers;  // MOV DR, RDMSR, WRMSR, INT1

} // namespace icebp::vp
