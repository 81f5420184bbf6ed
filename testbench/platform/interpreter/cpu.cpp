#include <icebp/model/rules/decode.h>
#include <icebp/testbench/platform/interpreter/cpu.h>
#include <icebp/testbench/platform/interpreter/decoder.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace icebp::vp {
namespace {

constexpr std::uint64_t page_mask = 0xFFF;
constexpr std::uint64_t nowhere = ~std::uint64_t{0};

CodeKind code_kind_of(Mode mode, bool is_32_bit) {
  switch (mode) {
  case Mode::real:
    return is_32_bit ? CodeKind::real_32 : CodeKind::real_16;
  case Mode::v86:
    return CodeKind::real_16;
  case Mode::protected_mode:
    return is_32_bit ? CodeKind::legacy_32 : CodeKind::legacy_16;
  case Mode::compatibility:
    return is_32_bit ? CodeKind::compat_32 : CodeKind::compat_16;
  case Mode::long_mode:
    break;
  }
  return CodeKind::long_64;
}

} // namespace

Cpu::Cpu(DebugUnit& debug, Ram& ram, Bus& bus, CodeCache& code)
    : debug_(debug), ram_(ram), bus_(bus), code_(code), paging_(ram, bus, code) {
  paging_.controls.address_width = debug.cpu().profile.physical_address_bits;
  paging_.controls.gib_pages = has(Feature::lm);
  reset();
}

// SDM vol. 3 table 9-1.
void Cpu::reset(bool init) {
  const FloatingPoint fp = regs.fp;
  const std::uint64_t cache_bits = init ? regs.cr0 & (cr0::cd | cr0::nw) : cr0::cd | cr0::nw;
  regs = Registers{};
  if (init)
    regs.fp = fp;
  regs.cr0 = cr0::et | cache_bits;
  regs.rip = 0xFFF0;
  Segment& cs = regs[SegmentName::cs];
  cs.selector = 0xF000;
  cs.base = 0xFFFF0000;
  cs.type = 0xB;
  regs.ldtr.type = 2;
  regs.ldtr.is_code_or_data = false;
  regs.tr.type = 0xB;
  regs.tr.is_code_or_data = false;
  regs.gpr[rdx] = 0x600; // family 6
  activity_ = Activity::active;
  nmi_blocked_ = false;
  set_cpl(0);
  update_mode();
}

void Cpu::update_mode() {
  const bool paging = (regs.cr0 & cr0::pg) != 0;
  const bool long_mode = (efer() >> 10 & 1) != 0; // LMA
  const Segment& cs = regs[SegmentName::cs];
  Mode mode = Mode::real;
  if (flag(flag::vm) && (regs.cr0 & cr0::pe) != 0)
    mode = Mode::v86;
  else if (long_mode)
    mode = cs.is_long ? Mode::long_mode : Mode::compatibility;
  else if ((regs.cr0 & cr0::pe) != 0)
    mode = Mode::protected_mode;
  context_.mode = mode;
  if (mode == Mode::real || mode == Mode::v86)
    set_cpl(mode == Mode::v86 ? 3 : 0);
  context_.cr0_pg = paging;
  context_.cr4_de = (regs.cr4 & cr4::de) != 0;
  checks_alignment_ = (regs.cr0 & cr0::am) != 0 && cpl() == 3;
  PagingControls& controls = paging_.controls;
  const bool paging_changed = ((controls.cr0 ^ regs.cr0) & (cr0::pg | cr0::wp)) != 0 ||
                              controls.cr4 != regs.cr4 || controls.long_mode != long_mode ||
                              controls.nxe != ((efer() >> 11 & 1) != 0);
  controls.cr0 = regs.cr0;
  controls.cr3 = regs.cr3;
  controls.cr4 = regs.cr4;
  controls.long_mode = long_mode;
  controls.nxe = (efer() >> 11 & 1) != 0;
  if (paging_changed) {
    paging_.flush_all();
    forget_translations();
  }
  code_kind_ = code_kind_of(mode, cs.is_32_bit);
  code_page_ = nowhere;
}

void Cpu::forget_translations() {
  for (auto& pages : fast_)
    pages.fill(Fast{});
  code_page_ = nowhere;
}

// --- the instruction at RIP

// RIP need not be canonical: AMD's SYSRET takes any, and the end of the lower half runs out of it.
std::uint64_t Cpu::translate_fetch(std::uint64_t linear) {
  if (is_64_bit() && !is_canonical(linear))
    raise_gp();
  return paging_.translate(linear, Access::fetch, {cpl() == 3, false});
}

void Cpu::turn_code_page(std::uint64_t linear) {
  const std::uint64_t physical = translate_fetch(linear);
  code_physical_ = physical & ~page_mask;
  code_generation_ = code_.generation();
  code_page_ = nowhere;
  code_instructions_.reset();
  if (ram_.contains(code_physical_, page_mask + 1)) {
    code_instructions_ = code_.page_at(code_physical_, code_kind_);
    code_page_ = linear >> 12;
  }
}

const Instruction& Cpu::fetch() {
  const std::uint64_t linear = code_address(regs.rip);
  if (!is_64_bit() && regs.rip > regs[SegmentName::cs].limit)
    raise_gp();
  if (code_page_ != linear >> 12 || code_generation_ != code_.generation())
    turn_code_page(linear);
  const auto offset = static_cast<std::uint32_t>(linear & page_mask);
  if (code_instructions_)
    if (const Instruction* known = code_instructions_->find(offset)) {
      if (!is_64_bit() && regs.rip + known->length - 1U > regs[SegmentName::cs].limit)
        raise_gp();
      return *known;
    }
  return decode_at(linear, offset);
}

// Decodes with the bytes of this page, and with those of the next if they do not do.
const Instruction& Cpu::decode_at(std::uint64_t linear, std::uint32_t page_offset) {
  std::uint8_t bytes[max_instruction_length]{};
  std::uint64_t room = max_instruction_length; // as far as the segment goes
  if (!is_64_bit())
    room = std::min<std::uint64_t>(room, regs[SegmentName::cs].limit - regs.rip + 1U);
  const std::uint64_t here = std::min<std::uint64_t>(room, page_mask + 1 - page_offset);
  copy_from({{code_physical_ | page_offset, 0}, {static_cast<unsigned>(here), 0}}, bytes);
  DecodeResult result = decode_instruction(bytes, here, code_kind_);
  bool crosses = false;
  if (result.needs_more && here < room) {
    std::uint64_t next = linear + here;
    if (!is_64_bit())
      next &= mask_of(4);
    const std::uint64_t physical = translate_fetch(next);
    copy_from({{physical, 0}, {static_cast<unsigned>(room - here), 0}}, bytes + here);
    result = decode_instruction(bytes, room, code_kind_);
    crosses = true;
  }
  if (result.needs_more) // beyond the segment, or more than 15 bytes
    raise_gp();
  if (!crosses && code_instructions_)
    return *code_instructions_->add(page_offset, result.instruction);
  uncached_ = result.instruction;
  return uncached_;
}

Request Cpu::execute_at_rip(Life& life) {
  life_ = &life;
  start_ = regs.rip;
  ending_ = Ending::plain;
  repeats_ = false;
  Request end;
  try {
    const Instruction& instruction = fetch();
    instruction_ = &instruction;
    locked_ = instruction.lock;
    bus_lock_ = false;
    const std::uint64_t next = regs.rip + instruction.length;
    regs.rip = code_kind_ == CodeKind::long_64 ? next : next & mask_of(4);
    instruction.handler(*this, instruction);
    if (bus_lock_ && !life.is_over())
      life.put(request_at(Operation::bus_lock, code_address(start_)));
  } catch (const Fault& raised) {
    regs.rip = start_;
    fault(raised);
  }
  if (repeats_ && ++iterations_ == most_iterations && !life.is_over()) {
    repeats_ = false;
    set_flag(flag::rf, true); // no breakpoint here when it goes on
  }
  end.operation = repeats_ ? Operation::end_of_iteration : Operation::end_of_instruction;
  end.ending = ending_;
  end.fast_string = fast_string_;
  end.value = rip();
  life_ = nullptr;
  instruction_ = nullptr;
  return end;
}

// An exception of the instruction in progress.
void Cpu::fault(const Fault& raised) {
  if (life_->is_over())
    return;
  if (raised.vector == vector::pf) {
    Request request = request_at(Operation::page_fault, raised.address);
    request.error_code = static_cast<std::uint16_t>(raised.error_code.value_or(0));
    life_->put(request);
    return;
  }
  life_->fault();
  if (life_->end() != InstructionEnd::fault)
    return;
  life_ = nullptr;
  deliver({raised.vector, EventKind::exception, raised.error_code, start_, true});
}

Outcome Cpu::put(const Request& request) {
  if (life_ != nullptr)
    return life_->put(request);
  Request own = request;
  own.context = context();
  return debug_.put(own);
}

void Cpu::record_branch(Branch kind, std::uint64_t from, std::uint64_t to) {
  if (records_branches(debug_.state()))
    put(branch_of(kind, from, to));
}

void Cpu::jump_near(std::uint64_t target, unsigned operand_size, Branch kind) {
  target &= mask_of(operand_size);
  if (is_64_bit() ? !is_canonical(target) : target > regs[SegmentName::cs].limit)
    raise_gp();
  const std::uint64_t from = code_address(start_);
  regs.rip = target;
  ending_ = Ending::taken_branch;
  record_branch(kind, from, code_address(target));
}

// What the debug unit decided: an exception of an instruction or a #DB at its boundary.
void Cpu::take(const Delivery& delivery) {
  Life* const life = life_;
  life_ = nullptr; // what the delivery itself does is no part of the instruction
  switch (delivery.end) {
  case InstructionEnd::fault:
  case InstructionEnd::trap: {
    forget_translations(); // DR7 may have changed
    const auto vector = static_cast<std::uint8_t>(delivery.outcome.vector);
    const std::uint64_t base = is_64_bit() ? 0 : regs[SegmentName::cs].base;
    const std::uint64_t rip = is_64_bit() ? delivery.rip : (delivery.rip - base) & mask_of(4);
    deliver({vector, EventKind::exception, delivery.outcome.error_code(), rip, delivery.rf});
    break;
  }
  case InstructionEnd::redirected:
    if (on_redirected)
      on_redirected(*this, delivery);
    break;
  case InstructionEnd::cancelled:
    reset();
    break;
  case InstructionEnd::retired:
  case InstructionEnd::exit:
  case InstructionEnd::aborted:
    break; // no hypervisor and no RTM regions here
  }
  life_ = life;
}

void Cpu::shut_down(const std::string& why) {
  activity_ = Activity::shutdown;
  trouble_ = why;
}

bool Cpu::takes_interrupts() const {
  return flag(flag::if_) && debug_.state().boundary.shadow == Shadow::none;
}

void Cpu::interrupt(std::uint8_t vector) {
  activity_ = Activity::active;
  if (vector == vector::nmi)
    nmi_blocked_ = true;
  deliver({vector, EventKind::external, std::nullopt, regs.rip, flag(flag::rf)});
}

std::string Cpu::text_at(std::uint64_t rip) const {
  std::uint8_t bytes[max_instruction_length]{};
  std::size_t count = 0;
  const std::uint64_t linear = code_address(rip);
  for (; count < sizeof bytes; ++count) {
    const std::uint64_t physical = paging_.peek(linear + count);
    if (!ram_.contains(physical, 1))
      break;
    bytes[count] = ram_.data()[physical];
  }
  return disassemble(bytes, count, code_kind_, rip);
}

void Cpu::unknown_instruction(const std::string& what) {
  if (on_unknown)
    on_unknown(*this, what);
  raise_ud();
}

} // namespace icebp::vp
