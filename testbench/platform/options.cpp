#include <icebp/testbench/platform/options.h>

#include <boost/program_options.hpp>

#include <charconv>
#include <sstream>
#include <string_view>

namespace icebp::vp {
namespace {

namespace po = boost::program_options;

constexpr std::uint64_t least_memory = 2, most_memory = 3072; // MiB
constexpr unsigned most_cores = 8;

po::options_description descriptions() {
  po::options_description all("Options");
  all.add_options()                                                                            //
      ("kernel", po::value<std::string>(), "multiboot 1 image, or a boot sector of 512 bytes") //
      ("append", po::value<std::string>(), "command line for the guest")                       //
      ("initrd", po::value<std::string>(), "file that becomes the guest's multiboot module")   //
      ("profile", po::value<std::string>(),
       "CPU, as icebp's --profile takes it: intel-skylake (default), amd-zen1, my.json,-rtm")  //
      ("m", po::value<std::string>(), "RAM: 2M to 3072M, or 1G to 3G; 128M")                   //
      ("smp", po::value<std::string>(), "cores: 1 to 8; 1")                                    //
      ("serial", po::value<std::string>(), "where COM1 goes: a file, stdio (default) or none") //
      ("debugcon", po::value<std::string>(),
       "where port E9h goes: a file, stdio or none (default)")                                   //
      ("vcd", po::value<std::string>(), "file for the waves of the debug units; implies -timed") //
      ("trace", po::value<std::string>(), "file for each instruction and event, as text")        //
      ("max-insns", po::value<std::string>(), "ends after so many instructions of a core")       //
      ("timeout", po::value<std::string>(), "ends after so many seconds")                        //
      ("gdb", po::value<std::string>(),
       "TCP port of 127.0.0.1 where a debugger attaches first; 0: any")              //
      ("timed", "the debug units take their time phase by phase: slower, for waves") //
      ("help", "prints this");
  return all;
}

std::uint64_t number_of(const std::string& option, std::string_view text, std::uint64_t least,
                        std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    throw UsageError('-' + option + ": \"" + std::string(text) + "\" is no number from " +
                     std::to_string(least) + " to " + std::to_string(most));
  return value;
}

// In MiB unless a letter says otherwise, as QEMU.
std::uint64_t memory_of(std::string_view text) {
  std::uint64_t unit = 1;
  if (!text.empty() && (text.back() == 'M' || text.back() == 'G')) {
    unit = text.back() == 'G' ? 1024 : 1;
    text.remove_suffix(1);
  }
  return number_of("m", text, unit == 1 ? least_memory : 1, most_memory / unit) * unit << 20;
}

Options options_of(const po::variables_map& values) {
  Options options;
  const auto text = [&](const char* name) { return values[name].as<std::string>(); };
  options.help = values.count("help") != 0;
  if (options.help)
    return options;
  if (values.count("kernel") == 0)
    throw UsageError("-kernel is missing: the image to run");
  options.kernel = text("kernel");
  if (values.count("append") != 0)
    options.append = text("append");
  if (values.count("initrd") != 0)
    options.initrd = text("initrd");
  if (values.count("profile") != 0)
    options.profile = text("profile");
  if (values.count("m") != 0)
    options.memory = memory_of(text("m"));
  if (values.count("smp") != 0)
    options.cores = static_cast<unsigned>(number_of("smp", text("smp"), 1, most_cores));
  if (values.count("serial") != 0)
    options.serial = text("serial");
  if (values.count("debugcon") != 0)
    options.debugcon = text("debugcon");
  if (values.count("vcd") != 0)
    options.vcd = text("vcd");
  if (values.count("trace") != 0)
    options.trace = text("trace");
  if (values.count("max-insns") != 0)
    options.max_instructions = number_of("max-insns", text("max-insns"), 1, ~std::uint64_t{0});
  if (values.count("timeout") != 0)
    options.timeout = static_cast<unsigned>(number_of("timeout", text("timeout"), 1, 1'000'000));
  if (values.count("gdb") != 0)
    options.gdb = static_cast<unsigned>(number_of("gdb", text("gdb"), 0, 65535));
  options.timed = values.count("timed") != 0;
  return options;
}

} // namespace

std::string usage() {
  std::ostringstream text;
  text << "icebp-vp -kernel IMAGE [OPTIONS]\n"
          "Boots a guest image; debug registers, MSRs and #DB are icebp's.\n\n"
       << descriptions()
       << "\nExit status: the guest's by port F4h (2n + 1), 2 for bad input, 4 for a guest that "
          "ended\n"
          "otherwise: a triple fault, a halt for ever, a limit.\n";
  return text.str();
}

Options read_options(int argc, const char* const* argv) try {
  namespace style = po::command_line_style;
  constexpr int as_qemu = style::allow_long | style::allow_long_disguise | style::long_allow_next |
                          style::long_allow_adjacent;
  po::variables_map values;
  po::store(po::command_line_parser(argc, argv)
                .options(descriptions())
                .positional(po::positional_options_description())
                .style(as_qemu)
                .run(),
            values);
  return options_of(values);
} catch (const po::error& error) {
  throw UsageError(std::string(error.what()) + "; -help lists the options");
}

} // namespace icebp::vp
