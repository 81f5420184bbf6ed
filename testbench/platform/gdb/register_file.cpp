#include <icebp/model/profiles/msr_name.h>
#include <icebp/model/rules/debug/mov_dr.h>
#include <icebp/testbench/platform/gdb/register_file.h>

#include <array>
#include <cctype>
#include <cstring>
#include <set>

namespace icebp::vp {
namespace {

namespace msr {
constexpr std::uint32_t apic_base = 0x1B, tsc_deadline = 0x6E0, x2apic = 0x800, x2apic_last = 0x8FF,
                        efer = 0xC0000080, fs_base = 0xC0000100, gs_base = 0xC0000101;
}

struct NamedNumber {
  const char* name;
  std::uint32_t number;
};

// gdb's order.
constexpr std::array<NamedNumber, 16> gprs{{{"rax", rax},
                                            {"rbx", rbx},
                                            {"rcx", rcx},
                                            {"rdx", rdx},
                                            {"rsi", rsi},
                                            {"rdi", rdi},
                                            {"rbp", rbp},
                                            {"rsp", rsp},
                                            {"r8", r8},
                                            {"r9", r9},
                                            {"r10", r10},
                                            {"r11", r11},
                                            {"r12", r12},
                                            {"r13", r13},
                                            {"r14", r14},
                                            {"r15", r15}}};
constexpr std::array<NamedNumber, 6> segments{
    {{"cs", 1}, {"ss", 2}, {"ds", 3}, {"es", 0}, {"fs", 4}, {"gs", 5}}}; // SegmentName
constexpr std::array<const char*, 8> x87_names{"fctrl", "fstat", "ftag",  "fiseg",
                                               "fioff", "foseg", "fooff", "fop"};

// As gdb knows them; what a bit is: SDM vol. 1 3.4.3.
constexpr const char* flags_type = R"(<flags id="i386_eflags" size="4">
<field name="CF" start="0" end="0"/><field name="" start="1" end="1"/>
<field name="PF" start="2" end="2"/><field name="AF" start="4" end="4"/>
<field name="ZF" start="6" end="6"/><field name="SF" start="7" end="7"/>
<field name="TF" start="8" end="8"/><field name="IF" start="9" end="9"/>
<field name="DF" start="10" end="10"/><field name="OF" start="11" end="11"/>
<field name="NT" start="14" end="14"/><field name="RF" start="16" end="16"/>
<field name="VM" start="17" end="17"/><field name="AC" start="18" end="18"/>
<field name="VIF" start="19" end="19"/><field name="VIP" start="20" end="20"/>
<field name="ID" start="21" end="21"/></flags>
)";
constexpr const char* vector_types = R"(<vector id="v4f" type="ieee_single" count="4"/>
<vector id="v2d" type="ieee_double" count="2"/><vector id="v16i8" type="int8" count="16"/>
<vector id="v8i16" type="int16" count="8"/><vector id="v4i32" type="int32" count="4"/>
<vector id="v2i64" type="int64" count="2"/><union id="vec128">
<field name="v4_float" type="v4f"/><field name="v2_double" type="v2d"/>
<field name="v16_int8" type="v16i8"/><field name="v8_int16" type="v8i16"/>
<field name="v4_int32" type="v4i32"/><field name="v2_int64" type="v2i64"/>
<field name="uint128" type="uint128"/></union>
)";

std::string feature(const std::string& name) { return "<feature name=\"" + name + "\">\n"; }

// LSTAR of IA32_LSTAR, as far as it is a name to gdb.
std::string short_name(const ResolvedMsr& row) {
  std::string name = full_name(row);
  for (const char* prefix : {"IA32_", "MSR_"})
    if (name.rfind(prefix, 0) == 0) {
      name.erase(0, std::strlen(prefix));
      break;
    }
  for (char& letter : name)
    letter = std::isalnum(static_cast<unsigned char>(letter)) != 0
                 ? static_cast<char>(std::tolower(static_cast<unsigned char>(letter)))
                 : '_';
  return name;
}

template <typename T>
std::string bytes_of(const T& value, std::size_t size = sizeof(T)) {
  std::string bytes(size, '\0');
  std::memcpy(bytes.data(), &value, std::min(size, sizeof value));
  return bytes;
}

std::uint64_t number_of(const std::string& bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

std::optional<std::uint64_t> probe_read(ProbeTarget& probe, std::uint64_t address) {
  std::uint64_t value = 0;
  tlm::tlm_generic_payload payload;
  payload.set_read();
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload.set_data_length(sizeof value);
  payload.set_streaming_width(sizeof value);
  return probe.transport_dbg(payload) == sizeof value ? std::make_optional(value) : std::nullopt;
}

bool probe_write(ProbeTarget& probe, std::uint64_t address, std::uint64_t value) {
  tlm::tlm_generic_payload payload;
  payload.set_write();
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload.set_data_length(sizeof value);
  payload.set_streaming_width(sizeof value);
  return probe.transport_dbg(payload) == sizeof value;
}

// Of ST(n): the physical register by the top of the stack.
std::uint8_t* stack_register(Registers& regs, unsigned n) {
  return regs.fp.st[((regs.fp.status >> 11 & 7U) + n) & 7U].data();
}

std::uint64_t x87_value(const FloatingPoint& fp, unsigned n) {
  const std::array<std::uint64_t, 8> values{fp.control,
                                            fp.status,
                                            fp.tags,
                                            fp.instruction >> 32,
                                            fp.instruction & mask_of(4),
                                            fp.data >> 32,
                                            fp.data & mask_of(4),
                                            fp.opcode};
  return values[n];
}

void set_x87(FloatingPoint& fp, unsigned n, std::uint64_t value) {
  const auto word = static_cast<std::uint16_t>(value);
  const auto put = [&](std::uint64_t& pair, bool high) {
    pair = high ? (pair & mask_of(4)) | value << 32 : (pair & ~mask_of(4)) | (value & mask_of(4));
  };
  switch (n) {
  case 0:
    fp.control = word;
    break;
  case 1:
    fp.status = word;
    break;
  case 2:
    fp.tags = word;
    break;
  case 3:
  case 4:
    put(fp.instruction, n == 3);
    break;
  case 5:
  case 6:
    put(fp.data, n == 5);
    break;
  case 7:
    fp.opcode = word;
    break;
  }
}

std::uint64_t control_register(const DebuggedCore& core, unsigned number) {
  const Registers& regs = core.core.cpu().regs;
  switch (number) {
  case 0:
    return regs.cr0;
  case 2:
    return core.core.debug.state().cr2;
  case 3:
    return regs.cr3;
  case 4:
    return regs.cr4;
  case 8:
    return regs.cr8;
  }
  return 0;
}

void set_control_register(const DebuggedCore& core, unsigned number, std::uint64_t value) {
  Cpu& cpu = core.core.cpu();
  switch (number) {
  case 0:
    cpu.regs.cr0 = value;
    break;
  case 2:
    cpu.debug().poke_cr2(value);
    break;
  case 3:
    cpu.regs.cr3 = value;
    break;
  case 4:
    cpu.regs.cr4 = value;
    break;
  case 8:
    cpu.regs.cr8 = value & 0xF;
    break;
  }
  cpu.update_mode();
  cpu.paging().flush_all();
  cpu.forget_translations();
}

// Data segments alone: CS goes with the mode.
bool set_segment(Cpu& cpu, SegmentName name, std::uint64_t selector) {
  if (name == SegmentName::cs || selector > 0xFFFF)
    return cpu.regs[name].selector == selector;
  try {
    if (cpu.mode() == Mode::real || cpu.mode() == Mode::v86)
      cpu.load_real_segment(name, static_cast<std::uint16_t>(selector));
    else
      cpu.load_segment(name, static_cast<std::uint16_t>(selector));
  } catch (const Fault&) {
    return false;
  }
  return true;
}

void set_rflags(Cpu& cpu, std::uint64_t value) {
  cpu.regs.rflags = value | flag::fixed;
  cpu.update_mode();
}

// The local APIC keeps these; it shows them to RDMSR.
bool is_of_apic(std::uint32_t index) {
  return index == msr::tsc_deadline || (index >= msr::x2apic && index <= msr::x2apic_last);
}

} // namespace

void set_linear_rip(Cpu& cpu, std::uint64_t linear) {
  cpu.regs.rip = cpu.is_64_bit() ? linear : (linear - cpu.regs[SegmentName::cs].base) & mask_of(4);
}

// --- the description

RegisterFile::RegisterFile(const CpuModel& cpu) {
  description_ = "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
                 "<target version=\"1.0\">\n<architecture>i386:x86-64</architecture>\n";
  add_core();
  add_sse();
  plain_ = registers_.size();
  add_debug_and_control();
  add_msrs(cpu);
  description_ += "</target>\n";
}

void RegisterFile::add(Kind kind, std::uint32_t number, unsigned bytes, const std::string& name,
                       const std::string& attributes) {
  registers_.push_back({kind, number, bytes, name});
  description_ += "<reg name=\"" + name + "\" bitsize=\"" + std::to_string(8 * bytes) + "\" " +
                  attributes + "/>\n";
}

void RegisterFile::add_core() {
  description_ += feature("org.gnu.gdb.i386.core") + flags_type;
  for (const NamedNumber& gpr : gprs) {
    const bool is_pointer = gpr.number == rsp || gpr.number == rbp;
    add(Kind::gpr, gpr.number, 8, gpr.name, is_pointer ? "type=\"data_ptr\"" : "type=\"int64\"");
  }
  add(Kind::rip, 0, 8, "rip", "type=\"code_ptr\"");
  add(Kind::rflags, 0, 4, "eflags", "type=\"i386_eflags\"");
  for (const NamedNumber& segment : segments)
    add(Kind::segment, segment.number, 4, segment.name, "type=\"int32\"");
  for (unsigned n = 0; n < 8; ++n)
    add(Kind::st, n, 10, "st" + std::to_string(n), "type=\"i387_ext\"");
  for (unsigned n = 0; n < x87_names.size(); ++n)
    add(Kind::x87, n, 4, x87_names[n], "type=\"int\" group=\"float\"");
  description_ += "</feature>\n";
}

void RegisterFile::add_sse() {
  description_ += feature("org.gnu.gdb.i386.sse") + vector_types;
  for (unsigned n = 0; n < 16; ++n)
    add(Kind::xmm, n, 16, "xmm" + std::to_string(n), "type=\"vec128\"");
  add(Kind::mxcsr, 0, 4, "mxcsr", "type=\"int\" group=\"vector\"");
  description_ += "</feature>\n";
}

void RegisterFile::add_debug_and_control() {
  const std::string attributes = "type=\"uint64\" group=\"system\" save-restore=\"no\"";
  description_ += feature("org.icebp.debug");
  for (unsigned n = 0; n < 8; ++n)
    add(Kind::dr, n, 8, "dr" + std::to_string(n), attributes);
  description_ += "</feature>\n" + feature("org.icebp.control");
  for (const unsigned n : {0U, 2U, 3U, 4U, 8U})
    add(Kind::cr, n, 8, "cr" + std::to_string(n), attributes);
  description_ += "</feature>\n";
}

void RegisterFile::add_msrs(const CpuModel& cpu) {
  std::set<std::string> names;
  for (const Register& known : registers_)
    names.insert(known.name);
  description_ += feature("org.icebp.msr");
  for (const ResolvedMsr& row : cpu.msrs) {
    if (!row.present || row.on_platform || row.index != row.last)
      continue;
    std::string name = short_name(row);
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0 ||
        !names.insert(name).second)
      name = "msr_" + name + '_' + std::to_string(row.index);
    add(Kind::msr, row.index, 8, name, "type=\"uint64\" group=\"msr\" save-restore=\"no\"");
  }
  description_ += "</feature>\n";
}

// --- values

std::string RegisterFile::read(const DebuggedCore& core, std::size_t number) const {
  if (number >= registers_.size())
    return {};
  const Register& which = registers_[number];
  Registers& regs = core.core.cpu().regs;
  if (which.kind == Kind::st)
    return {reinterpret_cast<const char*>(stack_register(regs, which.number)), which.bytes};
  if (which.kind == Kind::xmm)
    return bytes_of(regs.fp.xmm[which.number]);
  if (which.kind == Kind::msr) {
    const auto value = read_msr(core, which.number);
    return value ? bytes_of(*value) : std::string();
  }
  return bytes_of(value(core, which), which.bytes);
}

std::uint64_t RegisterFile::value(const DebuggedCore& core, const Register& which) const {
  Cpu& cpu = core.core.cpu();
  switch (which.kind) {
  case Kind::gpr:
    return cpu.regs.gpr[which.number];
  case Kind::rip:
    return cpu.rip();
  case Kind::rflags:
    return cpu.regs.rflags;
  case Kind::segment:
    return cpu.regs.segment[which.number].selector;
  case Kind::x87:
    return x87_value(cpu.regs.fp, which.number);
  case Kind::mxcsr:
    return cpu.regs.fp.mxcsr;
  case Kind::dr:
    return core.debug_registers.guest(alias(which.number));
  case Kind::cr:
    return control_register(core, which.number);
  case Kind::st:
  case Kind::xmm:
  case Kind::msr:
    break;
  }
  return 0;
}

bool RegisterFile::write(const DebuggedCore& core, std::size_t number,
                         const std::string& bytes) const {
  if (number >= registers_.size() || bytes.size() != registers_[number].bytes)
    return false;
  const Register& which = registers_[number];
  Registers& regs = core.core.cpu().regs;
  if (which.kind == Kind::st)
    std::memcpy(stack_register(regs, which.number), bytes.data(), which.bytes);
  else if (which.kind == Kind::xmm)
    std::memcpy(&regs.fp.xmm[which.number], bytes.data(), which.bytes);
  else
    return set(core, which, number_of(bytes));
  return true;
}

bool RegisterFile::set(const DebuggedCore& core, const Register& which, std::uint64_t value) const {
  Cpu& cpu = core.core.cpu();
  switch (which.kind) {
  case Kind::gpr:
    cpu.regs.gpr[which.number] = value;
    return true;
  case Kind::rip:
    set_linear_rip(cpu, value);
    return true;
  case Kind::rflags:
    set_rflags(cpu, value);
    return true;
  case Kind::segment:
    return set_segment(cpu, static_cast<SegmentName>(which.number), value);
  case Kind::x87:
    set_x87(cpu.regs.fp, which.number, value);
    return true;
  case Kind::mxcsr:
    cpu.regs.fp.mxcsr = static_cast<std::uint32_t>(value);
    return true;
  case Kind::dr:
    core.debug_registers.set_guest(alias(which.number), value);
    return true;
  case Kind::cr:
    set_control_register(core, which.number, value);
    return true;
  case Kind::msr:
    return write_msr(core, which.number, value);
  case Kind::st:
  case Kind::xmm:
    break;
  }
  return false;
}

std::optional<std::uint64_t> RegisterFile::read_msr(const DebuggedCore& core, std::uint32_t index) {
  const ResolvedMsr& row = core.core.debug.cpu().msrs.find(index);
  if (!row.present)
    return std::nullopt;
  if (core.core.cpu().before_msr_read)
    core.core.cpu().before_msr_read(index);
  return probe_read(core.probe, probe::address_of_msr(index));
}

bool RegisterFile::write_msr(const DebuggedCore& core, std::uint32_t index, std::uint64_t value) {
  if (is_of_apic(index) || !probe_write(core.probe, probe::address_of_msr(index), value))
    return false;
  Cpu& cpu = core.core.cpu();
  const std::uint64_t kept = probe_read(core.probe, probe::address_of_msr(index)).value_or(value);
  if (index == msr::fs_base)
    cpu.regs[SegmentName::fs].base = kept;
  if (index == msr::gs_base)
    cpu.regs[SegmentName::gs].base = kept;
  if (index == msr::apic_base && cpu.after_msr_write)
    cpu.after_msr_write(index, kept);
  cpu.update_mode();
  cpu.rearm();
  return true;
}

} // namespace icebp::vp
