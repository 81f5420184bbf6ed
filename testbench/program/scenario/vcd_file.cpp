#include <icebp/testbench/program/scenario/vcd_file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace icebp {
namespace {

// SystemC puts ".vcd" behind the name that it is given.
constexpr char suffix[] = ".partial";

} // namespace

VcdFile::VcdFile(std::string path) : path_(std::move(path)), temporary_(path_ + suffix + ".vcd") {
  std::error_code unknown; // then opening it tells what is wrong
  if (std::filesystem::is_directory(path_, unknown))
    throw std::runtime_error(path_ + ": is a folder; name a file for the waves");
  if (!std::ofstream(temporary_))
    throw std::runtime_error(path_ + ": cannot be written: " + std::strerror(errno) +
                             "; name a file in a folder that exists and can be written");
  file_ = sc_core::sc_create_vcd_trace_file((path_ + suffix).c_str());
  file_->set_time_unit(1, sc_core::SC_PS);
}

VcdFile::~VcdFile() {
  close();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void VcdFile::publish() {
  close();
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error)
    throw std::runtime_error(path_ + ": cannot be put in place: " + error.message());
}

void VcdFile::close() {
  if (file_)
    sc_core::sc_close_vcd_trace_file(file_);
  file_ = nullptr;
}

} // namespace icebp
