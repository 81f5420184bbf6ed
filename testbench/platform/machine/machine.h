#pragma once

#include <icebp/testbench/platform/devices/character_devices.h>
#include <icebp/testbench/platform/devices/firmware_configuration.h>
#include <icebp/testbench/platform/devices/interrupt_controller.h>
#include <icebp/testbench/platform/devices/memory.h>
#include <icebp/testbench/platform/devices/timer.h>
#include <icebp/testbench/platform/machine/cpu_core.h>
#include <icebp/testbench/platform/machine/image.h>
#include <icebp/testbench/platform/machine/router.h>
#include <icebp/testbench/platform/machine/text_trace.h>

#include <systemc>

#include <deque>
#include <memory>
#include <ostream>
#include <string>

namespace icebp::vp {

struct MachineOptions {
  std::shared_ptr<const CpuModel> cpu;
  std::size_t memory = std::size_t{128} << 20; // bytes
  unsigned cores = 1;
  Timing timing = Timing::loosely_timed;
  std::ostream* trace = nullptr;  // of instructions and events
  std::ostream* serial = nullptr; // null: not printed
  std::ostream* debug_console = nullptr;
  std::uint64_t instruction_limit = ~std::uint64_t{0};
};

// A PC as small kernels need it: cores, RAM, and what stands at ports.
class Machine : public sc_core::sc_module {
public:
  Machine(const sc_core::sc_module_name& name, const MachineOptions& options);

  // Before simulation starts.
  void load(const BootFiles& files);

  CpuCore& core(std::size_t number) { return *cores_[number]; }
  std::size_t cores() const { return cores_.size(); }
  std::size_t ram_size() { return memory_.bytes().size(); } // from address 0 on

  // Set once the simulation has ended.
  bool exited() const { return exited_; } // by the exit port
  int exit_status() const { return exit_status_; }
  const std::string& end_reason() const { return end_reason_; } // else: why

  void trace(sc_core::sc_trace_file* file) const override;
  // Calls `is_up` about once a quantum; true ends the machine.
  void set_time_check(const std::function<bool()>& is_up);

private:
  void start_of_simulation() override;
  void connect_interrupt_controller();
  void end(int status);

  Memory memory_;
  Router memory_bus_{"memory_bus"};
  Router io_bus_{"io_bus"};
  Uart uart_;
  DebugConsole debug_console_;
  ExitPort exit_port_;
  InterruptController interrupt_controller_{"pic"};
  IntervalTimer timer_{"pit"};
  TimerGate timer_gate_{"timer_gate", timer_};
  FirmwareConfiguration firmware_configuration_;
  Latch ports_{"ports"};             // all other ports
  Latch test_memory_{"test_memory"}; // at FF000000h, as QEMU's pc-testdev has it
  std::deque<std::unique_ptr<CpuCore>> cores_;
  std::unique_ptr<SharedMemory> shared_;
  Entry entry_;
  std::ostream* trace_to_;
  std::deque<TextTrace> text_traces_;
  bool exited_ = false;
  int exit_status_ = 0;
  std::string end_reason_;
};

} // namespace icebp::vp
