// icebp-vp: runs a guest image on the platform.
#include <icebp/testbench/platform/machine/machine.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <systemc>

int sc_main(int argc, char** argv) {
  using namespace icebp;
  vp::MachineOptions options;
  vp::BootFiles files;
  std::string profile = "intel-skylake";
  for (int n = 1; n + 1 < argc; n += 2) {
    const std::string name = argv[n];
    if (name == "-kernel")
      files.kernel = argv[n + 1];
    else if (name == "-append")
      files.command_line = argv[n + 1];
    else if (name == "-initrd")
      files.modules.push_back(argv[n + 1]);
    else if (name == "-profile")
      profile = argv[n + 1];
    else if (name == "-max-insns")
      options.instruction_limit = std::stoull(argv[n + 1]);
    else if (name == "-smp")
      options.cores = static_cast<unsigned>(std::stoul(argv[n + 1]));
  }
  options.serial = options.debug_console = &std::cout;
  sc_core::sc_report_handler::set_actions("/IEEE_Std_1666/deprecated", sc_core::SC_DO_NOTHING);
  options.cpu = make_cpu_model(profile);
  vp::Machine machine("vp", options);
  try {
    machine.load(files);
  } catch (const vp::ImageError& error) {
    std::fprintf(stderr, "icebp-vp: %s\n", error.what());
    return 2;
  }
  tlm::tlm_global_quantum::instance().set(sc_core::sc_time(10, sc_core::SC_US));
  sc_core::sc_start();
  std::cout.flush();
  if (machine.exited())
    return machine.exit_status();
  std::fprintf(stderr, "icebp-vp: %s\n", machine.end_reason().c_str());
  return 3;
}
