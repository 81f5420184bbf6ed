// PUSHF, POPF, CLI and STI by mode, privilege, IOPL, VME and PVI (SDM vol. 2, tables of POPF and
// CLI; vol. 3 chapter 21.3).
#include <icebp/testbench/tests/platform/machine.h>

#include <gtest/gtest.h>

namespace icebp::vp::testing {
namespace {

// A mode with what CLI and STI do in it.
struct Place {
  const char* name;
  Mode mode;
  unsigned cpl, iopl;
  bool virtual_interrupts; // CR4.VME or CR4.PVI
  enum Changes { real_if, vif, nothing } changes;
};

constexpr Place places[] = {
    {"real", Mode::real, 0, 0, false, Place::real_if},
    {"protected, CPL 0", Mode::protected_mode, 0, 0, false, Place::real_if},
    {"protected, CPL 3, IOPL 3", Mode::protected_mode, 3, 3, false, Place::real_if},
    {"protected, CPL 3, IOPL 2", Mode::protected_mode, 3, 2, false, Place::nothing},
    {"protected, CPL 3, IOPL 0, PVI", Mode::protected_mode, 3, 0, true, Place::vif},
    {"protected, CPL 3, IOPL 3, PVI", Mode::protected_mode, 3, 3, true, Place::real_if},
    {"V86, IOPL 3", Mode::v86, 3, 3, false, Place::real_if},
    {"V86, IOPL 3, VME", Mode::v86, 3, 3, true, Place::real_if},
    {"V86, IOPL 0", Mode::v86, 3, 0, false, Place::nothing},
    {"V86, IOPL 0, VME", Mode::v86, 3, 0, true, Place::vif},
};

// A machine at such a place.
struct At : Machine {
  explicit At(const Place& place) {
    if (place.mode == Mode::v86) {
      enter_v86(place.iopl, place.virtual_interrupts);
    } else if (place.mode == Mode::real) {
      enter_real();
    } else {
      enter_protected(place.cpl);
      cpu.regs.rflags |= std::uint64_t{place.iopl} << 12;
      cpu.regs.cr4 |= place.virtual_interrupts ? cr4::pvi : 0;
    }
  }
  bool flag(std::uint64_t bit) const { return cpu.flag(bit); }
};

TEST(FlagInstruction, Cli) {
  for (const Place& place : places) {
    SCOPED_TRACE(place.name);
    At at(place);
    at.cpu.regs.rflags |= flag::if_ | flag::vif;
    at.execute({0xFA});
    EXPECT_EQ(at.vector(), place.changes == Place::nothing ? 13 : -1);
    if (place.changes != Place::nothing) {
      EXPECT_EQ(at.flag(flag::if_), place.changes != Place::real_if);
      EXPECT_EQ(at.flag(flag::vif), place.changes != Place::vif);
    }
  }
}

TEST(FlagInstruction, Sti) {
  for (const Place& place : places) {
    SCOPED_TRACE(place.name);
    At at(place);
    at.execute({0xFB});
    EXPECT_EQ(at.vector(), place.changes == Place::nothing ? 13 : -1);
    EXPECT_EQ(at.flag(flag::if_), place.changes == Place::real_if);
    EXPECT_EQ(at.flag(flag::vif), place.changes == Place::vif);
  }
}

// Where STI sets VIF, an interrupt that waits has to be taken first.
TEST(FlagInstruction, Sti_with_vip) {
  for (const Place& place : places) {
    SCOPED_TRACE(place.name);
    At at(place);
    at.cpu.regs.rflags |= flag::vip;
    at.execute({0xFB});
    EXPECT_EQ(at.vector(), place.changes == Place::real_if ? -1 : 13);
  }
}

TEST(FlagInstruction, Sti_holds_interrupts_for_one_instruction_if_they_were_masked) {
  Machine machine;
  machine.enter_64_bit();
  machine.execute({0xFB});
  EXPECT_FALSE(machine.cpu.takes_interrupts());
  machine.execute({0x90});
  EXPECT_TRUE(machine.cpu.takes_interrupts());
  machine.execute({0xFB});
  EXPECT_TRUE(machine.cpu.takes_interrupts());
}

constexpr std::uint64_t every_flag = 0x3F7FD7; // of SDM vol. 1 figure 3-8

// The bits that POPF with each bit set and each bit clear makes different.
TEST(FlagInstruction, Popf_writes_what_the_place_allows) {
  constexpr std::uint64_t low = 0x4DD5; // CF PF AF ZF SF TF DF OF NT
  constexpr std::uint64_t high = flag::ac | flag::id;
  for (const Place& place : places) {
    if (place.mode == Mode::v86 && place.iopl != 3)
      continue;
    SCOPED_TRACE(place.name);
    const bool privileged = place.cpl == 0;
    const std::uint64_t expected = low | (place.cpl <= place.iopl ? flag::if_ : 0) |
                                   (privileged ? flag::iopl : std::uint64_t{0});
    const auto after = [&](bool wide, std::uint64_t image) {
      At at(place);
      at.cpu.regs.rflags &= ~flag::if_;
      at.put(Machine::stack_top, image, 4);
      const bool is_32_bit_code = place.mode == Mode::protected_mode;
      wide == is_32_bit_code ? at.execute({0x9D}) : at.execute({0x66, 0x9D});
      EXPECT_EQ(at.vector(), -1);
      EXPECT_EQ(at.cpu.regs.gpr[rsp], Machine::stack_top + (wide ? 4 : 2));
      return at.cpu.regs.rflags;
    };
    const std::uint64_t keep = flag::iopl & ~expected; // stays as it was
    EXPECT_EQ((after(false, every_flag) ^ after(false, 0)) & ~keep, expected);
    EXPECT_EQ((after(true, every_flag) ^ after(true, 0)) & ~keep, expected | high);
    EXPECT_EQ(after(true, 0) & flag::iopl, privileged ? 0 : std::uint64_t{place.iopl} << 12);
  }
}

TEST(FlagInstruction, Popf_of_16_bits_keeps_the_flags_above) {
  Machine machine;
  machine.enter_64_bit();
  machine.cpu.regs.rflags |= flag::ac | flag::id | flag::cf;
  machine.put(Machine::stack_top, 0, 8);
  machine.execute({0x66, 0x9D});
  EXPECT_EQ(machine.cpu.regs.rflags, flag::ac | flag::id | flag::fixed);
}

TEST(FlagInstruction, Popf_clears_rf_and_keeps_vif_and_vip) {
  Machine machine;
  machine.enter_64_bit();
  machine.cpu.regs.rflags |= flag::vif | flag::vip;
  machine.put(Machine::stack_top, flag::rf, 8);
  machine.execute({0x9D});
  EXPECT_EQ(machine.cpu.regs.rflags, flag::vif | flag::vip | flag::fixed);
}

TEST(FlagInstruction, Pushf_has_neither_rf_nor_vm) {
  At v86(places[6]);
  v86.cpu.regs.rflags |= flag::ac | flag::cf;
  v86.execute({0x66, 0x9C}); // PUSHFD
  EXPECT_EQ(v86.get(Machine::stack_top - 4, 4), 0x43003u);
}

TEST(FlagInstruction, Pushf_in_v86_mode_shows_vif_as_if) {
  At at(places[9]);
  at.cpu.regs.rflags |= flag::vif;
  at.execute({0x9C});
  EXPECT_EQ(at.vector(), -1);
  EXPECT_EQ(at.get(Machine::stack_top - 2, 2), 0x3202u); // IOPL 3, IF
  at.cpu.regs.rflags = (at.cpu.regs.rflags & ~flag::vif) | flag::if_;
  at.execute({0x9C});
  EXPECT_EQ(at.get(Machine::stack_top - 4, 2), 0x3002u);
}

TEST(FlagInstruction, Popf_in_v86_mode_writes_vif) {
  At at(places[9]);
  at.put(Machine::stack_top, flag::if_ | flag::cf | flag::iopl, 2);
  at.execute({0x9D});
  EXPECT_EQ(at.vector(), -1);
  EXPECT_EQ(at.cpu.regs.rflags, flag::vm | flag::vif | flag::cf | flag::fixed);
}

// Of an image in V86 mode with IOPL 0.
int vector_of_popf(bool vme, bool wide, std::uint64_t image, std::uint64_t before = 0) {
  At at(places[vme ? 9 : 8]);
  at.cpu.regs.rflags |= before;
  at.put(Machine::stack_top, image, 4);
  wide ? at.execute({0x66, 0x9D}) : at.execute({0x9D});
  return at.vector();
}

TEST(FlagInstruction, Popf_in_v86_mode_faults) {
  EXPECT_EQ(vector_of_popf(false, false, 0), 13); // without VME
  EXPECT_EQ(vector_of_popf(true, true, 0), 13);   // of 32 bits
  EXPECT_EQ(vector_of_popf(true, false, flag::tf), 13);
  EXPECT_EQ(vector_of_popf(true, false, flag::if_, flag::vip), 13);
  EXPECT_EQ(vector_of_popf(true, false, 0, flag::vip), -1);
  EXPECT_EQ(vector_of_popf(true, false, flag::if_), -1);
}

TEST(FlagInstruction, Pushf_in_v86_mode_faults) {
  At without(places[8]);
  without.execute({0x9C});
  EXPECT_EQ(without.vector(), 13);
  At wide(places[9]);
  wide.execute({0x66, 0x9C});
  EXPECT_EQ(wide.vector(), 13);
}

} // namespace
} // namespace icebp::vp::testing
