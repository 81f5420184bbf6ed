#include <icebp/model/wave_signals.h>
#include <icebp/testbench/platform/machine/cpu_core.h>

#include <algorithm>
#include <cstring>

namespace icebp::vp {
namespace {

namespace msr {
constexpr std::uint32_t apic_base = 0x1B, tsc_deadline = 0x6E0, x2apic = 0x800, x2apic_last = 0x8FF;
}
constexpr unsigned icr = 0x30;
constexpr std::uint64_t apic_enabled = 1 << 11, x2apic_enabled = 1 << 10;
constexpr std::uint64_t page_mask = 0xFFF;

} // namespace

// --- SocketDebugUnit

sc_core::sc_time SocketDebugUnit::ahead() const { return keeper_.get_local_time(); }

Outcome SocketDebugUnit::put(const Request& request) {
  if (core_.timing() == Timing::timed)
    keeper_.sync();
  sc_core::sc_time delay = keeper_.get_local_time();
  if (initiator_.execute(request, delay) != tlm::TLM_OK_RESPONSE)
    SC_REPORT_ERROR("/icebp/platform/refused", "the debug unit refuses a request");
  keeper_.set(delay);
  return initiator_.outcome();
}

bool SocketDebugUnit::poke(std::uint32_t index, std::uint64_t value) {
  return core_.poke(index, value, ahead());
}

std::optional<std::uint64_t> SocketDebugUnit::peek(std::uint32_t index) const {
  return core_.peek(index, ahead());
}

void SocketDebugUnit::poke_cr2(std::uint64_t value) {
  CoreState state = core_.state();
  state.cr2 = value;
  core_.restore(state);
}

// --- CpuCore

CpuCore::CpuCore(const sc_core::sc_module_name& name, std::shared_ptr<const CpuModel> model,
                 const CoreClock& clock, Timing timing, const CoreIdentity& identity)
    : sc_module(name), debug("debug", std::move(model), clock, timing, identity),
      period_(clock.period()), unit_(debug, initiator_, keeper_), apic_(identity.apic_id) {
  initiator_.socket.bind(debug.instruction);
  SC_HAS_PROCESS(CpuCore);
  SC_THREAD(run);
  set_stack_size(1 << 20);
}

void CpuCore::connect(SharedMemory& shared) {
  cpu_ = std::make_unique<Cpu>(unit_, shared.ram, static_cast<Bus&>(*this), shared.code);
  cpu_->before_msr_read = [this](std::uint32_t index) { refresh_apic_msr(index); };
  cpu_->after_msr_write = [this](std::uint32_t index, std::uint64_t value) {
    follow_msr(index, value);
  };
  cpu_->after_cr8_write = [this] {
    apic_.set_task_priority(static_cast<std::uint8_t>(cpu_->regs.cr8 << 4));
    attention_ = true;
  };
  if (!debug.state().identity.bsp)
    cpu_->set_activity(Activity::waits_for_sipi);
}

std::uint64_t CpuCore::now() const {
  return debug.clock().cycle_at(sc_core::sc_time_stamp() + keeper_.get_local_time());
}

void CpuCore::receive(const ApicMessage& message) {
  using Kind = ApicMessage::Kind;
  switch (message.kind) {
  case Kind::fixed:
  case Kind::lowest_priority:
    apic_.request(message.vector);
    break;
  case Kind::nmi:
    nmi_ = true;
    break;
  case Kind::init:
    init_ = init_ || !message.level_deassert;
    break;
  case Kind::startup:
    startup_vector_ = message.vector;
    break;
  case Kind::smi:
    break; // no system management mode here
  }
  attention_ = true;
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void CpuCore::set_external_interrupt(bool asserted) {
  external_ = asserted;
  attention_ = attention_ || asserted;
  if (asserted)
    wake_.notify(sc_core::SC_ZERO_TIME);
}

void CpuCore::run() {
  keeper_.reset();
  while (!stops_) {
    attend();
    if (cpu_->activity() == Activity::shutdown) {
      on_end(*this, cpu_->trouble());
      return;
    }
    if (cpu_->activity() != Activity::active)
      sleep();
    else
      run_until_attention();
    if (instructions_ >= limit_) {
      on_end(*this, "the limit of instructions is reached");
      return;
    }
    if (is_time_up && is_time_up()) {
      on_end(*this, "the time is up");
      return;
    }
  }
}

// What waits between two instructions: expiry of the timer, INIT, SIPI, interrupts.
void CpuCore::attend() {
  attention_ = false;
  if (const auto expiry = apic_.next_expiry(); expiry && *expiry <= now())
    apic_.expire(now());
  if (init_) {
    init_ = false;
    cpu_->reset(true);
    Request request;
    request.operation = Operation::init;
    request.context = cpu_->context();
    unit_.put(request);
    cpu_->update_mode();
    cpu_->forget_translations();
    if (!debug.state().identity.bsp)
      cpu_->set_activity(Activity::waits_for_sipi);
  }
  if (startup_vector_ >= 0 && cpu_->activity() == Activity::waits_for_sipi) {
    cpu_->load_real_segment(SegmentName::cs, static_cast<std::uint16_t>(startup_vector_ << 8));
    cpu_->regs.rip = 0;
    cpu_->set_activity(Activity::active);
  }
  startup_vector_ = -1;
  if (cpu_->activity() == Activity::active || cpu_->activity() == Activity::halted)
    deliver_interrupt();
}

bool CpuCore::deliver_interrupt() {
  if (holds_interrupts_ && cpu_->activity() == Activity::active)
    return false;
  if (nmi_ && !cpu_->nmi_blocked() && debug.state().boundary.shadow == Shadow::none) {
    nmi_ = false;
    cpu_->interrupt(vector::nmi);
    return true;
  }
  if (!cpu_->takes_interrupts())
    return false;
  if (apic_.enabled && apic_.pending()) {
    cpu_->interrupt(apic_.acknowledge());
    return true;
  }
  if (external_ && acknowledge_pic && apic_.lint0_passes_pic()) {
    cpu_->interrupt(acknowledge_pic());
    return true;
  }
  return false;
}

// Waits, halted, for the timer or for somebody else.
void CpuCore::sleep() {
  keeper_.sync();
  if (attention_)
    return;
  if (const auto expiry = apic_.next_expiry(); expiry && cpu_->activity() == Activity::halted) {
    const std::uint64_t cycle = now();
    if (*expiry > cycle)
      wait(period_ * static_cast<double>(*expiry - cycle), wake_);
  } else {
    wait(wake_);
  }
}

void CpuCore::trace(sc_core::sc_trace_file* file) const {
  debug.trace(file);
  const std::string scope = wave_scope(name()) + '.';
  sc_core::sc_trace(file, shown_rip_, scope + "rip");
  sc_core::sc_trace(file, shown_cpl_, scope + "cpl", 2);
  sc_core::sc_trace(file, shown_text_, scope + "instruction");
  is_traced_ = true;
}

void CpuCore::show_instruction() {
  shown_rip_ = cpu_->regs.rip;
  shown_cpl_ = cpu_->cpl();
  std::string text = cpu_->text_at_rip();
  text.resize(text_length, ' ');
  for (std::size_t n = 0; n < text_length; ++n)
    for (int bit = 0; bit < 8; ++bit)
      shown_text_[static_cast<int>((text_length - 1 - n) * 8) + bit] = (text[n] >> bit & 1) != 0;
}

void CpuCore::run_until_attention() {
  const auto is_due = [&] {
    return ((apic_.enabled && apic_.pending()) || external_) && cpu_->takes_interrupts();
  };
  const bool waits = (apic_.enabled && apic_.pending()) || external_ || nmi_;
  sc_core::sc_time end = tlm::tlm_global_quantum::instance().get();
  if (end == sc_core::SC_ZERO_TIME)
    end = period_ * 1000;
  if (const auto expiry = apic_.next_expiry()) {
    const std::uint64_t cycle = now();
    const sc_core::sc_time left =
        *expiry > cycle ? period_ * static_cast<double>(*expiry - cycle) : period_;
    end = std::min(end, keeper_.get_local_time() + left);
  }
  do {
    if (before_instruction)
      before_instruction(*this);
    if (is_traced_) {
      keeper_.sync();
      show_instruction();
    }
    run_instruction(static_cast<DebugUnit&>(unit_), *cpu_);
    keeper_.inc(period_);
    ++instructions_;
    if (after_instruction)
      after_instruction(*this);
  } while (!attention_ && cpu_->activity() == Activity::active && keeper_.get_local_time() < end &&
           instructions_ < limit_ && !(waits && is_due()));
  if (keeper_.need_sync())
    keeper_.sync();
}

// --- local APIC

void CpuCore::update_apic_mode() {
  const std::uint64_t base = debug.state()[MsrSlot::apic_base];
  apic_.enabled = (base & apic_enabled) != 0;
  apic_.x2apic = apic_.enabled && (base & x2apic_enabled) != 0;
}

bool CpuCore::is_apic(std::uint64_t address) const {
  const std::uint64_t base = debug.state()[MsrSlot::apic_base];
  return (base & apic_enabled) != 0 && (base & x2apic_enabled) == 0 &&
         (address & ~page_mask) == (base & ~page_mask);
}

// The MSR block has what was written; here is what the hardware would count or collect.
void CpuCore::refresh_apic_msr(std::uint32_t index) {
  if (index == msr::tsc_deadline)
    unit_.poke(index, apic_.deadline());
  if (!apic_.x2apic || index < msr::x2apic || index > msr::x2apic_last)
    return;
  const unsigned number = index - msr::x2apic;
  if (number != icr)
    unit_.poke(index, apic_.read(number, now()));
}

void CpuCore::follow_msr(std::uint32_t index, std::uint64_t value) {
  if (index == msr::apic_base) {
    update_apic_mode();
  } else if (index == msr::tsc_deadline) {
    apic_.set_deadline(value, debug.tsc(keeper_.get_local_time()), now());
  } else if (apic_.x2apic && index >= msr::x2apic && index <= msr::x2apic_last) {
    const unsigned number = index - msr::x2apic;
    if (number == icr)
      apic_.send(value, true);
    else
      apic_.write(number, static_cast<std::uint32_t>(value), now());
    cpu_->regs.cr8 = apic_.task_priority() >> 4;
  } else {
    return;
  }
  attention_ = true;
}

// --- Bus

std::uint64_t CpuCore::transport(tlm_utils::simple_initiator_socket<CpuCore>& socket,
                                 tlm::tlm_command command, std::uint64_t address, unsigned size,
                                 std::uint64_t value) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload.set_data_length(size);
  payload.set_streaming_width(size);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = keeper_.get_local_time();
  socket->b_transport(payload, delay);
  keeper_.set(delay);
  return payload.is_response_ok() ? value & mask_of(size) : mask_of(size);
}

std::uint64_t CpuCore::read(std::uint64_t address, unsigned size) {
  if (is_apic(address))
    return apic_.read(address >> 4 & 0xFF, now()) >> (8 * (address & 3));
  return transport(memory, tlm::TLM_READ_COMMAND, address, size, 0);
}

void CpuCore::write(std::uint64_t address, unsigned size, std::uint64_t value) {
  if (!is_apic(address)) {
    transport(memory, tlm::TLM_WRITE_COMMAND, address, size, value);
    return;
  }
  apic_.write(address >> 4 & 0xFF, static_cast<std::uint32_t>(value), now());
  cpu_->regs.cr8 = apic_.task_priority() >> 4;
  attention_ = true;
}

std::uint32_t CpuCore::in(std::uint16_t port, unsigned size) {
  return static_cast<std::uint32_t>(transport(io, tlm::TLM_READ_COMMAND, port, size, 0));
}

void CpuCore::out(std::uint16_t port, unsigned size, std::uint32_t value) {
  transport(io, tlm::TLM_WRITE_COMMAND, port, size, value);
}

} // namespace icebp::vp
