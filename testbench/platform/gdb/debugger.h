#pragma once

#include <icebp/testbench/platform/gdb/register_file.h>
#include <icebp/testbench/platform/gdb/server.h>
#include <icebp/testbench/platform/gdb/shared_debug_registers.h>
#include <icebp/testbench/platform/machine/machine.h>

#include <systemc>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace icebp::vp {

// A machine under a debugger that speaks gdb's remote serial protocol: it halts before its first
// instruction and waits for one. While it is halted nothing of the simulation runs; a debugger that
// goes away without `detach` leaves it halted, for the next. docs/debugger.md has the rest.
class Debugger : public sc_core::sc_module {
public:
  // After the machine. Port 0 is any free one; throws std::system_error if it cannot be had.
  Debugger(const sc_core::sc_module_name& name, Machine& machine, unsigned port);

  unsigned port() const { return server_.port(); }
  // The simulation is over; the debugger, if one is there, is told the status.
  void finish(int status);

private:
  enum class Run : std::uint8_t { held, runs, steps };
  struct Target {
    Target(const std::string& name, CpuCore& core);
    CpuCore& core;
    ProbeTarget probe;
    SharedDebugRegisters debug_registers;
    Run run = Run::runs;
    std::function<void(CpuCore&, const std::string&)> end; // the machine's own on_end
  };
  struct Stop {
    std::size_t core = 0;
    unsigned signal = 0;
    std::string why; // as in a stop reply: hwbreak:;
  };

  void start_of_simulation() override;
  void install(std::size_t number);
  void before_instruction(Target& target, std::size_t number);
  void after_instruction(Target& target, std::size_t number);
  void poll();
  void take_while_running();
  bool someone_executes() const;

  // Serves the debugger until it lets the machine go on.
  void stop(const Stop& stop);
  void serve();
  void serve_packets();
  bool has_client_changed();
  void forget_client();
  void resume();
  [[noreturn]] void end(const std::string& why);
  std::string stop_reply() const;
  void console(const std::string& text);

  // Packets; each gives the reply.
  std::string answer(std::string_view packet);
  std::string answer_query(std::string_view packet);
  std::string answer_features(std::string_view request) const;
  std::string answer_set(std::string_view packet);
  std::string answer_v(std::string_view packet);
  std::string answer_thread(std::string_view packet);
  std::string read_registers();
  std::string write_registers(std::string_view values);
  std::string read_register(std::string_view number);
  std::string write_register(std::string_view assignment);
  std::string read_memory(std::string_view range);
  std::string write_memory(std::string_view packet, bool is_binary);
  std::string change_breakpoint(std::string_view packet);
  std::string change_hardware(bool insert, const HardwareBreakpoint& breakpoint);
  std::string continue_at(std::string_view packet);
  std::string continue_as(std::string_view actions);
  std::string monitor(std::string_view hex);
  std::string monitor_msr(const std::vector<std::string>& words);
  std::string monitor_dr();
  std::string monitor_where();

  DebuggedCore selected();
  std::optional<std::uint64_t> ram_at(std::uint64_t linear); // its physical address
  std::optional<std::size_t> core_of(std::string_view thread) const;

  Machine& machine_;
  DebugServer server_;
  RegisterFile registers_;
  std::deque<Target> targets_;
  std::size_t selected_ = 0; // by Hg
  Stop stop_;
  bool goes_on_ = false;
  bool owes_stop_ = false; // the client let the machine go on, and waits
  bool interrupted_ = true;
  bool detached_ = false; // and no client since
  unsigned client_ = 0;
  std::deque<std::string> waiting_;  // packets that came while the machine ran
  std::set<std::uint64_t> software_; // linear addresses
  std::vector<HardwareBreakpoint> hardware_;
  sc_core::sc_event resumed_{"resumed"};
  sc_core::sc_event never_{"never"};
};

} // namespace icebp::vp
