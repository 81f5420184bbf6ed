// icebp-vp: runs a guest image on the platform.
#include <icebp/model/profiles/load_cpu_model.h>
#include <icebp/testbench/platform/gdb/debugger.h>
#include <icebp/testbench/platform/machine/executed_cpu.h>
#include <icebp/testbench/platform/machine/machine.h>
#include <icebp/testbench/platform/options.h>
#include <icebp/testbench/program/scenario/vcd_file.h>

#include <systemc>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

namespace icebp::vp {
namespace {

constexpr int bad_input = 2;
constexpr int ended_otherwise = 4; // than by the exit port, whose statuses are odd

// Where a guest's characters go: a file, standard output or nowhere.
class Output {
public:
  Output(const char* option, const std::string& target) : target_(target) {
    if (target == "stdio") {
      stream_ = &std::cout;
    } else if (target != "none") {
      file_.open(target, std::ios::binary);
      if (!file_)
        throw UsageError('-' + std::string(option) + ": " + target + ": " + std::strerror(errno));
      stream_ = &file_;
    }
  }
  std::ostream* stream() { return stream_; }
  // Throws if something did not arrive.
  void finish() {
    if (stream_ == nullptr)
      return;
    stream_->flush();
    if (!*stream_)
      throw std::runtime_error((target_ == "stdio" ? "standard output" : target_) +
                               ": not everything could be written");
  }

private:
  std::string target_;
  std::ofstream file_;
  std::ostream* stream_ = nullptr;
};

std::shared_ptr<const CpuModel> cpu_of(const std::string& profile) {
  std::shared_ptr<const CpuModel> cpu;
  if (const auto problem = load_cpu_model(profile, cpu))
    throw UsageError("-profile: " + *problem);
  return executed_cpu(cpu);
}

void silence_kernel() {
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
}

int run(const Options& options) {
  Output serial("serial", options.serial);
  Output debugcon("debugcon", options.debugcon);
  Output trace("trace", options.trace.value_or("none"));
  std::optional<OutputFile> waves;
  std::optional<VcdFile> vcd;
  if (options.vcd) {
    waves.emplace(*options.vcd);
    vcd.emplace(*waves);
  }
  MachineOptions machine_options;
  machine_options.cpu = cpu_of(options.profile);
  machine_options.memory = options.memory;
  machine_options.cores = options.cores;
  machine_options.timing = options.timed || options.vcd ? Timing::timed : Timing::loosely_timed;
  machine_options.serial = serial.stream();
  machine_options.debug_console = debugcon.stream();
  machine_options.trace = trace.stream();
  machine_options.instruction_limit = options.max_instructions;
  Machine machine("vp", machine_options);
  BootFiles files{options.kernel, options.append, {}};
  if (options.initrd)
    files.modules.push_back(*options.initrd);
  machine.load(files);
  if (vcd)
    machine.trace(vcd->trace_file());
  if (options.timeout) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(*options.timeout);
    machine.set_time_check([end] { return std::chrono::steady_clock::now() >= end; });
  }
  std::optional<Debugger> debugger;
  if (options.gdb) {
    debugger.emplace("debugger", machine, *options.gdb);
    std::cerr << "icebp-vp: waits for a debugger: target remote 127.0.0.1:" << debugger->port()
              << std::endl;
  }
  tlm::tlm_global_quantum::instance().set(sc_core::sc_time(10, sc_core::SC_US));
  sc_core::sc_start();
  if (debugger)
    debugger->finish(machine.exited() ? machine.exit_status() : ended_otherwise);
  if (vcd) {
    vcd->close();
    waves->publish();
  }
  serial.finish();
  debugcon.finish();
  trace.finish();
  if (machine.exited())
    return machine.exit_status();
  std::cerr << "icebp-vp: " << options.kernel << ": "
            << (machine.end_reason().empty() ? "halted, and nothing can wake it"
                                             : machine.end_reason())
            << '\n';
  return ended_otherwise;
}

} // namespace
} // namespace icebp::vp

int sc_main(int argc, char** argv) try {
  icebp::vp::silence_kernel();
  const icebp::vp::Options options = icebp::vp::read_options(argc, argv);
  if (options.help) {
    std::cout << icebp::vp::usage();
    return 0;
  }
  return icebp::vp::run(options);
} catch (const std::exception& error) {
  std::cerr << "icebp-vp: " << error.what() << '\n';
  return icebp::vp::bad_input;
}

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
