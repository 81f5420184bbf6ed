#include <icebp/model/rules/pushed_image.h>
#include <icebp/model/rules/registers/efer.h>
#include <icebp/model/rules/vocabulary/field.h>
#include <icebp/testbench/program/core/machine.h>

#include <utility>

namespace icebp {
namespace {

using cr0_pg = field<31>;
using cr4_de = field<3>;

struct ModeDefaults {
  std::uint8_t cpl;
  std::uint64_t vm, cr0, cr4, efer;
};

constexpr ModeDefaults defaults_of(Mode mode) {
  switch (mode) {
  case Mode::real:
    return {0, 0, 0x60000010, 0, 0};
  case Mode::v86:
    return {3, rflags_vm, 0x80050033, 0x6F0, 0};
  case Mode::protected_mode:
    return {0, 0, 0x80050033, 0x6F0, 0};
  case Mode::compatibility:
  case Mode::long_mode:
    break;
  }
  return {0, 0, 0x80050033, 0x6F0, 0xD01};
}

constexpr bool reads_to_gpr(Operation operation) {
  return operation == Operation::mov_from_dr || operation == Operation::rdmsr_imm ||
         operation == Operation::urdmsr;
}

constexpr std::uint64_t join(std::uint64_t high, std::uint64_t low) {
  return (high & low_half) << 32 | (low & low_half);
}

} // namespace

Core make_core(std::shared_ptr<const CpuModel> cpu, Mode mode, const CoreIdentity& identity) {
  Core core(std::move(cpu));
  if (!(identity == core.state.identity))
    core.state = power_up(*core.cpu, identity);
  enter_mode(core, mode);
  return core;
}

void enter_mode(Core& core, Mode mode) {
  const ModeDefaults defaults = defaults_of(mode);
  Machine& machine = core.machine;
  machine.mode = mode;
  machine.cpl = defaults.cpl;
  machine.rflags = (machine.rflags & ~rflags_vm) | defaults.vm;
  machine.cr0 = defaults.cr0;
  machine.cr4 = defaults.cr4;
  const ResolvedMsr& row = core.cpu->msrs.find(efer::index);
  core.state[MsrSlot::efer] = defaults.efer & (row.writable | efer::lma::mask);
}

void open_region(Machine& machine, const RtmRegion& region) {
  machine.rtm = std::make_shared<const OpenRegion>(
      OpenRegion{region, machine.gpr, machine.rflags & ~rflags_rf});
}

void abort_region(Machine& machine, std::uint64_t rip, const Outcome& outcome) {
  machine.gpr = machine.rtm->gpr;
  machine.rflags = machine.rtm->rflags;
  machine.rtm = nullptr;
  machine.rip = rip;
  if (outcome.aborts_rtm()) // and is no #DB at XBEGIN
    machine[Gpr::rax] = outcome.code;
}

CoreContext context_of(const Machine& machine) {
  CoreContext context;
  context.mode = machine.mode;
  context.cpl = machine.cpl;
  context.cr0_pg = cr0_pg::get(machine.cr0) != 0;
  context.cr4_de = cr4_de::get(machine.cr4) != 0;
  context.tf = (machine.rflags & rflags_tf) != 0;
  context.rf = (machine.rflags & rflags_rf) != 0;
  context.redirect_db = machine.redirect_db;
  context.guest =
      machine.vmx ? static_cast<const GuestControls*>(machine.vmx.get()) : machine.svm.get();
  context.rtm = machine.rtm ? &machine.rtm->region : nullptr;
  return context;
}

Request request_of(const Machine& machine, const Decoded& decoded) {
  Request request = decoded.request;
  request.context = context_of(machine);
  const bool in_edx_eax =
      request.operation == Operation::wrmsr || request.operation == Operation::wrmsrns;
  request.value =
      in_edx_eax ? join(machine[Gpr::rdx], machine[Gpr::rax]) : machine.gpr[request.gpr];
  if (is_msr_list(request.operation))
    request.value = machine[Gpr::rsi] | machine[Gpr::rdi];
  if (decoded.index_gpr) {
    const std::uint64_t index = machine.gpr[*decoded.index_gpr];
    request.msr = static_cast<std::uint32_t>(index);
    request.encoding_faults |= only_if(index > low_half, Cause::user_msr_bitmap);
  } else if (!has_immediate_index(request.operation) && !is_user_msr(request.operation)) {
    request.msr = static_cast<std::uint32_t>(machine[Gpr::rcx]);
  }
  return request;
}

Request page_fault_of(const Core& core, std::uint64_t address, bool write) {
  Request request = request_at(Operation::page_fault, address);
  request.context = context_of(core.machine);
  request.error_code = write ? 2 : 0;
  return request;
}

void complete(Machine& machine, const Request& request, const Outcome& outcome) {
  machine.rip = rip_after(request, outcome, machine.rip);
  if (reads_to_gpr(request.operation))
    machine.gpr[request.gpr] = outcome.value();
  if (request.operation == Operation::rdmsr) {
    machine[Gpr::rax] = outcome.value() & low_half;
    machine[Gpr::rdx] = outcome.value() >> 32;
  }
}

} // namespace icebp
