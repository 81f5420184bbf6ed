// The keys of a hypervisor's controls; `guest` is VectorLine's `vmx` or `svm`.

#include <icebp/testbench/program/vectors/key_lookup.h>

#include <type_traits>

namespace icebp {
namespace {

// The object that is being read.
template <auto guest>
auto& guest_of(JsonEvents& in) {
  auto& given = in.target<VectorLine>().*guest;
  if (!given)
    given.emplace();
  if (!*given)
    given->emplace();
  return **given;
}

// An object without a key is a guest too.
template <auto guest>
void close_guest(JsonEvents& in, std::uint64_t) {
  guest_of<guest>(in);
}

template <auto guest, auto member>
void take_truth(JsonEvents& in, const Scalar& scalar) {
  guest_of<guest>(in).*member = in.truth(scalar);
}

template <auto guest, auto member>
void take_bits(JsonEvents& in, const Scalar& scalar) {
  auto& bits = guest_of<guest>(in).*member;
  bits = in.value_of_width<std::decay_t<decltype(bits)>>(scalar);
}

template <auto guest, auto list>
constexpr Key intercepted_msr_key{
    {}, [](JsonEvents& in, const Scalar& scalar) {
      const std::uint64_t index = value_or_msr(in, scalar);
      (guest_of<guest>(in).*list)
          .push_back(index <= 0xFFFFFFFF ? static_cast<std::uint32_t>(index)
                                         : in.value_of_width<std::uint32_t>(scalar)); // fails
    }};

template <auto guest, auto list>
const Key& find_intercepted_msr(JsonEvents&, std::string_view, std::size_t&) {
  return intercepted_msr_key<guest, list>;
}

template <auto guest, auto list>
constexpr Level intercepted_msrs{true, "a list of MSR indices", R"(["0x1d9"])",
                                 find_intercepted_msr<guest, list>};

constexpr auto vmx = &VectorLine::vmx;
constexpr Key vmx_keys[] = {
    {"mov_dr_exiting", take_truth<vmx, &VmxKeys::mov_dr_exiting>},
    {"exception_bitmap", take_bits<vmx, &VmxKeys::exception_bitmap>},
    {"use_msr_bitmaps", take_truth<vmx, &VmxKeys::use_msr_bitmaps>},
    {"msr_read", nullptr, &intercepted_msrs<vmx, &VmxKeys::msr_read>},
    {"msr_write", nullptr, &intercepted_msrs<vmx, &VmxKeys::msr_write>},
};

constexpr auto svm = &VectorLine::svm;
constexpr Key svm_keys[] = {
    {"dr_read", take_bits<svm, &SvmKeys::dr_read>},
    {"dr_write", take_bits<svm, &SvmKeys::dr_write>},
    {"exceptions", take_bits<svm, &SvmKeys::exceptions>},
    {"icebp", take_truth<svm, &SvmKeys::icebp>},
    {"msr_prot", take_truth<svm, &SvmKeys::msr_prot>},
    {"msr_read", nullptr, &intercepted_msrs<svm, &SvmKeys::msr_read>},
    {"msr_write", nullptr, &intercepted_msrs<svm, &SvmKeys::msr_write>},
};

} // namespace

const Level vmx_level{false, "an object of VMX controls", R"({"mov_dr_exiting": true}, null)",
                      find_key<vmx_keys>, close_guest<vmx>};
const Level svm_level{false, "an object of SVM controls", R"({"icebp": true}, null)",
                      find_key<svm_keys>, close_guest<svm>};

} // namespace icebp
