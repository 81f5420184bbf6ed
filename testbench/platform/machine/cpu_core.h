#pragma once

#include <icebp/testbench/platform/devices/local_apic.h>
#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace icebp::vp {

// The engine's debug unit over the instruction socket; called from the core's thread.
class SocketDebugUnit final : public DebugUnit {
public:
  SocketDebugUnit(DebugCoreTarget& core, InstructionInitiator& initiator,
                  tlm_utils::tlm_quantumkeeper& keeper)
      : DebugUnit(core.cpu(), core.state(), core.watch()), core_(core), initiator_(initiator),
        keeper_(keeper) {}

  Outcome put(const Request& request) override;
  bool poke(std::uint32_t msr, std::uint64_t value) override;
  std::optional<std::uint64_t> peek(std::uint32_t msr) const override;
  void poke_cr2(std::uint64_t value) override;
  std::uint64_t tsc() const override { return core_.tsc(ahead()); }

private:
  sc_core::sc_time ahead() const;

  DebugCoreTarget& core_;
  InstructionInitiator& initiator_;
  tlm_utils::tlm_quantumkeeper& keeper_;
};

// What the cores of a machine share.
struct SharedMemory {
  SharedMemory(std::uint8_t* bytes, std::size_t size) : ram(bytes, size), code(ram) {}
  Ram ram;
  CodeCache code;
};

// A core: the engine in a thread with a quantum keeper, its debug unit, and its local APIC.
// An instruction takes one clock cycle, and what the debug unit says.
class CpuCore : public sc_core::sc_module, private Bus {
public:
  tlm_utils::simple_initiator_socket<CpuCore> memory{"memory"};
  tlm_utils::simple_initiator_socket<CpuCore> io{"io"};

  CpuCore(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> model,
          const CoreClock& clock, Timing timing, const CoreIdentity& identity);

  // Before simulation starts: RAM is what DMI gave.
  void connect(SharedMemory& shared);

  DebugCoreTarget debug;
  Cpu& cpu() { return *cpu_; }
  LocalApic& apic() { return apic_; }
  std::uint64_t instructions() const { return instructions_; }

  // Into the scope of the module: the debug unit, and the instruction, as address and as text
  // (ASCII), before it is executed.
  void trace(sc_core::sc_trace_file* file) const override;

  // From another core's APIC, or a device.
  void receive(const ApicMessage& message);
  void set_external_interrupt(bool asserted); // the PIC's INT
  // Ends the thread at the next boundary.
  void stop() { stops_ = attention_ = true; }
  // No more instructions than that.
  void set_limit(std::uint64_t instructions) { limit_ = instructions; }

  std::function<std::uint8_t()> acknowledge_pic;            // gives the vector
  std::function<void(CpuCore&, const std::string&)> on_end; // shutdown, or the limit
  // Before each instruction, where somebody wants to see it: a debugger, a trace.
  std::function<void(CpuCore&)> before_instruction;
  // Behind each instruction, before an interrupt is taken.
  std::function<void(CpuCore&)> after_instruction;
  // An interrupt or NMI waits while this is so and the core is active: a debugger steps.
  void hold_interrupts(bool held) { holds_interrupts_ = held; }
  // True once a quantum: end, as the time is up.
  std::function<bool()> is_time_up;

private:
  void run();
  void run_until_attention();
  void attend();
  bool deliver_interrupt();
  void sleep();
  std::uint64_t now() const; // clock cycles
  void show_instruction();
  void update_apic_mode();
  void refresh_apic_msr(std::uint32_t msr);
  void follow_msr(std::uint32_t msr, std::uint64_t value);

  // Bus
  std::uint64_t read(std::uint64_t address, unsigned size) override;
  void write(std::uint64_t address, unsigned size, std::uint64_t value) override;
  std::uint32_t in(std::uint16_t port, unsigned size) override;
  void out(std::uint16_t port, unsigned size, std::uint32_t value) override;
  std::uint64_t transport(tlm_utils::simple_initiator_socket<CpuCore>& socket,
                          tlm::tlm_command command, std::uint64_t address, unsigned size,
                          std::uint64_t value);
  bool is_apic(std::uint64_t address) const;

  InstructionInitiator initiator_{"initiator"};
  tlm_utils::tlm_quantumkeeper keeper_;
  sc_core::sc_time period_;
  SocketDebugUnit unit_;
  LocalApic apic_;
  std::unique_ptr<Cpu> cpu_;
  sc_core::sc_event wake_{"wake"};
  static constexpr std::size_t text_length = 32;
  mutable bool is_traced_ = false;
  std::uint64_t shown_rip_ = 0;
  unsigned shown_cpl_ = 0;
  sc_dt::sc_bv<8 * text_length> shown_text_;
  bool holds_interrupts_ = false;
  bool attention_ = false; // something to look at before the next instruction
  bool external_ = false;  // the PIC asserts INT
  bool nmi_ = false;
  bool init_ = false;
  bool stops_ = false;
  int startup_vector_ = -1;
  std::uint64_t instructions_ = 0;
  std::uint64_t limit_ = ~std::uint64_t{0};
};

} // namespace icebp::vp
