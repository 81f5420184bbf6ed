#pragma once
// A register's behaviour through WRMSR, RDMSR, RESET and INIT against its row of msr_datasheet.h.

#include <icebp/model/rules/cpu/cpu_model.h>
#include <icebp/testbench/tests/rules/cpu/msr_datasheet.h>

namespace icebp::test {

// `cpu` has the features of the datasheet.
bool msr_agrees(const CpuModel& cpu, const DatasheetRow& row);

} // namespace icebp::test
