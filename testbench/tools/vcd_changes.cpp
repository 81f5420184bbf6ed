// Prints the value changes of a VCD, one "time signal value" a line, by time and then by signal:
//   vcd_changes FILE
// Two runs of the same scenario give the same text: no date, no identifier codes.

#include <icebp/testbench/program/scenario/vcd_reader.h>

#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: vcd_changes FILE\n";
    return 2;
  }
  try {
    std::ifstream file(argv[1]);
    if (!file)
      throw std::runtime_error("cannot be read");
    for (const icebp::VcdChange& change : icebp::read_vcd(file).changes)
      std::cout << change.time << ' ' << change.signal << ' ' << change.value << '\n';
  } catch (const std::exception& error) {
    std::cerr << "vcd_changes: " << argv[1] << ": " << error.what() << "\n";
    return 2;
  }
  return 0;
}
