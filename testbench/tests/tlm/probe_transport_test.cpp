// What the probe port answers to each attribute of the base protocol (IEEE 1666-2011 14 and 15).

#include <icebp/model/report_ids.h>
#include <icebp/testbench/tests/tlm/probe_bench.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace icebp {
namespace {

using test::mov_to_dr;
using test::ns;
using test::Payload;
using test::ProbeBench;
using test::ProbeInitiator;
using test::Status;

using u64 = std::uint64_t;

constexpr Status ok = ::tlm::TLM_OK_RESPONSE;
constexpr auto read_command = ::tlm::TLM_READ_COMMAND;
constexpr auto write_command = ::tlm::TLM_WRITE_COMMAND;

// DR0 and DR1 with a value for each byte.
void number_bytes(ProbeBench& bench) {
  bench.core.poke_dr(0, 0x0706050403020100);
  bench.core.poke_dr(1, 0x0F0E0D0C0B0A0908);
}

// Any byte may be the first and any the last.
TEST(ProbeTransport, MovesPartsOfRegisters) {
  ProbeBench([](ProbeBench& bench) {
    number_bytes(bench);
    for (unsigned first = 0; first < 16; ++first)
      for (unsigned size = 1; first + size <= 16; ++size)
        for (const bool debug : {false, true}) {
          SCOPED_TRACE(std::to_string(first) + ", " + std::to_string(size));
          std::array<unsigned char, 18> data;
          data.fill(0xEE);
          if (debug)
            EXPECT_EQ(bench.debugger.debug(read_command, 0x40 + first, &data[1], size), size);
          else
            EXPECT_EQ(bench.debugger.transport(read_command, 0x40 + first, &data[1], size), ok);
          EXPECT_EQ(data[0], 0xEE);
          for (unsigned n = 0; n < size; ++n)
            EXPECT_EQ(data[1 + n], first + n);
          EXPECT_EQ(data[1 + size], 0xEE);
        }
  });
}

TEST(ProbeTransport, WritesPartsOfRegisters) {
  ProbeBench([](ProbeBench& bench) {
    for (const bool debug : {false, true}) {
      number_bytes(bench);
      unsigned char data[] = {0xA6, 0xA7, 0xA8};
      if (debug)
        EXPECT_EQ(bench.debugger.debug(write_command, 0x46, data, 3), 3U);
      else
        EXPECT_EQ(bench.debugger.transport(write_command, 0x46, data, 3), ok);
      EXPECT_EQ(bench.core.state().dr[0], 0xA7A6050403020100U);
      EXPECT_EQ(bench.core.state().dr[1], 0x0F0E0D0C0B0A09A8U);
    }
    unsigned char byte = 0x12; // of a register with fixed bits: bits 15:8
    EXPECT_EQ(bench.debugger.debug(write_command, 0x79, &byte, 1), 1U);
    EXPECT_EQ(bench.core.state().dr[7], 0x600U); // GE; bit 12 is fixed
  });
}

// transport_dbg stops where a register is not there or does not take the write.
TEST(ProbeTransport, DebugMovesWhatItCan) {
  ProbeBench([](ProbeBench& bench) {
    std::array<unsigned char, 64> data{};
    const auto moved = [&](::tlm::tlm_command command, u64 address, unsigned size) {
      return bench.debugger.debug(command, address, data.data(), size);
    };
    EXPECT_EQ(moved(read_command, 0x40, 64), 32U);  // DR0 to DR3
    EXPECT_EQ(moved(read_command, 0x5D, 8), 3U);    // the rest of DR3
    EXPECT_EQ(moved(read_command, 0x60, 8), 0U);    // DR4
    EXPECT_EQ(moved(write_command, 0x78, 16), 8U);  // DR7, but not CR2
    EXPECT_EQ(moved(write_command, 0x100, 16), 8U); // the shadow
    EXPECT_EQ(moved(write_command, 0x150, 16), 8U); // the value of a resume, but no resume
    EXPECT_EQ(moved(read_command, 0x150, 64), 32U); // commands are read
    EXPECT_EQ(moved(write_command, 0x180, 8), 0U);  // halt
    EXPECT_EQ(moved(::tlm::TLM_IGNORE_COMMAND, 0x40, 8), 0U);
    EXPECT_EQ(moved(read_command, 0x40, 0), 0U);
    EXPECT_EQ(bench.debugger.debug(read_command, 0x40, nullptr, 8), 0U);
    // EFER to FMASK are five, PERFEVTSEL0 to 3 four.
    EXPECT_EQ(moved(read_command, 0x100000000 + 8 * u64{0xC0000080}, 64), 40U);
    EXPECT_EQ(moved(read_command, 0x100000000 + 8 * 0x186, 64), 32U);
  });
}

TEST(ProbeTransport, ByteEnablesChooseBytes) {
  unsigned char enables[] = {0xFF, 0, 0}; // of every third byte
  ProbeBench([&enables](ProbeBench& bench) {
    number_bytes(bench);
    std::array<unsigned char, 16> data;
    data.fill(0xEE);
    Payload payload;
    ProbeInitiator::prepare(payload, read_command, 0x40, data.data(), 16);
    payload.set_byte_enable_ptr(enables);
    payload.set_byte_enable_length(3);
    sc_core::sc_time delay;
    bench.debugger.socket->b_transport(payload, delay);
    EXPECT_EQ(payload.get_response_status(), ok);
    for (unsigned n = 0; n < 16; ++n)
      EXPECT_EQ(data[n], n % 3 == 0 ? n : 0xEE) << n;
    data.fill(0xEE);
    payload.set_command(write_command);
    bench.debugger.socket->b_transport(payload, delay);
    EXPECT_EQ(payload.get_response_status(), ok);
    EXPECT_EQ(bench.core.state().dr[0], 0x07EE0504EE0201EEU);
    EXPECT_EQ(bench.core.state().dr[1], 0xEE0E0DEE0B0AEE08U);
  });
}

// A register without an enabled byte is not written, and may be one that cannot be.
TEST(ProbeTransport, ADisabledRegisterIsLeftAlone) {
  unsigned char enables[16] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  ProbeBench([&enables](ProbeBench& bench) {
    u64 data[] = {0x2401, 0x9999}; // DR7 and CR2
    Payload payload;
    ProbeInitiator::prepare(payload, write_command, 0x78, data, 16);
    payload.set_byte_enable_ptr(enables);
    payload.set_byte_enable_length(16);
    sc_core::sc_time delay;
    bench.debugger.socket->b_transport(payload, delay);
    EXPECT_EQ(payload.get_response_status(), ok);
    EXPECT_EQ(bench.core.state().dr[7], 0x2401U);
    EXPECT_EQ(bench.core.state().cr2, 0U);
  });
}

unsigned char half_enabled[] = {0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0};
unsigned char odd_enables[] = {0xFF, 0x0F};

// The table of probe_map.h. Data are two registers of ones.
struct AttributeRow {
  const char* name;
  ::tlm::tlm_command command;
  u64 address;
  unsigned size;
  void (*change)(Payload&);
  Status expected;
};
void as_it_is(Payload&) {}
const AttributeRow attribute_rows[] = {
    {"ignored", ::tlm::TLM_IGNORE_COMMAND, 0x40, 8, as_it_is, ok},
    {"ignored, of no register", ::tlm::TLM_IGNORE_COMMAND, 0x60, 0, as_it_is, ok},
    {"no register", read_command, 0x60, 8, as_it_is, ::tlm::TLM_ADDRESS_ERROR_RESPONSE},
    {"the second is no register", write_command, 0x58, 16, as_it_is,
     ::tlm::TLM_ADDRESS_ERROR_RESPONSE},
    {"read only", write_command, 0x80, 8, as_it_is, ::tlm::TLM_COMMAND_ERROR_RESPONSE},
    {"the second is read only", write_command, 0x78, 16, as_it_is,
     ::tlm::TLM_COMMAND_ERROR_RESPONSE},
    {"no data", read_command, 0x40, 8, [](Payload& p) { p.set_data_ptr(nullptr); },
     ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"length 0", write_command, 0x40, 0, as_it_is, ::tlm::TLM_BURST_ERROR_RESPONSE},
    {"half a command", write_command, 0x180, 4, as_it_is, ::tlm::TLM_BURST_ERROR_RESPONSE},
    {"half a command enabled", write_command, 0x188, 8,
     [](Payload& p) {
       p.set_byte_enable_ptr(half_enabled);
       p.set_byte_enable_length(8);
     },
     ::tlm::TLM_BURST_ERROR_RESPONSE},
    {"streaming", write_command, 0x40, 16, [](Payload& p) { p.set_streaming_width(8); },
     ::tlm::TLM_BURST_ERROR_RESPONSE},
    {"streaming width 0", write_command, 0x40, 8, [](Payload& p) { p.set_streaming_width(0); },
     ::tlm::TLM_BURST_ERROR_RESPONSE},
    {"byte enables of length 0", write_command, 0x40, 8,
     [](Payload& p) { p.set_byte_enable_ptr(half_enabled); },
     ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE},
    {"byte enables that are none", write_command, 0x40, 8,
     [](Payload& p) {
       p.set_byte_enable_ptr(odd_enables);
       p.set_byte_enable_length(2);
     },
     ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE},
    {"a value that is none", write_command, 0x100, 8, as_it_is, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"a verb that is none", write_command, 0x158, 8, as_it_is, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"a reset that is none", write_command, 0x188, 8, as_it_is, ::tlm::TLM_GENERIC_ERROR_RESPONSE},
    {"past the end", read_command, ~u64{0}, 8, as_it_is, ::tlm::TLM_ADDRESS_ERROR_RESPONSE},
};

TEST(ProbeTransport, WrongAttributesHaveNoEffect) {
  ProbeBench([](ProbeBench& bench) {
    number_bytes(bench);
    const CoreState before = bench.core.state();
    for (const AttributeRow& row : attribute_rows)
      for (const bool blocking : {false, true}) {
        SCOPED_TRACE(row.name);
        u64 data[] = {~u64{0}, ~u64{0}};
        Payload payload;
        ProbeInitiator::prepare(payload, row.command, row.address, data, row.size);
        payload.set_dmi_allowed(true);
        row.change(payload);
        sc_core::sc_time delay = ns(3);
        if (blocking) {
          bench.debugger.socket->b_transport(payload, delay);
        } else {
          ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
          EXPECT_EQ(bench.debugger.socket->nb_transport_fw(payload, phase, delay),
                    ::tlm::TLM_COMPLETED);
        }
        EXPECT_EQ(payload.get_response_status(), row.expected);
        EXPECT_FALSE(payload.is_dmi_allowed());
        EXPECT_EQ(delay, ns(3));
        EXPECT_EQ(data[0], ~u64{0});
        EXPECT_TRUE(bench.core.state() == before);
        EXPECT_FALSE(bench.probe.is_halt_requested());
      }
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
  });
}

// Where the initiator sets every attribute (IEEE 1666-2011 14.8), debug looks at them and answers.
TEST(ProbeTransport, DebugWithAllAttributesHasAStatus) {
  ProbeBench([](ProbeBench& bench) {
    number_bytes(bench);
    for (const AttributeRow& row : attribute_rows) {
      SCOPED_TRACE(row.name);
      const CoreState before = bench.core.state();
      u64 data[] = {~u64{0}, ~u64{0}};
      Payload payload;
      ProbeInitiator::prepare(payload, row.command, row.address, data, row.size);
      payload.set_gp_option(::tlm::TLM_FULL_PAYLOAD);
      row.change(payload);
      const unsigned moved = bench.debugger.socket->transport_dbg(payload);
      EXPECT_EQ(payload.get_gp_option(), ::tlm::TLM_FULL_PAYLOAD_ACCEPTED);
      const bool is_command = row.address >= 0x158 && row.address < 0x190;
      EXPECT_EQ(payload.get_response_status(),
                is_command ? ::tlm::TLM_COMMAND_ERROR_RESPONSE : row.expected);
      EXPECT_EQ(moved, std::strncmp(row.name, "the second", 10) == 0 ? 8U : 0U);
      bench.core.restore(before);
    }
    u64 value = 0;
    Payload payload;
    ProbeInitiator::prepare(payload, read_command, 0x40, &value, 8);
    payload.set_byte_enable_ptr(half_enabled);
    payload.set_byte_enable_length(8);
    payload.set_gp_option(::tlm::TLM_FULL_PAYLOAD);
    EXPECT_EQ(bench.debugger.socket->transport_dbg(payload), 8U);
    EXPECT_EQ(payload.get_response_status(), ok);
    EXPECT_EQ(value, 0x03020100U);
  });
}

TEST(ProbeTransport, DebugWithFewAttributesLooksAtFew) {
  ProbeBench([](ProbeBench& bench) {
    number_bytes(bench);
    u64 value = 0;
    Payload payload;
    ProbeInitiator::prepare(payload, read_command, 0x40, &value, 8);
    payload.set_streaming_width(0);
    payload.set_byte_enable_ptr(odd_enables);
    EXPECT_EQ(bench.debugger.socket->transport_dbg(payload), 8U);
    EXPECT_EQ(value, 0x0706050403020100U);
    EXPECT_EQ(payload.get_response_status(), ::tlm::TLM_INCOMPLETE_RESPONSE);
    EXPECT_EQ(payload.get_gp_option(), ::tlm::TLM_MIN_PAYLOAD);
  });
}

TEST(ProbeTransport, DmiIsRefusedEverywhere) {
  ProbeBench([](ProbeBench& bench) {
    Payload payload;
    ::tlm::tlm_dmi dmi;
    dmi.set_start_address(0x40);
    dmi.set_end_address(0x5F);
    EXPECT_FALSE(bench.debugger.socket->get_direct_mem_ptr(payload, dmi));
    EXPECT_TRUE(dmi.is_read_write_allowed()); // what is refused (IEEE 1666-2011 11.2.5.7)
    EXPECT_EQ(dmi.get_start_address(), 0U);
    EXPECT_EQ(dmi.get_end_address(), ~sc_dt::uint64{0});
    EXPECT_EQ(dmi.get_dmi_ptr(), nullptr);
  });
}

TEST(ProbeTransport, ThereIsOnePhase) {
  ProbeBench([](ProbeBench& bench) {
    u64 value = 0x1234;
    Payload payload;
    ProbeInitiator::prepare(payload, write_command, 0x40, &value, 8);
    const auto put = [&](::tlm::tlm_phase phase) {
      sc_core::sc_time delay;
      EXPECT_EQ(bench.debugger.socket->nb_transport_fw(payload, phase, delay), ::tlm::TLM_ACCEPTED);
    };
    for (const ::tlm::tlm_phase_enum phase :
         {::tlm::UNINITIALIZED_PHASE, ::tlm::END_REQ, ::tlm::BEGIN_RESP, ::tlm::END_RESP}) {
      EXPECT_EQ(test::report_of([&] { put(phase); }), "/icebp/probe_target/phase");
      EXPECT_EQ(test::message_of([&] { put(phase); }),
                "probe: every access is over at its BEGIN_REQ");
    }
    put(::tlm::tlm_phase(17)); // that of an extended protocol
    EXPECT_EQ(bench.core.state().dr[0], 0U);
  });
}

struct Unrelated : ::tlm::tlm_extension<Unrelated> {
  ::tlm::tlm_extension_base* clone() const override { return new Unrelated; }
  void copy_from(const ::tlm::tlm_extension_base&) override {}
};

TEST(ProbeTransport, ExtensionsAreIgnored) {
  ProbeBench([](ProbeBench& bench) {
    number_bytes(bench);
    u64 value = 0;
    Unrelated extension;
    Payload payload;
    ProbeInitiator::prepare(payload, read_command, 0x40, &value, 8);
    payload.set_extension(&extension);
    sc_core::sc_time delay;
    bench.debugger.socket->b_transport(payload, delay);
    EXPECT_EQ(value, 0x0706050403020100U);
    payload.clear_extension<Unrelated>();
  });
}

TEST(ProbeTransport, AnyNumberOfInitiatorsMayBeBound) {
  DebugCore core("core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS));
  ProbeTarget lonely("lonely", core);
  ProbeTarget shared("shared", core);
  ProbeInitiator first("first"), second("second");
  first.socket.bind(shared.socket);
  second.socket.bind(shared.socket);
  sc_core::sc_start(ns(1));
  EXPECT_EQ(first.write(0x40, 0x1111), ok);
  EXPECT_EQ(second.read(0x40), 0x1111U);
}

struct NarrowInitiator : sc_core::sc_module, ::tlm::tlm_bw_transport_if<> {
  ::tlm::tlm_initiator_socket<32> socket{"socket"};
  explicit NarrowInitiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
  }
  ::tlm::tlm_sync_enum nb_transport_bw(Payload&, ::tlm::tlm_phase&, sc_core::sc_time&) override {
    return ::tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

struct NarrowPort : sc_core::sc_module {
  DebugCore core{"core", test::cpu_model("intel-skylake"), CoreClock(1, sc_core::SC_NS)};
  ProbeTarget probe{"probe", core};
  ::tlm::tlm_target_socket<32> socket{"socket"};
  explicit NarrowPort(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(probe); }
};

TEST(ProbeTransport, ABusOf32BitsHasASocketOfItsOwn) {
  NarrowPort port("port");
  NarrowInitiator initiator("initiator");
  initiator.socket.bind(port.socket);
  sc_core::sc_start(ns(1));
  std::uint32_t value = 0x1111;
  Payload payload;
  ProbeInitiator::prepare(payload, write_command, 0x44, &value, 4);
  sc_core::sc_time delay;
  initiator.socket->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), ok);
  EXPECT_EQ(port.core.state().dr[0], 0x111100000000U);
}

// ---- Anything -----------------------------------------------------------------------------------

using Random = std::mt19937_64;

u64 any_address(Random& random) {
  switch (random() % 8) {
  case 0:
    return random();
  case 1:
    return 0x100000000 + random() % (u64{8} << 32);
  case 2:
  case 3:
    return 0x100000000 + 8 * (random() % 0x600) + random() % 8;
  default:
    return random() % 0x1C0;
  }
}

// In both directions, of both interfaces, at any moment of an operation: a status, bytes outside
// the data untouched, and a core that goes on.
TEST(ProbeTransport, RandomPayloadsGetAStatus) {
  ProbeBench([](ProbeBench& bench) {
    Random random(20261126);
    unsigned good = 0;
    constexpr unsigned count = 20000, most = 80;
    std::array<unsigned char, most + 16> data, enables;
    for (unsigned n = 0; n < count; ++n) {
      SCOPED_TRACE(n);
      if (n % 16 == 0 && bench.core.idle())
        bench.core.issue(random() % 2 == 0 ? mov_to_dr(0, random()) : test::mov_from_dr(0, 3));
      if (n % 4 == 0)
        sc_core::wait(ns(1));
      data.fill(0xA5);
      for (unsigned char& byte : enables)
        byte = random() % 64 == 0 ? 0x0F : random() % 2 == 0 ? 0 : 0xFF;
      const auto size = static_cast<unsigned>(random() % 3 == 0 ? random() % most : 8);
      Payload payload;
      ProbeInitiator::prepare(payload, static_cast<::tlm::tlm_command>(random() % 9 % 3),
                              any_address(random), data.data() + 8, size);
      for (unsigned byte = 0; byte < size; ++byte)
        data[8 + byte] = static_cast<unsigned char>(random() % 4 == 0 ? random() : 0);
      if (random() % 16 == 0)
        payload.set_streaming_width(static_cast<unsigned>(random() % most));
      if (random() % 32 == 0)
        payload.set_data_ptr(nullptr);
      if (random() % 8 == 0) {
        payload.set_byte_enable_ptr(enables.data());
        payload.set_byte_enable_length(static_cast<unsigned>(random() % most));
      }
      payload.set_dmi_allowed(true);
      payload.set_gp_option(random() % 4 == 0 ? ::tlm::TLM_FULL_PAYLOAD : ::tlm::TLM_MIN_PAYLOAD);
      if (random() % 2 == 0) {
        EXPECT_LE(bench.debugger.socket->transport_dbg(payload), size);
      } else {
        payload.set_gp_option(::tlm::TLM_MIN_PAYLOAD);
        sc_core::sc_time delay;
        bench.debugger.socket->b_transport(payload, delay);
        EXPECT_NE(payload.get_response_status(), ::tlm::TLM_INCOMPLETE_RESPONSE);
        EXPECT_FALSE(payload.is_dmi_allowed());
        good += payload.is_response_ok();
      }
      EXPECT_TRUE(std::all_of(data.begin(), data.begin() + 8, [](auto it) { return it == 0xA5; }));
      EXPECT_TRUE(
          std::all_of(data.begin() + 8 + size, data.end(), [](auto it) { return it == 0xA5; }));
      const CoreState& state = bench.core.state();
      EXPECT_EQ(state.dr[6] & 0xFFFE1FF0, 0xFFFE0FF0);
      EXPECT_EQ(state.dr[7] & 0xFFFFFFFF0000D400, 0x400U);
      EXPECT_LE(state.boundary.shadow, Shadow::mov_ss);
      ASSERT_FALSE(testing::Test::HasFailure());
    }
    EXPECT_GT(good, count / 10);
    EXPECT_LT(good, count / 2 - count / 10);
    sc_core::wait(ns(100));
    EXPECT_TRUE(bench.core.idle());
    bench.core.reset();
    EXPECT_EQ(bench(mov_to_dr(0, 0x1111)).kind, OutcomeKind::retired);
  });
}

} // namespace
} // namespace icebp
