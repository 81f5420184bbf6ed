#pragma once

#include <icebp/testbench/program/files/output_file.h>

#include <systemc>

#include <memory>
#include <string>
#include <thread>

namespace icebp {

// A VCD trace file whose text goes to an OutputFile. SystemC's tracer does not look whether what it
// writes arrives, and opens its file by name: it gets a pipe, whose other end looks.
class VcdFile {
public:
  // Throws std::runtime_error if no pipe can be made.
  explicit VcdFile(OutputFile& output);
  ~VcdFile();
  VcdFile(const VcdFile&) = delete;
  VcdFile& operator=(const VcdFile&) = delete;

  sc_core::sc_trace_file* trace_file() const { return file_; }

  // Ends the trace, after the simulation: all text is with the OutputFile then.
  void close();

private:
  void copy() noexcept;

  OutputFile& output_;
  std::unique_ptr<Temporary> pipe_;
  int reader_ = -1;
  int keeper_ = -1; // a writer, so that the reader waits for the tracer
  std::thread copier_;
  sc_core::sc_trace_file* file_ = nullptr;
};

} // namespace icebp
