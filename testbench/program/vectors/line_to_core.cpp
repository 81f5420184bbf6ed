#include <icebp/model/json/input_error.h>
#include <icebp/model/json/json_events.h>
#include <icebp/model/rules/msr/msr_access.h>
#include <icebp/model/rules/registers/canonical.h>
#include <icebp/model/rules/registers/dr6.h>
#include <icebp/model/rules/registers/dr7.h>
#include <icebp/model/rules/registers/efer.h>
#include <icebp/model/rules/registers/payload.h>
#include <icebp/testbench/program/vectors/line_to_core.h>

#include <utility>

namespace icebp {
namespace {

using cr0_pe = field<0>;
using cr4_la57 = field<12>;

[[noreturn]] void fail(std::string_view at, std::string_view pointer, const std::string& problem,
                       const std::string& legal) {
  throw InputError(std::string(at).append(pointer), problem, legal);
}

std::string hex(std::uint64_t value) {
  std::string text;
  append_hex(text, value);
  return text;
}

// --- what cannot be together

constexpr bool is_ia32e(Mode mode) {
  return mode == Mode::compatibility || mode == Mode::long_mode;
}

bool lma_contradicts_mode(const Core& core) {
  return (efer::lma::get(core.state[MsrSlot::efer]) != 0) != is_ia32e(core.machine.mode);
}

bool pe_contradicts_mode(const Core& core) {
  return (cr0_pe::get(core.machine.cr0) == 0) != (core.machine.mode == Mode::real);
}

bool vm_contradicts_mode(const Core& core) {
  return (core.machine.rflags & rflags_vm) != 0 && core.machine.mode != Mode::v86;
}

bool la57_without_feature(const Core& core) {
  return cr4_la57::get(core.machine.cr4) != 0 && !core.cpu->profile.has(Feature::la57);
}

bool cpl_contradicts_mode(const Core& core) { return !context_of(core.machine).is_consistent(); }

bool rip_is_non_canonical(const Core& core) {
  return !is_canonical(core.machine.rip, cr4_la57::get(core.machine.cr4) != 0 ? 57 : 48);
}

bool has_both_hypervisors(const Core& core) { return core.machine.vmx && core.machine.svm; }

bool has_vmx_on_amd(const Core& core) {
  return core.machine.vmx && core.cpu->profile.vendor != Vendor::intel;
}

bool has_svm_on_intel(const Core& core) {
  return core.machine.svm && core.cpu->profile.vendor != Vendor::amd;
}

bool rip_does_not_fit_mode(const Core& core) {
  return core.machine.mode != Mode::long_mode && core.machine.rip > low_half;
}

bool mode_without_feature(const Core& core) {
  return is_ia32e(core.machine.mode) && !core.cpu->profile.has(Feature::lm);
}

std::uint64_t waiting_payload(const Core& core) {
  return core.state.boundary.held.payload | core.state.boundary.due.payload;
}

bool pending_in_sti_shadow(const Core& core) {
  return core.state.boundary.shadow == Shadow::sti && core.state.boundary.due.any();
}

bool pending_bld_without_feature(const Core& core) {
  return (waiting_payload(core) & payload::bus_lock) != 0 &&
         !core.cpu->profile.has(Feature::bus_lock_detect);
}

bool pending_rtm_without_feature(const Core& core) {
  return (waiting_payload(core) & payload::rtm_abort) != 0 && !core.cpu->profile.has(Feature::rtm);
}

bool region_without_feature(const Core& core) {
  return core.machine.rtm && !core.cpu->profile.has(Feature::rtm);
}

struct Contradiction {
  std::string_view pointer;
  bool (*holds)(const Core&);
  const char* problem;
  const char* legal;
};

constexpr Contradiction contradictions[] = {
    {"/svm", has_both_hypervisors, "vmx and svm in one core", "one of the two"},
    {"/cpl", cpl_contradicts_mode, "contradicts the mode", "0 in real, 3 in v86"},
    {"/cr0", pe_contradicts_mode, "CR0.PE contradicts the mode", "0 in real, 1 in other modes"},
    {"/cr4", la57_without_feature, "LA57 is not in this CPU", "CR4.LA57 is 0"},
    {"/efer", lma_contradicts_mode, "EFER.LMA contradicts the mode",
     "1 in long and compat, 0 in other modes"},
    {"/rflags", vm_contradicts_mode, "RFLAGS.VM=1 contradicts the mode", "1 in v86 only"},
    {"/rip", rip_is_non_canonical, "not canonical", "48 bits, 57 with CR4.LA57, sign-extended"},
    {"/rip", rip_does_not_fit_mode, "more than 32 bits outside 64-bit mode", "at most 0xffffffff"},
    {"/mode", mode_without_feature, "this CPU has no long mode", "real, v86 or protected"},
    {"/vmx", has_vmx_on_amd, "not on a CPU of this vendor", "svm"},
    {"/svm", has_svm_on_intel, "not on a CPU of this vendor", "vmx"},

    {"/pending", pending_in_sti_shadow, "a trap due in the shadow of STI", "shadow none or mov_ss"},
    {"/pending", pending_bld_without_feature, "BLD is not in this CPU", "without bit 0x800"},
    {"/pending", pending_rtm_without_feature, "RTM is not in this CPU", "without bit 0x10000"},
    {"/rtm", region_without_feature, "RTM is not in this CPU", "leave it out"},
};

// --- MSRs

std::string place_of_msr(std::uint32_t index) { return "/msr/" + hex(index); }

void put_efer(Core& core, std::uint64_t value, std::string_view at) {
  const ResolvedMsr& row = core.cpu->msrs.find(efer::index);
  if (!row.present)
    fail(at, "/efer", "not a register of " + std::string(core.cpu->profile.name), "leave it out");
  const std::uint64_t legal = row.writable | efer::lma::mask;
  if ((value & ~legal) != 0)
    fail(at, "/efer", hex(value) + " has reserved bits", "of " + hex(legal));
  core.state[MsrSlot::efer] = value;
}

// Bits that the vendor's register has and a WRMSR of this CPU drops, such as DEBUGCTL.LBR where
// there are architectural last branches alone: a line may give them all the same.
std::uint64_t dropped_here(const CpuProfile& profile, const ResolvedMsr& msr) {
  const MsrRow* row = find_msr_row(profile.vendor, msr.index);
  return row ? row->writable & ~msr.writable & ~msr.gp : 0;
}

void put_msr(Core& core, const MsrValue& msr, std::string_view at) {
  const ResolvedMsr& row = core.cpu->msrs.find(msr.index);
  if (msr.index == efer::index)
    fail(at, place_of_msr(msr.index), "EFER has a key of its own", "efer");
  if (!row.present)
    fail(at, place_of_msr(msr.index), "not an MSR of " + std::string(core.cpu->profile.name),
         "leave it out");
  const std::uint64_t free = row.writable | dropped_here(core.cpu->profile, row);
  if (((msr.value ^ row.reset) & ~free) != 0)
    fail(at, place_of_msr(msr.index), hex(msr.value) + " does not fit " + std::string(row.name),
         "bits of " + hex(row.writable) + ", the others as in " + hex(row.reset));
  poke_msr(*core.cpu, core.state, msr.index, msr.value, core.now);
}

// --- hypervisors

// Controls with the bitmaps that they point to.
struct VmxGuest {
  VmxControls controls;
  VmxMsrBitmaps bitmaps;
};

struct SvmGuest {
  SvmControls controls;
  SvmMsrPermissions permissions;
};

template <typename Bitmaps, typename Keys>
const Bitmaps* filled(Bitmaps& bitmaps, const Keys& keys) {
  for (const std::uint32_t msr : keys.msr_read)
    bitmaps.set(msr, false, true);
  for (const std::uint32_t msr : keys.msr_write)
    bitmaps.set(msr, true, true);
  return &bitmaps;
}

std::shared_ptr<const VmxControls> controls_of(const VmxKeys& keys) {
  const auto guest = std::make_shared<VmxGuest>();
  VmxControls& controls = guest->controls;
  controls.mov_dr_exiting = keys.mov_dr_exiting;
  controls.exceptions = keys.exception_bitmap;
  if (keys.use_msr_bitmaps)
    controls.msr_bitmaps = filled(guest->bitmaps, keys);
  return {guest, &controls};
}

std::shared_ptr<const SvmControls> controls_of(const SvmKeys& keys) {
  const auto guest = std::make_shared<SvmGuest>();
  SvmControls& controls = guest->controls;
  controls.dr_read = keys.dr_read;
  controls.dr_write = keys.dr_write;
  controls.exceptions = keys.exceptions;
  controls.icebp = keys.icebp;
  if (keys.msr_prot)
    controls.msr_permissions = filled(guest->permissions, keys);
  return {guest, &controls};
}

// --- what a line gives

template <typename To, typename From>
void put(To& to, const std::optional<From>& given) {
  if (given)
    to = *given;
}

template <typename Controls, typename Keys>
void put_controls(std::shared_ptr<const Controls>& to,
                  const std::optional<std::optional<Keys>>& given) {
  if (given)
    to = *given ? controls_of(**given) : nullptr;
}

void put_machine(const VectorLine& line, Machine& machine) {
  put(machine.cpl, line.cpl);
  put(machine.redirect_db, line.redirect_db);
  put(machine.rip, line.rip);
  put(machine.rflags, line.rflags);
  put(machine.cr0, line.cr0);
  put(machine.cr4, line.cr4);
  for (std::size_t i = 0; i < machine.gpr.size(); ++i)
    put(machine.gpr[i], line.gpr[i]);
  put_controls(machine.vmx, line.vmx);
  put_controls(machine.svm, line.svm);
  if (machine.mode == Mode::v86)
    machine.rflags |= rflags_vm;
  if (line.rtm && *line.rtm)
    open_region(machine, **line.rtm);
  else if (line.rtm)
    machine.rtm = nullptr;
}

void put_debug_registers(const VectorLine& line, Core& core) {
  CoreState& state = core.state;
  const CpuProfile& profile = core.cpu->profile;
  for (std::size_t i = 0; line.dr && i < line.dr->size(); ++i)
    state.dr[i] = (*line.dr)[i];
  if (line.dr6)
    state.dr[6] = dr6::legalise(profile, state[MsrSlot::debugctl], *line.dr6);
  if (line.dr7)
    state.dr[7] = dr7::legalise(profile, *line.dr7);
}

// A trap that is due: over the shadow of MOV SS it is held.
void put_boundary(const VectorLine& line, Boundary& boundary) {
  put(boundary.shadow, line.shadow);
  if (!line.pending)
    return;
  boundary.held = boundary.due = {};
  if (*line.pending != 0)
    (boundary.shadow == Shadow::mov_ss ? boundary.held : boundary.due) = {*line.pending,
                                                                          only(Cause::held_trap)};
}

std::string problem_of(DecodeStatus status) {
  return status == DecodeStatus::unknown_opcode
             ? "no instruction that is supported"
             : std::string(name_of(status)).insert(0, "not one instruction, ");
}

} // namespace

Core core_of(const VectorLine& line, std::shared_ptr<const CpuModel> cpu, std::string_view at) {
  const CoreIdentity identity{line.apic_id.value_or(0), line.bsp.value_or(true)};
  Core core = make_core(std::move(cpu), line.mode.value_or(Mode::long_mode), identity);
  apply(line, core, at);
  return core;
}

void apply(const VectorLine& line, Core& core, std::string_view at) {
  if (line.mode && *line.mode != core.machine.mode)
    enter_mode(core, *line.mode);
  put_machine(line, core.machine);
  if (line.efer)
    put_efer(core, *line.efer, at);
  for (const MsrValue& msr : line.msr)
    put_msr(core, msr, at);
  for (const MemoryRange& range : line.memory)
    core.memory.put(range);
  put_debug_registers(line, core);
  put_boundary(line, core.state.boundary);
  for (const Contradiction& contradiction : contradictions)
    if (contradiction.holds(core))
      fail(at, contradiction.pointer, contradiction.problem, contradiction.legal);
}

Request instruction_of(const VectorLine& line, const Core& core, std::string_view at) {
  const Decoded decoded = decode(line.code.data(), line.code.size(), core.machine.mode);
  if (decoded.status != DecodeStatus::ok)
    fail(at, "/code", problem_of(decoded.status),
         "exactly one of MOV to or from DR, RDMSR, WRMSR, WRMSRNS, RDMSRLIST, WRMSRLIST, URDMSR, "
         "UWRMSR, INT1");
  return request_of(core.machine, decoded);
}

} // namespace icebp
