#pragma once
// Core cycles. Most have no published figure on any core: they are parameters and say so.

#include <icebp/model/rules/vocabulary/name_table.h>
#include <icebp/model/rules/vocabulary/outcome.h>
#include <icebp/model/rules/vocabulary/request.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace icebp {
inline namespace v0_1 {

// A number of core cycles, at least 1, and where it is from.
struct CycleFigure {
  std::uint32_t cycles;
  std::string_view source;
};

// `issue`, `check`, `retire`, `fault` (of a trap at a boundary too), `deliver` and `exit` are
// phases (phase_plan.h); the others are whole instructions that retire, and must be longer than
// issue, check and retire together.
struct CycleTable {
  CycleFigure issue;
  CycleFigure check;
  CycleFigure retire;
  CycleFigure fault;
  CycleFigure deliver;
  CycleFigure exit;
  CycleFigure mov_from_dr0_3;
  CycleFigure mov_from_dr6_7;
  CycleFigure mov_to_dr0_3;
  CycleFigure mov_to_dr6_7;
  CycleFigure msr_fast_read;
  CycleFigure msr_slow_read;
  CycleFigure msr_serializing_write;
  CycleFigure msr_nonserializing_write;
  CycleFigure msr_flush_command;
  CycleFigure int1;
  CycleFigure resume;
  CycleFigure reset;
};

inline constexpr CycleTable default_cycle_table{
    {1, "assumed"},
    {1, "assumed"},
    {1, "assumed"},
    {2, "assumed"},
    {8, "assumed"},
    {8, "assumed"},
    {22, "80386 Programmer's Reference Manual, MOV special registers"},
    {14, "80386 Programmer's Reference Manual, MOV special registers"},
    {22, "80386 Programmer's Reference Manual, MOV special registers"},
    {16, "80386 Programmer's Reference Manual, MOV special registers"},
    {30, "assumed"},
    {100, "assumed"},
    {100, "assumed"},
    {40, "assumed"},
    {1000, "assumed"},
    {6, "assumed"},
    {4, "assumed"},
    {8, "assumed"},
};

// Cycles of the accesses that retire: of CycleTable, where they are found at once.
struct RetiredCycles {
  explicit RetiredCycles(const CycleTable& table);

  std::array<std::uint32_t, 8> mov_from_dr; // by register
  std::array<std::uint32_t, 8> mov_to_dr;
  std::array<std::uint32_t, name_table<MsrCost>.size()> msr; // by MsrCost
};

// False if a phase has no cycle or an instruction is too short for its phases.
bool is_consistent(const CycleTable& table);

// Cycles of an operation that retires. Precondition: it takes time of its own.
std::uint32_t instruction_cycles(const CycleTable& table, const Request& request,
                                 const Outcome& outcome);

// Cycles of the phase `execute` of an operation that retires or traps. Precondition: it takes time
// of its own.
std::uint32_t execute_cycles(const CycleTable& table, const Request& request,
                             const Outcome& outcome);

} // namespace v0_1
} // namespace icebp
