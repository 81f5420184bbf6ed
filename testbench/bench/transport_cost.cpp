// One access through the instruction socket of a core, N times, for counting instructions and for
// timing:
//   transport_cost CASE N
// The floor is the same socket and extension with a target that does nothing, or a wait of a
// thread. It prints the allocations and the delta cycles of the run, and the heap bytes of a core.
// instructions.sh runs it under callgrind at two lengths and takes the difference.

#include <icebp/testbench/bench/cases.h>
#include <icebp/tlm/debug_core_target.h>
#include <icebp/tlm/instruction_initiator.h>

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

namespace {

std::uint64_t allocations = 0;
std::uint64_t allocated_bytes = 0;

} // namespace

void* operator new(std::size_t size) {
  ++allocations;
  allocated_bytes += size;
  if (void* memory = std::malloc(size))
    return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace icebp;

struct EmptyTarget : sc_core::sc_module {
  tlm_utils::simple_target_socket<EmptyTarget, 32, InstructionProtocol> instruction{"instruction"};

  explicit EmptyTarget(const sc_core::sc_module_name& name) : sc_module(name) {
    instruction.register_b_transport(this, &EmptyTarget::b_transport);
  }

  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    asm volatile("" : : "r"(payload.get_extension<InstructionExtension>()));
    payload.set_response_status(::tlm::TLM_OK_RESPONSE);
  }
};

struct Case {
  const char* name;
  Operation operation;
  std::uint8_t cpl;
  bool timed;
  bool waves = false;
  bool in_place = false; // the request is not copied
  std::size_t cores = 1; // used in turn
  std::uint32_t msr = 0xC0000082;
  std::uint64_t value = 0x1234;
};

constexpr Case cases[] = {
    {"floor", Operation::none, 0, false},
    {"lt_mov_from_dr", Operation::mov_from_dr, 0, false},
    {"lt_mov_to_dr", Operation::mov_to_dr, 0, false},
    {"lt_rdmsr", Operation::rdmsr, 0, false},
    {"lt_wrmsr", Operation::wrmsr, 0, false},
    {"lt_wrmsr_pat", Operation::wrmsr, 0, false, false, false, 1, 0x277, 0x0007040600070406},
    {"lt_wrmsr_efer", Operation::wrmsr, 0, false, false, false, 1, 0xC0000080, 1},
    {"lt_wrmsr_tsc", Operation::wrmsr, 0, false, false, false, 1, 0x10},
    {"lt_fault", Operation::mov_to_dr, 3, false},
    {"in_place_floor", Operation::none, 0, false, false, true},
    {"in_place_mov_from_dr", Operation::mov_from_dr, 0, false, false, true},
    {"in_place_mov_to_dr", Operation::mov_to_dr, 0, false, false, true},
    {"in_place_rdmsr", Operation::rdmsr, 0, false, false, true},
    {"in_place_wrmsr", Operation::wrmsr, 0, false, false, true},
    {"in_place_fault", Operation::mov_to_dr, 3, false, false, true},
    {"cores_1", Operation::mov_to_dr, 0, false, false, true, 1},
    {"cores_1024", Operation::mov_to_dr, 0, false, false, true, 1024},
    {"bare_wait", Operation::none, 0, true},
    {"bare_handshake", Operation::none, 0, true, false, true},
    {"timed_mov_to_dr", Operation::mov_to_dr, 0, true},
    {"timed_wrmsr", Operation::wrmsr, 0, true},
    {"timed_mov_to_dr_waves", Operation::mov_to_dr, 0, true, true},
    {"timed_fault", Operation::mov_to_dr, 3, true},
    {"timed_fault_waves", Operation::mov_to_dr, 3, true, true},
};

Request request_of(const Case& chosen) {
  Request request;
  request.operation = chosen.operation;
  request.dr = 1;
  request.context.cpl = chosen.cpl;
  request.msr = chosen.msr;
  request.value = chosen.value;
  return request;
}

// What a simulator sets for each of its MOV DR, RDMSR and WRMSR.
void put_into(Request& there, const Request& request, std::size_t n) {
  there.operation = request.operation;
  there.dr = request.dr;
  there.msr = request.msr;
  there.value = request.value + n;
  there.context.cpl = request.context.cpl;
}

struct Bench : sc_core::sc_module {
  std::function<void()> body;

  explicit Bench(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Bench);
    SC_THREAD(run);
  }

private:
  void run() {
    body();
    sc_core::sc_stop();
  }
};

// A VCD of a core, whose text goes nowhere.
class Waves {
public:
  explicit Waves(DebugCore& core) {
    if (mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error("no folder can be made in /tmp");
    const std::string name = std::string(folder_.data()) + "/waves";
    std::filesystem::create_symlink("/dev/null", name + ".vcd");
    file_ = sc_core::sc_create_vcd_trace_file(name.c_str());
    core.trace(file_);
  }
  ~Waves() {
    sc_core::sc_close_vcd_trace_file(file_);
    std::filesystem::remove_all(folder_.data());
  }
  Waves(const Waves&) = delete;
  Waves& operator=(const Waves&) = delete;

private:
  std::array<char, 17> folder_{"/tmp/icebpXXXXXX"};
  sc_core::sc_trace_file* file_ = nullptr;
};

// A core and its initiator; it makes the core on the heap, whose bytes are counted.
struct Pair {
  InstructionInitiator initiator{sc_core::sc_gen_unique_name("initiator")};
  std::unique_ptr<DebugCoreTarget> core;

  Pair(const std::shared_ptr<const CpuModel>& cpu, Timing timing)
      : core(std::make_unique<DebugCoreTarget>(sc_core::sc_gen_unique_name("core"), cpu,
                                               CoreClock(1, sc_core::SC_NS), timing)) {}
};

// `next()`: the initiator that is used next.
template <typename Next>
void play(const Case& chosen, std::size_t count, Next next) {
  const Request request = request_of(chosen);
  sc_core::sc_time delay;
  if (chosen.timed && chosen.operation == Operation::none) {
    const sc_core::sc_time period(chosen.in_place ? 0 : 10, sc_core::SC_NS);
    for (std::size_t n = 0; n < count; ++n)
      sc_core::wait(period);
  } else if (chosen.in_place) {
    for (std::size_t n = 0; n < count; ++n) {
      InstructionInitiator& initiator = next();
      put_into(initiator.request(), request, n);
      initiator.execute(delay);
    }
  } else {
    for (std::size_t n = 0; n < count; ++n)
      next().execute(request, delay);
  }
}

int run(const Case& chosen, std::size_t count) {
  const auto cpu = std::make_shared<const CpuModel>(*find_cpu_profile("intel-skylake"));
  EmptyTarget empty("empty");
  InstructionInitiator at_empty("at_empty");
  at_empty.socket.bind(empty.instruction);
  std::vector<std::unique_ptr<Pair>> pairs;
  const std::uint64_t bytes_before = allocated_bytes;
  for (std::size_t n = 0; n < chosen.cores; ++n)
    pairs.push_back(
        std::make_unique<Pair>(cpu, chosen.timed ? Timing::timed : Timing::loosely_timed));
  const std::uint64_t bytes = (allocated_bytes - bytes_before) / chosen.cores;
  for (const auto& pair : pairs)
    pair->initiator.socket.bind(pair->core->instruction);
  const auto waves = chosen.waves ? std::make_unique<Waves>(*pairs[0]->core) : nullptr;
  InstructionInitiator& only = chosen.operation == Operation::none ? at_empty : pairs[0]->initiator;
  Bench bench("bench");
  bench.body = [&] {
    std::size_t turn = 0;
    if (chosen.cores == 1)
      play(chosen, count, [&]() -> InstructionInitiator& { return only; });
    else
      play(chosen, count,
           [&]() -> InstructionInitiator& { return pairs[turn++ % pairs.size()]->initiator; });
  };
  sc_core::sc_start();
  if (chosen.operation != Operation::none && chosen.cpl == 0 && !only.outcome().takes_effect()) {
    std::cerr << chosen.name << ": " << only.outcome().cause << '\n';
    return 1;
  }
  std::cout << "allocations " << allocations << "\ndelta_cycles " << sc_core::sc_delta_count()
            << "\nbytes_of_a_core " << bytes << '\n';
  return 0;
}

} // namespace

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  return run_case(argc, argv, cases, run);
}

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
