#include <icebp/testbench/platform/machine/text_trace.h>

#include <array>
#include <cstdio>

namespace icebp::vp {
namespace {

constexpr std::array<const char*, 22> names{"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM",
                                            "#DF", "9",   "#TS", "#NP", "#SS", "#GP", "#PF", "15",
                                            "#MF", "#AC", "#MC", "#XM", "#VE", "#CP"};

std::string name_of(const Event& event) {
  if (event.kind == EventKind::exception && event.vector < names.size())
    return names[event.vector];
  const char* how = event.kind == EventKind::software ? "INT " : "interrupt ";
  char text[24];
  std::snprintf(text, sizeof text, "%s%02x", how, event.vector);
  return event.kind == EventKind::external && event.vector == vector::nmi ? "NMI" : text;
}

} // namespace

TextTrace::TextTrace(CpuCore& core, std::ostream& to) : to_(to), core_name_(core.basename()) {
  core.before_instruction = [this](CpuCore& which) { instruction(which); };
  core.cpu().on_delivered = [this](const Cpu& cpu, const Event& event_) { event(cpu, event_); };
}

void TextTrace::instruction(CpuCore& core) {
  char text[64];
  std::snprintf(text, sizeof text, "%s %10llu %04x:%016llx ", core_name_.c_str(),
                static_cast<unsigned long long>(count_++),
                core.cpu().regs[SegmentName::cs].selector,
                static_cast<unsigned long long>(core.cpu().regs.rip));
  to_ << text << core.cpu().text_at_rip() << '\n';
}

void TextTrace::event(const Cpu& cpu, const Event& event) {
  const CoreState& state = cpu.debug().state();
  char text[192];
  int length = std::snprintf(
      text, sizeof text, "%s %s rip %llx rf %d tf %d dr6 %llx dr7 %llx", core_name_.c_str(),
      name_of(event).c_str(), static_cast<unsigned long long>(event.rip), event.rf ? 1 : 0,
      (event.rflags & flag::tf) != 0 ? 1 : 0, static_cast<unsigned long long>(state.dr[6]),
      static_cast<unsigned long long>(state.dr[7]));
  to_.write(text, length);
  if (event.error_code)
    to_ << " code " << std::hex << *event.error_code << std::dec;
  if (event.vector == vector::pf && event.kind == EventKind::exception)
    to_ << " cr2 " << std::hex << state.cr2 << std::dec;
  to_ << '\n';
}

} // namespace icebp::vp
