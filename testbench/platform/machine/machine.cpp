#include <icebp/testbench/platform/machine/machine.h>

#include <cstdio>

namespace icebp::vp {
namespace {

Segment flat(std::uint16_t selector, bool code) {
  Segment segment;
  segment.selector = selector;
  segment.type = code ? 0xB : 0x3;
  segment.is_32_bit = true;
  segment.limit = 0xFFFFFFFF;
  return segment;
}

// The state that a boot loader leaves (Multiboot Specification 3.2; boot sector: real mode).
void enter(Cpu& cpu, const Entry& entry) {
  Registers& regs = cpu.regs;
  regs.gpr[rax] = entry.eax;
  regs.gpr[rbx] = entry.ebx;
  regs.gpr[rdx] = entry.edx;
  regs.rip = entry.address;
  if (entry.protected_mode) {
    regs.cr0 = cr0::pe | cr0::et;
    regs[SegmentName::cs] = flat(0x8, true);
    for (const SegmentName name :
         {SegmentName::ds, SegmentName::es, SegmentName::fs, SegmentName::gs, SegmentName::ss})
      regs[name] = flat(0x10, false);
  } else {
    regs.cr0 = cr0::et;
    regs[SegmentName::cs] = Segment{};
    regs.gpr[rsp] = 0x7C00;
  }
  cpu.update_mode();
}

std::string place_of(CpuCore& core) {
  char text[96];
  std::snprintf(text, sizeof text, " (%s, RIP %llx, after %llu instructions)", core.basename(),
                static_cast<unsigned long long>(core.cpu().regs.rip),
                static_cast<unsigned long long>(core.instructions()));
  return text;
}

} // namespace

Machine::Machine(const sc_core::sc_module_name& name, const MachineOptions& options)
    : sc_module(name), memory_("memory", options.memory), uart_("uart", options.serial),
      debug_console_("debug_console", options.debug_console),
      exit_port_("exit_port", [this](int status) { end(status); }),
      firmware_configuration_("fw_cfg", options.memory, options.cores), trace_to_(options.trace) {
  memory_bus_.map(0, options.memory - 1, memory_.socket);
  io_bus_.map(0x3F8, 0x3FF, uart_.socket);
  io_bus_.map(0xE9, 0xE9, debug_console_.socket);
  io_bus_.map(0xF4, 0xF7, exit_port_.socket);
  io_bus_.map(0x20, 0x21, interrupt_controller_.first.socket);
  io_bus_.map(0xA0, 0xA1, interrupt_controller_.second.socket);
  io_bus_.map(0x40, 0x43, timer_.socket);
  io_bus_.map(0x61, 0x61, timer_gate_.socket);
  io_bus_.map(0x510, 0x511, firmware_configuration_.socket);
  io_bus_.map(0, 0xFFFF, ports_.socket);
  memory_bus_.map(0xFF000000, 0xFF00FFFF, test_memory_.socket);
  timer_.on_tick = [this] { interrupt_controller_.raise(0); };
  for (unsigned n = 0; n < options.cores; ++n) {
    const std::string core_name = "core_" + std::to_string(n);
    cores_.push_back(std::make_unique<CpuCore>(core_name.c_str(), options.cpu,
                                               CoreClock(1, sc_core::SC_NS), options.timing,
                                               CoreIdentity{n, n == 0}));
    CpuCore& core = *cores_.back();
    core.memory.bind(memory_bus_.from);
    core.io.bind(io_bus_.from);
    core.set_limit(options.instruction_limit);
    core.on_end = [this](CpuCore& which, const std::string& why) {
      end_reason_ = why + place_of(which);
      sc_core::sc_stop();
    };
    core.apic().on_send = [this, n](const ApicMessage& message) {
      for (const auto& other : cores_)
        if (other->apic().accepts(message, n))
          other->receive(message);
    };
  }
  connect_interrupt_controller();
}

// INT of the interrupt controller goes to the bootstrap processor.
void Machine::connect_interrupt_controller() {
  CpuCore& core = *cores_.front();
  interrupt_controller_.on_output = [&core](bool asserted) {
    core.set_external_interrupt(asserted);
  };
  core.acknowledge_pic = [this] { return interrupt_controller_.acknowledge(); };
}

void Machine::load(const BootFiles& files) { entry_ = load_image(memory_.bytes(), files); }

void Machine::start_of_simulation() {
  tlm::tlm_generic_payload payload;
  payload.set_read();
  payload.set_address(0);
  tlm::tlm_dmi dmi;
  if (!cores_.front()->memory->get_direct_mem_ptr(payload, dmi))
    SC_REPORT_ERROR("/icebp/platform/dmi", "RAM gives no direct memory interface");
  shared_ = std::make_unique<SharedMemory>(dmi.get_dmi_ptr(),
                                           dmi.get_end_address() - dmi.get_start_address() + 1);
  for (const auto& core : cores_) {
    core->connect(*shared_);
    core->cpu().on_unknown = [](const Cpu& cpu, const std::string& what) {
      char text[64];
      std::snprintf(text, sizeof text, " at RIP %llx: #UD",
                    static_cast<unsigned long long>(cpu.start()));
      SC_REPORT_WARNING("/icebp/platform/unknown_instruction", (what + text).c_str());
    };
    if (trace_to_ != nullptr)
      text_traces_.emplace_back(*core, *trace_to_);
  }
  enter(cores_.front()->cpu(), entry_);
}

void Machine::trace(sc_core::sc_trace_file* file) const {
  for (const auto& core : cores_)
    core->trace(file);
}

void Machine::set_time_check(const std::function<bool()>& is_up) {
  for (const auto& core : cores_)
    core->is_time_up = is_up;
}

void Machine::end(int status) {
  exited_ = true;
  exit_status_ = status;
  for (const auto& core : cores_)
    core->stop();
  sc_core::sc_stop();
}

} // namespace icebp::vp
