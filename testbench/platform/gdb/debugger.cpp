#include <icebp/testbench/platform/gdb/debugger.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace icebp::vp {
namespace {

// Signals, as gdb numbers them (include/gdb/signals.def of gdb).
constexpr unsigned sig_int = 2, sig_trap = 5, sig_abrt = 6;
// Errors, as it numbers those of files; others have no meaning to it.
constexpr const char* malformed = "E16";     // EINVAL
constexpr const char* bad_address = "E0e";   // EFAULT
constexpr const char* no_room = "E1c";       // ENOSPC
constexpr const char* not_permitted = "E01"; // EPERM
constexpr const char* ok = "OK";

constexpr std::size_t most_memory = most_packet_bytes / 2 - 16; // bytes of one reply
constexpr int heartbeat = 200; // ms, in which a halted machine looks at the time

// What is in front of `separator`, which goes too; all of it where there is none.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

bool starts_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

struct Range {
  std::uint64_t address, length;
};
std::optional<Range> range_of(std::string_view text) {
  const auto address = hex_number(take_until(text, ','));
  const auto length = hex_number(text);
  if (!address || !length)
    return std::nullopt;
  return Range{*address, *length};
}

// The part of `text` that a request OFFSET,LENGTH of qXfer wants.
std::string piece_of(const std::string& text, std::string_view request) {
  const auto range = range_of(request);
  if (!range || range->address > text.size())
    return malformed;
  const std::size_t length = std::min<std::uint64_t>(range->length, most_memory);
  const bool is_last = text.size() - range->address <= length;
  return (is_last ? 'l' : 'm') + text.substr(range->address, length);
}

std::string hex16(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

// As C writes numbers: 0x1D9, 473.
std::optional<std::uint64_t> number_of(const std::string& word) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(word.c_str(), &end, 0);
  if (word.empty() || word[0] == '-' || *end != '\0')
    return std::nullopt;
  return value;
}

const char* stop_word(HardwareBreakpoint::Kind kind) {
  switch (kind) {
  case HardwareBreakpoint::Kind::execution:
    return "hwbreak";
  case HardwareBreakpoint::Kind::write:
    return "watch";
  case HardwareBreakpoint::Kind::read:
    return "rwatch";
  case HardwareBreakpoint::Kind::access:
    break;
  }
  return "awatch";
}

const char* name_of(Activity activity) {
  switch (activity) {
  case Activity::active:
    return "executes";
  case Activity::halted:
    return "halted by HLT";
  case Activity::waits_for_sipi:
    return "waits for SIPI";
  case Activity::shutdown:
    break;
  }
  return "shut down";
}

constexpr const char* help =
    "help               this\n"
    "msr INDEX|NAME     reads an MSR: msr 0xC0000082, msr LSTAR\n"
    "msr INDEX|NAME V   writes one, as a debug probe does\n"
    "dr                 the debug registers, as the guest and as the core has them\n"
    "where              mode, privilege level and instruction of the core\n";

} // namespace

Debugger::Target::Target(const std::string& name, CpuCore& of)
    : core(of), probe(name.c_str(), of.debug), debug_registers(of) {}

Debugger::Debugger(const sc_core::sc_module_name& name, Machine& machine, unsigned port)
    : sc_module(name), machine_(machine), server_(port), registers_(machine.core(0).debug.cpu()) {
  for (std::size_t n = 0; n < machine.cores(); ++n)
    targets_.emplace_back("probe_" + std::to_string(n), machine.core(n));
  SC_HAS_PROCESS(Debugger);
  SC_THREAD(poll);
  set_stack_size(1 << 18);
}

// --- the machine runs

// After the machine's own, which sets what stands here in front.
void Debugger::start_of_simulation() {
  for (std::size_t n = 0; n < targets_.size(); ++n)
    install(n);
}

void Debugger::install(std::size_t n) {
  Target& target = targets_[n];
  target.debug_registers.connect();
  target.core.before_instruction = [this, &target, n,
                                    first = target.core.before_instruction](CpuCore& core) {
    before_instruction(target, n);
    if (first)
      first(core);
  };
  target.core.after_instruction = [this, &target, n](CpuCore&) { after_instruction(target, n); };
  target.end = target.core.on_end;
  target.core.on_end = [this, &target, n](CpuCore& core, const std::string& why) {
    if (core.cpu().activity() == Activity::shutdown && server_.has_client()) {
      console(why + '\n');
      stop({n, sig_abrt, {}});
    }
    target.end(core, why);
  };
}

void Debugger::before_instruction(Target& target, std::size_t number) {
  if (interrupted_ && target.run != Run::held)
    stop({number, sig_int, {}});
  else if (!software_.empty() && software_.count(target.core.cpu().rip()) != 0)
    stop({number, sig_trap, "swbreak:;"});
  while (target.run == Run::held)
    wait(resumed_);
  target.debug_registers.before_instruction();
}

void Debugger::after_instruction(Target& target, std::size_t number) {
  if (machine_.exited())
    return;
  if (const auto met = target.debug_registers.after_instruction()) {
    const std::string where =
        met->kind == HardwareBreakpoint::Kind::execution ? std::string() : hex_of(met->address);
    stop({number, sig_trap, std::string(stop_word(met->kind)) + ':' + where + ';'});
  } else if (target.run == Run::steps) {
    stop({number, sig_trap, {}});
  }
}

bool Debugger::someone_executes() const {
  return std::any_of(targets_.begin(), targets_.end(), [](const Target& target) {
    return target.run != Run::held && target.core.cpu().activity() == Activity::active;
  });
}

void Debugger::poll() {
  for (;;) {
    wait(sc_core::sc_time(100, sc_core::SC_US));
    if (detached_ && !server_.has_client() && !someone_executes() &&
        !sc_core::sc_pending_activity())
      return; // nothing can wake the machine
    server_.wait(someone_executes() ? 0 : 2);
    interrupted_ = has_client_changed() || interrupted_;
    take_while_running();
    if (interrupted_ && !someone_executes())
      stop({stop_.core, sig_int, {}});
  }
}

void Debugger::take_while_running() {
  while (const auto message = server_.next())
    if (message->is_interrupt)
      interrupted_ = true;
    else
      waiting_.push_back(message->packet);
  if (waiting_.size() > most_packet_bytes) // a client that does not wait for answers
    server_.drop_client();
}

// --- the machine is halted

void Debugger::stop(const Stop& why) {
  stop_ = why;
  selected_ = why.core;
  interrupted_ = false;
  goes_on_ = false;
  for (Target& target : targets_)
    target.core.hold_interrupts(false);
  serve();
}

void Debugger::serve() {
  if (owes_stop_)
    server_.send(stop_reply());
  owes_stop_ = false;
  while (!goes_on_) {
    server_.wait(waiting_.empty() ? heartbeat : 0);
    has_client_changed();
    while (const auto message = server_.next())
      if (!message->is_interrupt)
        waiting_.push_back(message->packet);
    serve_packets();
    if (!goes_on_ && machine_.core(0).is_time_up && machine_.core(0).is_time_up())
      end("the time is up");
  }
  owes_stop_ = !detached_;
  resume();
}

void Debugger::serve_packets() {
  while (!waiting_.empty() && !goes_on_) {
    const std::string packet = std::move(waiting_.front());
    waiting_.pop_front();
    const std::string reply = answer(packet);
    if (!goes_on_ || detached_)
      server_.send(reply);
    if (!detached_)
      continue;
    server_.drop_client();
    client_ = 0;
  }
}

// Since the last call. A client that went without `detach` is forgotten.
bool Debugger::has_client_changed() {
  if (client_ == server_.client())
    return false;
  if (client_ != 0)
    forget_client();
  client_ = server_.client();
  detached_ = owes_stop_ = false;
  return true;
}

// Nothing of it stays but what it changed in registers and memory.
void Debugger::forget_client() {
  waiting_.clear();
  software_.clear();
  hardware_.clear();
  for (Target& target : targets_) {
    target.debug_registers.set({});
    target.run = Run::runs;
  }
}

void Debugger::resume() {
  for (Target& target : targets_)
    target.core.hold_interrupts(target.run == Run::steps);
  resumed_.notify(sc_core::SC_ZERO_TIME);
}

// The simulation ends; the core in which this is called does not go on.
void Debugger::end(const std::string& why) {
  targets_[stop_.core].end(targets_[stop_.core].core, why);
  sc_core::sc_get_current_process_handle().kill(); // leaves every frame of the thread
  for (;;)
    wait(never_);
}

void Debugger::finish(int status) {
  if (!server_.has_client())
    return;
  char reply[8];
  std::snprintf(reply, sizeof reply, "W%02x", static_cast<unsigned>(status) & 0xFF);
  server_.send(reply);
  server_.drop_client();
}

std::string Debugger::stop_reply() const {
  char text[16];
  std::snprintf(text, sizeof text, "T%02x", stop_.signal);
  return text + stop_.why + "thread:" + hex_of(stop_.core + 1) + ';';
}

// The debugger prints it; it takes it only while it waits for a stop.
void Debugger::console(const std::string& text) {
  if (server_.has_client())
    server_.send('O' + hex_bytes(text));
}

// --- packets

DebuggedCore Debugger::selected() {
  Target& target = targets_[selected_];
  return {target.core, target.probe, target.debug_registers};
}

// Thread n is core n - 1; 0 and -1 are any.
std::optional<std::size_t> Debugger::core_of(std::string_view thread) const {
  if (thread == "-1" || thread == "0")
    return stop_.core;
  const auto number = hex_number(thread);
  if (!number || *number - 1 >= targets_.size())
    return std::nullopt;
  return *number - 1;
}

std::string Debugger::answer(std::string_view packet) {
  if (packet.empty())
    return {};
  const std::string_view rest = packet.substr(1);
  switch (packet[0]) {
  case '?':
    return stop_reply();
  case 'g':
    return read_registers();
  case 'G':
    return write_registers(rest);
  case 'p':
    return read_register(rest);
  case 'P':
    return write_register(rest);
  case 'm':
    return read_memory(rest);
  case 'M':
  case 'X':
    return write_memory(rest, packet[0] == 'X');
  case 'z':
  case 'Z':
    return change_breakpoint(packet);
  case 'c':
  case 'C':
  case 's':
  case 'S':
    return continue_at(packet);
  case 'H':
  case 'T':
    return answer_thread(packet);
  case 'D':
    forget_client();
    goes_on_ = detached_ = true;
    return ok;
  case 'k':
    server_.drop_client();
    end("killed by the debugger");
  case 'q':
    return answer_query(rest);
  case 'Q':
    return answer_set(rest);
  case 'v':
    return answer_v(rest);
  }
  return {};
}

std::string Debugger::answer_query(std::string_view packet) {
  const std::string_view whole = packet;
  const std::string_view name = take_until(packet, ':');
  if (name == "Supported")
    return "PacketSize=" + hex_of(most_packet_bytes) +
           ";qXfer:features:read+;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak+";
  if (name == "Xfer")
    return answer_features(packet);
  if (whole == "C")
    return "QC" + hex_of(stop_.core + 1);
  if (whole == "Attached")
    return "1";
  if (whole == "sThreadInfo")
    return "l";
  if (whole == "fThreadInfo") {
    std::string threads = "m";
    for (std::size_t n = 1; n <= targets_.size(); ++n)
      threads += (n == 1 ? "" : ",") + hex_of(n);
    return threads;
  }
  if (starts_with(whole, "ThreadExtraInfo,")) {
    const auto core = core_of(whole.substr(whole.find(',') + 1));
    return core ? hex_bytes(name_of(targets_[*core].core.cpu().activity())) : malformed;
  }
  if (starts_with(whole, "Rcmd,"))
    return monitor(whole.substr(5));
  return {};
}

std::string Debugger::answer_features(std::string_view request) const {
  const std::string_view object = take_until(request, ':');
  const std::string_view verb = take_until(request, ':');
  if (object != "features" || verb != "read")
    return {};
  if (take_until(request, ':') != "target.xml")
    return "E00";
  return piece_of(registers_.description(), request);
}

std::string Debugger::answer_set(std::string_view packet) {
  if (packet != "StartNoAckMode")
    return {};
  server_.stop_acknowledging();
  return ok;
}

std::string Debugger::answer_v(std::string_view packet) {
  if (packet == "Cont?")
    return "vCont;c;C;s;S";
  if (starts_with(packet, "Cont;"))
    return continue_as(packet.substr(5));
  if (starts_with(packet, "Kill")) {
    server_.send(ok);
    server_.drop_client();
    end("killed by the debugger");
  }
  return {};
}

std::string Debugger::answer_thread(std::string_view packet) {
  const bool selects = packet[0] == 'H';
  if (packet.size() < (selects ? 3 : 2))
    return malformed;
  const auto core = core_of(packet.substr(selects ? 2 : 1));
  if (!core)
    return malformed;
  if (selects && packet[1] == 'g')
    selected_ = *core;
  return ok;
}

std::string Debugger::read_registers() {
  std::string bytes;
  for (std::size_t n = 0; n < registers_.plain(); ++n)
    bytes += registers_.read(selected(), n);
  return hex_bytes(bytes);
}

std::string Debugger::write_registers(std::string_view values) {
  const auto bytes = bytes_of_hex(values);
  std::size_t size = 0;
  for (std::size_t n = 0; n < registers_.plain(); ++n)
    size += registers_.bytes(n);
  if (!bytes || bytes->size() != size)
    return malformed;
  bool all = true;
  for (std::size_t n = 0, at = 0; n < registers_.plain(); at += registers_.bytes(n), ++n)
    all = registers_.write(selected(), n, bytes->substr(at, registers_.bytes(n))) && all;
  return all ? ok : not_permitted;
}

std::string Debugger::read_register(std::string_view number) {
  const auto which = hex_number(number);
  if (!which || *which >= registers_.size())
    return malformed;
  const std::string bytes = registers_.read(selected(), *which);
  return bytes.empty() ? not_permitted : hex_bytes(bytes);
}

std::string Debugger::write_register(std::string_view assignment) {
  const auto which = hex_number(take_until(assignment, '='));
  const auto bytes = bytes_of_hex(assignment);
  if (!which || *which >= registers_.size() || !bytes || bytes->size() != registers_.bytes(*which))
    return malformed;
  return registers_.write(selected(), *which, *bytes) ? ok : not_permitted;
}

// Of RAM: what a device has may change by being read.
std::optional<std::uint64_t> Debugger::ram_at(std::uint64_t linear) {
  Cpu& cpu = targets_[selected_].core.cpu();
  const std::uint64_t physical =
      cpu.paging().peek(cpu.is_long_mode_active() ? linear : linear & mask_of(4));
  return physical < machine_.ram_size() ? std::make_optional(physical) : std::nullopt;
}

// As many bytes as there are.
std::string Debugger::read_memory(std::string_view text) {
  const auto range = range_of(text);
  if (!range)
    return malformed;
  std::string bytes;
  for (std::uint64_t n = 0; n < std::min<std::uint64_t>(range->length, most_memory); ++n) {
    const auto at = ram_at(range->address + n);
    if (!at)
      break;
    bytes += static_cast<char>(targets_[selected_].core.cpu().paging().read_physical(*at, 1));
  }
  return bytes.empty() && range->length != 0 ? bad_address : hex_bytes(bytes);
}

// All of it or nothing.
std::string Debugger::write_memory(std::string_view packet, bool is_binary) {
  const auto range = range_of(take_until(packet, ':'));
  const auto bytes = is_binary ? std::make_optional(std::string(packet)) : bytes_of_hex(packet);
  if (!range || !bytes || bytes->size() != range->length)
    return malformed;
  std::vector<std::uint64_t> places;
  for (std::uint64_t n = 0; n < range->length; ++n) {
    const auto at = ram_at(range->address + n);
    if (!at)
      return bad_address;
    places.push_back(*at);
  }
  for (std::size_t n = 0; n < places.size(); ++n)
    targets_[selected_].core.cpu().paging().write_physical(places[n], 1,
                                                           static_cast<std::uint8_t>((*bytes)[n]));
  return ok;
}

// --- breakpoints

std::string Debugger::change_breakpoint(std::string_view packet) {
  const bool insert = packet[0] == 'Z';
  std::string_view rest = packet.substr(1);
  const auto type = hex_number(take_until(rest, ','));
  const auto range = range_of(take_until(rest, ';'));
  if (!type || !range)
    return malformed;
  if (*type > 4)
    return {};
  if (*type == 0) {
    if (insert)
      software_.insert(range->address);
    else
      software_.erase(range->address);
    return ok;
  }
  return change_hardware(
      insert, {static_cast<HardwareBreakpoint::Kind>(*type - 1), range->address, range->length});
}

// On every core, or on none.
std::string Debugger::change_hardware(bool insert, const HardwareBreakpoint& breakpoint) {
  const auto known = std::find(hardware_.begin(), hardware_.end(), breakpoint);
  if (insert == (known != hardware_.end()))
    return ok;
  std::vector<HardwareBreakpoint> changed = hardware_;
  if (insert)
    changed.push_back(breakpoint);
  else
    changed.erase(changed.begin() + (known - hardware_.begin()));
  for (const Target& target : targets_)
    if (insert && (breakpoint.length == 0 || !target.debug_registers.has_room_for(changed)))
      return no_room;
  hardware_ = changed;
  for (Target& target : targets_)
    target.debug_registers.set(hardware_);
  return ok;
}

// --- going on

// c, C, s, S: with a signal, which a guest does not get, and an address to go on at.
std::string Debugger::continue_at(std::string_view packet) {
  const bool has_signal = packet[0] == 'C' || packet[0] == 'S';
  std::string_view rest = packet.substr(1);
  if (has_signal && !hex_number(take_until(rest, ';')))
    return malformed;
  if (!rest.empty()) {
    const auto address = hex_number(rest);
    if (!address)
      return malformed;
    set_linear_rip(targets_[stop_.core].core.cpu(), *address);
  }
  const bool steps = packet[0] == 's' || packet[0] == 'S';
  for (Target& target : targets_)
    target.run = steps ? Run::held : Run::runs;
  if (steps)
    targets_[stop_.core].run = Run::steps;
  goes_on_ = true;
  return {};
}

// vCont: the first action for a core counts; one without any stays as it is.
std::string Debugger::continue_as(std::string_view actions) {
  std::vector<std::optional<Run>> runs(targets_.size());
  while (!actions.empty()) {
    std::string_view thread = take_until(actions, ';');
    const std::string_view action = take_until(thread, ':');
    const bool is_known = action == "c" || action == "s" ||
                          (action.size() == 3 && (action[0] == 'C' || action[0] == 'S') &&
                           hex_number(action.substr(1)));
    const bool is_any = thread.empty() || thread == "-1";
    const auto core = core_of(is_any ? "0" : thread);
    if (!is_known || !core)
      return malformed;
    const Run run = action[0] == 's' || action[0] == 'S' ? Run::steps : Run::runs;
    for (std::size_t n = 0; n < runs.size(); ++n)
      if ((is_any || n == *core) && !runs[n])
        runs[n] = run;
  }
  if (std::none_of(runs.begin(), runs.end(), [](const auto& run) { return run.has_value(); }))
    return malformed;
  for (std::size_t n = 0; n < runs.size(); ++n)
    targets_[n].run = runs[n].value_or(Run::held);
  goes_on_ = true;
  return {};
}

// --- monitor

std::string Debugger::monitor(std::string_view hex) {
  const auto command = bytes_of_hex(hex);
  if (!command)
    return malformed;
  const std::vector<std::string> words = words_of(*command);
  std::string text;
  if (words.empty() || words[0] == "help")
    text = help;
  else if (words[0] == "msr")
    text = monitor_msr(words);
  else if (words[0] == "dr")
    text = monitor_dr();
  else if (words[0] == "where")
    text = monitor_where();
  else
    text = "there is no such command; monitor help lists them\n";
  return hex_bytes(text);
}

std::string Debugger::monitor_msr(const std::vector<std::string>& words) {
  if (words.size() < 2 || words.size() > 3)
    return "monitor msr INDEX|NAME [VALUE]\n";
  std::string name = words[1];
  for (char& letter : name)
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  std::optional<std::uint64_t> index = number_of(words[1]);
  if (!index)
    index = msr_index_of(name);
  if (!index || *index > mask_of(4))
    return words[1] + ": no index and no name of an MSR\n";
  const auto msr = static_cast<std::uint32_t>(*index);
  if (words.size() == 3) {
    const auto value = number_of(words[2]);
    if (!value)
      return words[2] + ": no number\n";
    if (!RegisterFile::write_msr(selected(), msr, *value))
      return words[1] + ": the CPU has no such MSR, or it cannot be written\n";
  }
  const auto value = RegisterFile::read_msr(selected(), msr);
  return value ? hex_of(msr) + ' ' + hex16(*value) + '\n'
               : words[1] + ": the CPU has no such MSR\n";
}

std::string Debugger::monitor_dr() {
  const DebuggedCore core = selected();
  std::string text = "     guest            core\n";
  for (const unsigned n : {0U, 1U, 2U, 3U, 6U, 7U})
    text += "dr" + std::to_string(n) + "  " + hex16(core.debug_registers.guest(n)) + ' ' +
            hex16(core.core.debug.state().dr[n]) + '\n';
  for (const unsigned n : core.debug_registers.displaced())
    text += "the guest's breakpoint " + std::to_string(n) +
            " does not hit: the debugger has its register\n";
  return text;
}

std::string Debugger::monitor_where() {
  CpuCore& core = targets_[selected_].core;
  Cpu& cpu = core.cpu();
  char place[64];
  std::snprintf(place, sizeof place, "%04x:%llx", cpu.regs[SegmentName::cs].selector,
                static_cast<unsigned long long>(cpu.regs.rip));
  return std::string(core.basename()) + ' ' + name_of(cpu.activity()) + ", " +
         std::string(icebp::name_of(cpu.mode())) + " mode, CPL " + std::to_string(cpu.cpl()) +
         ", " + place + ' ' + cpu.text_at_rip() + '\n';
}

} // namespace icebp::vp
