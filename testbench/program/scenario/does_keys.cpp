// The keys of what an instruction does that the model does not decode.

#include <icebp/testbench/program/scenario/scenario_keys.h>

namespace icebp {
namespace {

template <auto member>
void take_does_truth(JsonEvents& in, const Scalar& scalar) {
  in.target<OtherInstruction>().*member = in.truth(scalar);
}

template <auto member>
void take_does_value(JsonEvents& in, const Scalar& scalar) {
  in.target<OtherInstruction>().*member = in.value64(scalar);
}

template <Operation operation>
void take_address(JsonEvents& in, const Scalar& scalar) {
  Request& access = in.target<Request>();
  if (access.operation != Operation::none)
    in.fail("a second address in one access", one_of_two);
  access = request_at(operation, in.value64(scalar), access.size);
}

constexpr Key access_keys[] = {
    {"read", take_address<Operation::data_read>},
    {"write", take_address<Operation::data_write>},
    {"io", take_address<Operation::io_access>},
    {"size",
     [](JsonEvents& in, const Scalar& s) {
       in.target<Request>().size = static_cast<std::uint32_t>(in.value_from(1, 4096, s));
     }},
};

void close_access(JsonEvents& in, std::uint64_t) {
  const Request& access = in.target<Request>();
  if (access.operation == Operation::none)
    in.fail("no address", "read, write or io with an address, and size");
  if (access.size == 0)
    in.fail_inside("size", "missing", "bytes");
}

constexpr Level access_level{false, "an access", R"({"read": "0x2000", "size": 8})",
                             find_key<access_keys>, close_access};

constexpr Key access_key{{}, nullptr, &access_level, [](JsonEvents& in) -> Target {
                           return in.target<OtherInstruction>().accesses.emplace_back();
                         }};

constexpr std::size_t most_accesses = 16;
constexpr Level accesses_level{true, "a list of accesses", R"([{"read": "0x2000", "size": 8}])",
                               find_in_list<access_key, most_accesses>, close_list<most_accesses>};

constexpr Key does_keys[] = {
    {"accesses", nullptr, &accesses_level},
    {"repeats", take_does_truth<&OtherInstruction::repeats>},
    {"fast_string", take_does_truth<&OtherInstruction::fast_string>},
    {"bus_lock", take_does_truth<&OtherInstruction::bus_lock>},
    {"task_switch", take_does_truth<&OtherInstruction::task_switch>},
    {"rtm_abort", take_does_value<&OtherInstruction::rtm_abort>},
    {"ending",
     [](JsonEvents& in, const Scalar& s) {
       in.target<OtherInstruction>().ending = in.named<Ending>(s, "an ending");
     }},
    {"branch",
     [](JsonEvents& in, const Scalar& s) {
       in.target<OtherInstruction>().branch = in.named<Branch>(s, "a branch");
     }},
    {"mispredicted", take_does_truth<&OtherInstruction::mispredicted>},
    {"to", take_does_value<&OtherInstruction::to>},
    {"rflags", take_does_value<&OtherInstruction::rflags>},
    {"interrupt",
     [](JsonEvents& in, const Scalar& s) {
       in.target<OtherInstruction>().vector = static_cast<std::uint8_t>(in.value_from(0, 255, s));
     }},
};
constexpr std::size_t ending_key = 6;
static_assert(does_keys[ending_key].name == "ending");

void close_does(JsonEvents& in, std::uint64_t seen) {
  OtherInstruction& does = in.target<OtherInstruction>();
  if (does.branch && does.ending != Ending::taken_branch)
    in.fail_inside("branch", "goes with ending taken_branch only", leave_it_out);
  if (does.mispredicted && does.ending != Ending::taken_branch)
    in.fail_inside("mispredicted", "goes with ending taken_branch only", leave_it_out);
  if (does.vector && (seen >> ending_key & 1) != 0)
    in.fail_inside("interrupt", "interrupt and ending in one instruction", one_of_two);
  if (does.fast_string && !does.repeats)
    in.fail_inside("fast_string", "goes with repeats only", leave_it_out);
  if (does.ending == Ending::taken_branch && !does.branch)
    does.branch = Branch::near_rel_jmp;
  if (does.ending == Ending::syscall)
    does.branch = Branch::far_branch;
  if (does.vector)
    does.ending = Ending::interrupt_entry;
}

} // namespace

const Level does_level{false, "what an instruction does", R"({"ending": "taken_branch"})",
                       find_key<does_keys>, close_does};

} // namespace icebp
