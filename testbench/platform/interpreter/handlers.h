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
// For its most common forms, else the instruction's handler.
Handler faster_handler(const Instruction& instruction);
extern const Table<HandlerRow> shift_handlers;          // and bit tests and scans
extern const Table<HandlerRow> data_transfer_handlers;  // MOV, PUSH, POP, LEA, CMOVcc, SETcc, XCHG
extern const Table<HandlerRow> control_flow_handlers;   // near JMP, CALL, RET, Jcc, LOOP, ENTER
extern const Table<HandlerRow> string_handlers;         // INS and OUTS too
extern const Table<HandlerRow> flag_handlers;           // PUSHF, POPF, CLI, STI, CLC, LAHF
extern const Table<HandlerRow> floating_point_handlers; // x87 and MMX
extern const Table<HandlerRow> sse_handlers;            // moves of MMX and SSE, MXCSR
extern const Table<HandlerRow> sse_arithmetic_handlers;
extern const Table<HandlerRow> packed_integer_handlers; // of MMX and SSE; logic and shuffles
extern const Table<HandlerRow> segment_handlers;      // MOV to and from segment registers, LDS, LAR
extern const Table<HandlerRow> far_transfer_handlers; // IRET, INT n, SYSCALL, SYSENTER
extern const Table<HandlerRow> system_handlers;       // MOV CR, LGDT, INVLPG, CPUID, IN, OUT, HLT

// MOV, PUSH and POP of segment registers and MOV of control registers have the mnemonics of the
// common forms.
struct SegmentMoves {
  Handler mov, push, pop;
};
extern const SegmentMoves segment_moves;
extern const Handler mov_control_register;
// JMP, CALL and RET to another segment, too.
struct FarBranches {
  Handler jmp, call, ret;
};
extern const FarBranches far_branches;

} // namespace icebp::vp
