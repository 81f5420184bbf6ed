// icebp-vp -gdb as a program that connects to it sees it, byte by byte. The packets are typed from
// the GDB manual, appendix E. A test starts icebp-vp anew, with a boot sector of its own.
#include <icebp/testbench/platform/gdb/packet.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <random>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace icebp::vp {
namespace {

using namespace std::string_literals;
using Kind = PacketReader::Kind;

constexpr int patience = 30'000; // ms

// At 7C00h. Linear addresses of what can be jumped to.
constexpr unsigned loop_at = 0x7C02, exit_at = 0x7C04, store_at = 0x7C09, sleep_at = 0x7C10,
                   shutdown_at = 0x7C14;
const std::string boot_code("\x90\x90"             // 7C00 NOP, NOP
                            "\xEB\xFE"             // 7C02 JMP to itself
                            "\xB0\x10\xE6\xF4\xF4" // 7C04 MOV AL, 10h; OUT F4h, AL; HLT: status 33
                            "\xC6\x06\x00\x05\xAA" // 7C09 MOV BYTE [500h], AAh
                            "\xEB\xFE"             // 7C0E JMP to itself
                            "\xFA\xF4\xEB\xFD"     // 7C10 CLI; HLT; JMP to HLT
                            "\x0F\x01\x1E\x00\x06" // 7C14 LIDT [600h], where zeros are
                            "\x0F\x0B",            // 7C19 UD2
                            27);

std::filesystem::path program() {
  if (const char* given = std::getenv("ICEBP_VP"))
    return given;
  const char* icebp = std::getenv("ICEBP_EXECUTABLE");
  if (icebp == nullptr)
    return "icebp-vp";
  return std::filesystem::path(icebp).parent_path().parent_path() / "platform" / "icebp-vp";
}

// icebp-vp with a debugger's port.
class Machine {
public:
  explicit Machine(const std::vector<std::string>& options = {}) {
    image_ = std::filesystem::temp_directory_path() / ("icebp-boot-" + std::to_string(getpid()));
    std::string sector = boot_code;
    sector.resize(510);
    std::ofstream(image_, std::ios::binary) << sector << "\x55\xAA";
    start(options);
  }
  ~Machine() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    if (errors_ != nullptr)
      std::fclose(errors_);
    std::filesystem::remove(image_);
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  unsigned port() const { return port_; }
  // Of the program, once it has ended; -1 if it does not.
  int status() {
    for (int n = 0; n < patience; n += 10) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
      }
      usleep(10'000);
    }
    return -1;
  }
  // The next line that it writes to standard error.
  std::string line() {
    char text[256] = "";
    return std::fgets(text, sizeof text, errors_) != nullptr ? text : "";
  }

private:
  void start(const std::vector<std::string>& options) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    std::vector<std::string> words{program(), "-kernel", image_};
    words.insert(words.end(), options.begin(), options.end());
    if (std::find(options.begin(), options.end(), "-gdb") == options.end())
      words.insert(words.end(), {"-gdb", "0"});
    std::vector<char*> arguments;
    for (std::string& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDERR_FILENO);
      execv(arguments[0], arguments.data());
      _exit(127);
    }
    close(ends[1]);
    errors_ = fdopen(ends[0], "r");
    const std::string said = line();
    const std::size_t colon = said.rfind(':');
    if (said.find("waits for a debugger") != std::string::npos)
      port_ = static_cast<unsigned>(std::stoul(said.substr(colon + 1)));
    else
      said_ = said;
  }

  std::filesystem::path image_;
  pid_t pid_ = -1;
  std::FILE* errors_ = nullptr;
  unsigned port_ = 0;

public:
  std::string said_; // in place of the port
};

// A debugger's connection.
class Client {
public:
  explicit Client(unsigned port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { hang_up(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void hang_up() {
    if (socket_ >= 0)
      close(socket_);
    socket_ = -1;
  }
  void send(const std::string& bytes) {
    std::string_view left = bytes;
    while (!left.empty()) {
      const ssize_t count = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
      if (count <= 0)
        return;
      left.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  // The next byte; -1 at the end, -2 if none comes.
  int byte(int milliseconds = patience) {
    pollfd event{socket_, POLLIN, 0};
    if (poll(&event, 1, milliseconds) != 1)
      return -2;
    unsigned char byte = 0;
    return recv(socket_, &byte, 1, 0) == 1 ? byte : -1;
  }
  // The DATA of the next packet.
  std::string packet() {
    for (;;) {
      const int next = byte();
      if (next < 0)
        return "no packet";
      if (const auto item = reader_.take(static_cast<char>(next)))
        if (item->kind == Kind::packet)
          return item->data;
    }
  }
  std::string ask(const std::string& data) {
    send(packet_of(data));
    return packet();
  }

private:
  int socket_;
  PacketReader reader_;
};

// --- framing

std::vector<PacketReader::Item> items_of(const std::string& bytes) {
  PacketReader reader;
  std::vector<PacketReader::Item> items;
  for (const char byte : bytes)
    if (auto item = reader.take(byte))
      items.push_back(*item);
  return items;
}

TEST(Packet, Has_the_sum_of_its_bytes) {
  EXPECT_EQ(packet_of(""), "$#00");
  EXPECT_EQ(packet_of("OK"), "$OK#9a");
  EXPECT_EQ(packet_of("a#b"), "$a}\x03"s + "b#43"); // 61 + 7d + 03 + 62
}

TEST(PacketReader, Takes_packets_out_of_a_stream) {
  const auto items = items_of("noise+$?#3f\x03-$g#67"s);
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(items[0].kind, Kind::acknowledged);
  EXPECT_EQ(items[1].kind, Kind::packet);
  EXPECT_EQ(items[1].data, "?");
  EXPECT_EQ(items[2].kind, Kind::interrupt);
  EXPECT_EQ(items[3].kind, Kind::refused);
  EXPECT_EQ(items[4].data, "g");
}

TEST(PacketReader, Undoes_escapes) {
  const auto items = items_of("$}\x03}\x04}]#db"); // 7d 03 7d 04 7d 5d
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].kind, Kind::packet);
  EXPECT_EQ(items[0].data, "#$}");
}

TEST(PacketReader, Tells_what_is_damaged) {
  for (const char* bytes : {"$?#3e", "$?#4f", "$?#3g", "$?#zf", "$a}#de", "$abc$"}) {
    const auto items = items_of(bytes);
    ASSERT_EQ(items.size(), 1u) << bytes;
    EXPECT_EQ(items[0].kind, Kind::damaged) << bytes;
  }
}

TEST(PacketReader, Has_a_longest_packet) {
  const auto sum_of = [](std::size_t count) {
    char sum[4];
    std::snprintf(sum, sizeof sum, "#%02x", static_cast<unsigned>(count * 'x' & 0xFF));
    return std::string(sum);
  };
  const std::size_t most = 0x4000;
  EXPECT_EQ(items_of('$' + std::string(most, 'x') + sum_of(most))[0].kind, Kind::packet);
  EXPECT_EQ(items_of('$' + std::string(most + 1, 'x') + sum_of(most + 1))[0].kind, Kind::damaged);
}

TEST(Hex, Is_whole_or_nothing) {
  EXPECT_EQ(hex_number("ffffFFFF80000000"), 0xFFFFFFFF80000000);
  for (const char* text : {"", "0x1", "1 ", "-1", "12345678123456781", "g"})
    EXPECT_FALSE(hex_number(text)) << text;
  EXPECT_EQ(bytes_of_hex("00fF"), "\0\xFF"s);
  EXPECT_FALSE(bytes_of_hex("0"));
  EXPECT_FALSE(bytes_of_hex("0g"));
}

// --- the server

TEST(DebugServer, Halts_before_the_first_instruction) {
  Machine machine;
  Client client(machine.port());
  client.send("$?#3f");
  EXPECT_EQ(client.byte(), '+');
  EXPECT_EQ(client.packet(), "T02thread:1;");
  EXPECT_EQ(client.ask("p10"), "007c000000000000"); // RIP
  EXPECT_EQ(client.ask("m7c00,4"), "9090ebfe");
}

TEST(DebugServer, Refuses_damage_and_repeats_what_was_damaged) {
  Machine machine;
  Client client(machine.port());
  client.send("$?#00");
  EXPECT_EQ(client.byte(), '-');
  EXPECT_EQ(client.ask("qC"), "QC1");
  client.send("-");
  EXPECT_EQ(client.packet(), "QC1");
  EXPECT_EQ(client.ask("QStartNoAckMode"), "OK");
  client.send("$?#00$?#3f");
  EXPECT_EQ(client.byte(), '$'); // neither refused nor acknowledged
}

TEST(DebugServer, Answers_what_it_does_not_know_with_nothing) {
  Machine machine;
  Client client(machine.port());
  for (const char* packet : {"", "!", "r", "R00", "t", "bs", "qSymbol::", "qXfer:auxv:read::0,10",
                             "vMustReplyEmpty", "QPassSignals:e", "Z5,7c00,1", "\xFF"})
    EXPECT_EQ(client.ask(packet), "") << packet;
}

TEST(DebugServer, Refuses_malformed_packets) {
  Machine machine;
  Client client(machine.port());
  for (const char* packet : {"m",
                             "m,",
                             "m7c00",
                             "m7c00,",
                             "mxyz,4",
                             "m7c00,4,4",
                             "m17c0000000000007c00,4",
                             "M",
                             "M500,2:11",
                             "M500,1:1",
                             "M500,1:zz",
                             "M500,1",
                             "X500,2:a",
                             "X500",
                             "p",
                             "pz",
                             "p1000",
                             "P",
                             "P0",
                             "P0=",
                             "P0=00",
                             "P0=zz00000000000000",
                             "P1000=00",
                             "G",
                             "G00",
                             "H",
                             "Hg",
                             "Hgz",
                             "Hg9",
                             "T",
                             "T9",
                             "Tx",
                             "Z",
                             "Z1",
                             "Z1,",
                             "Z1,7c00",
                             "Z1,x,1",
                             "zz,7c00,1",
                             "vCont;",
                             "vCont;x",
                             "vCont;c:9",
                             "vCont;C",
                             "Cxx",
                             "C5;x",
                             "cx",
                             "sx",
                             "qXfer:features:read:target.xml:",
                             "qXfer:features:read:target.xml:0",
                             "qXfer:features:read:target.xml:ffffff,10",
                             "qRcmd,6",
                             "qThreadExtraInfo,x"})
    EXPECT_EQ(client.ask(packet), "E16") << packet;
  EXPECT_EQ(client.ask("qXfer:features:read:other.xml:0,10"), "E00");
  EXPECT_EQ(client.ask("m40000000,4"), "E0e"); // behind RAM
  EXPECT_EQ(client.ask("M7ffffff,2:1111"), "E0e");
  EXPECT_EQ(client.ask("m7ffffff,2"), "00"); // its last byte; nothing was written
  EXPECT_EQ(client.ask("?"), "T02thread:1;");
}

TEST(DebugServer, Stands_any_packet) {
  Machine machine;
  Client client(machine.port());
  client.ask("QStartNoAckMode");
  std::mt19937 random(20261126);
  const std::string letters = "?gGpPmMXzZHTqQv0123456789abcdef,;:=-.CXferRcmdont";
  for (int n = 0; n < 3000; ++n) {
    std::string packet;
    for (auto length = random() % 24; length != 0; --length)
      packet += letters[random() % letters.size()];
    if (!packet.empty() && std::string("DkcCsSv").find(packet[0]) != std::string::npos)
      continue; // they end it, or let it go on
    ASSERT_NE(client.ask(packet), "no packet") << packet;
  }
  client.send(std::string(100'000, '$') + std::string(100'000, '\x7F') + "$" +
              std::string(100'000, 'm') + "#00");
  EXPECT_EQ(client.ask("qC"), "QC1");
}

TEST(DebugServer, Steps_and_stops) {
  Machine machine;
  Client client(machine.port());
  EXPECT_EQ(client.ask("s"), "T05thread:1;");
  EXPECT_EQ(client.ask("p10"), "017c000000000000");
  EXPECT_EQ(client.ask("Z0,7c02,1"), "OK");
  EXPECT_EQ(client.ask("c"), "T05swbreak:;thread:1;");
  EXPECT_EQ(client.ask("p10"), "027c000000000000");
  EXPECT_EQ(client.ask("z0,7c02,1"), "OK");
  EXPECT_EQ(client.ask("P10=097c000000000000"), "OK");
  EXPECT_EQ(client.ask("vCont;s"), "T05thread:1;");
  EXPECT_EQ(client.ask("p10"), "0e7c000000000000");
  EXPECT_EQ(client.ask("m500,1"), "aa");
}

TEST(DebugServer, Watches_memory) {
  Machine machine;
  Client client(machine.port());
  for (const char* kind : {"2", "3", "4"}) {
    const std::string breakpoint = kind + ",500,1"s;
    EXPECT_EQ(client.ask('Z' + breakpoint), "OK");
    const std::string word = kind == "2"s ? "watch" : kind == "3"s ? "rwatch" : "awatch";
    EXPECT_EQ(client.ask("c" + hex_of(store_at)), "T05" + word + ":500;thread:1;");
    EXPECT_EQ(client.ask("p10"), "0e7c000000000000");
    EXPECT_EQ(client.ask("m500,1"), "aa");
    EXPECT_EQ(client.ask('z' + breakpoint), "OK");
  }
  EXPECT_EQ(client.ask("Z1,7c0e,1"), "OK");
  EXPECT_EQ(client.ask("c" + hex_of(store_at)), "T05hwbreak:;thread:1;");
  EXPECT_EQ(client.ask("p10"), "0e7c000000000000");
}

// DR7 is register 64: 57 are the core's and SSE's, DR0 follows.
TEST(DebugServer, Shares_four_debug_registers_with_the_guest) {
  Machine machine;
  Client client(machine.port());
  EXPECT_EQ(client.ask("P40=0a04000000000000"), "OK"); // G0 and G1 are the guest's
  EXPECT_EQ(client.ask("Z2,500,2"), "OK");
  EXPECT_EQ(client.ask("Z1,7c0e,1"), "OK");
  EXPECT_EQ(client.ask("Z1,7c02,1"), "E1c");
  EXPECT_EQ(client.ask("Z2,600,0"), "E1c");
  EXPECT_EQ(client.ask("z2,500,2"), "OK");
  EXPECT_EQ(client.ask("Z2,501,2"), "E1c"); // not aligned: two pieces
  EXPECT_EQ(client.ask("Z2,502,2"), "OK");
  EXPECT_EQ(client.ask("p40"), "0a04000000000000");
  EXPECT_EQ(client.ask("P40=aa04000000000000"), "OK"); // later, and the debugger's stay
  const std::string text = bytes_of_hex(client.ask("qRcmd," + hex_bytes("dr"))).value_or("");
  for (const char* number : {"2", "3"})
    EXPECT_NE(text.find("the guest's breakpoint "s + number + " does not hit"), std::string::npos)
        << text;
  EXPECT_EQ(text.find("breakpoint 1 does"), std::string::npos) << text;
}

TEST(DebugServer, Interrupts_a_machine_that_runs_and_one_that_sleeps) {
  Machine machine;
  Client client(machine.port());
  for (const unsigned at : {loop_at, sleep_at}) {
    client.send(packet_of("c" + hex_of(at)));
    usleep(100'000);
    client.send("\x03");
    EXPECT_EQ(client.packet(), "T02thread:1;");
  }
  EXPECT_EQ(client.ask("p10"), "127c000000000000"); // behind HLT
  EXPECT_EQ(client.ask("qThreadExtraInfo,1"), hex_bytes("halted by HLT"));
}

TEST(DebugServer, Tells_the_exit_status) {
  Machine machine;
  Client client(machine.port());
  EXPECT_EQ(client.ask("c" + hex_of(exit_at)), "W21");
  EXPECT_EQ(client.byte(), -1);
  EXPECT_EQ(machine.status(), 33);
}

TEST(DebugServer, Executes_code_that_the_debugger_wrote) {
  Machine machine;
  Client client(machine.port());
  EXPECT_EQ(client.ask("Z0,7c02,1"), "OK");
  EXPECT_EQ(client.ask("c"), "T05swbreak:;thread:1;");
  EXPECT_EQ(client.ask("vCont;s"), "T05thread:1;"); // decoded, once
  EXPECT_EQ(client.ask("X7c02,2:\x90\x90"), "OK");
  EXPECT_EQ(client.ask("z0,7c02,1"), "OK");
  EXPECT_EQ(client.ask("c"), "W21");
}

TEST(DebugServer, Waits_halted_for_the_next_where_a_client_vanishes) {
  Machine machine;
  {
    Client client(machine.port());
    EXPECT_EQ(client.ask("s"), "T05thread:1;");
    EXPECT_EQ(client.ask("Z0,7c06,1"), "OK");
  } // while it is halted
  {
    Client client(machine.port());
    EXPECT_EQ(client.ask("?"), "T05thread:1;");
    EXPECT_EQ(client.ask("p10"), "017c000000000000");
    client.send(packet_of("c"));
    EXPECT_EQ(client.byte(), '+');
  } // while it runs
  Client client(machine.port());
  EXPECT_EQ(client.ask("p10"), "027c000000000000");
  EXPECT_EQ(client.ask("c" + hex_of(exit_at)), "W21"); // and no breakpoint is left
}

TEST(DebugServer, Has_one_client) {
  Machine machine;
  Client client(machine.port());
  EXPECT_EQ(client.ask("qC"), "QC1");
  Client second(machine.port());
  EXPECT_EQ(second.byte(), -1);
  EXPECT_EQ(client.ask("qC"), "QC1");
  client.send(packet_of("c"));
  Client third(machine.port()); // while it runs
  EXPECT_EQ(third.byte(), -1);
  client.send("\x03");
  EXPECT_EQ(client.packet(), "T02thread:1;");
}

TEST(DebugServer, Detached_the_machine_goes_on_and_takes_another) {
  Machine machine;
  {
    Client client(machine.port());
    EXPECT_EQ(client.ask("Z0,7c02,1"), "OK");
    EXPECT_EQ(client.ask("D"), "OK");
    EXPECT_EQ(client.byte(), -1);
  }
  Client client(machine.port());
  EXPECT_EQ(client.ask("p10"), "027c000000000000");
  EXPECT_EQ(client.ask("P10=047c000000000000"), "OK");
  EXPECT_EQ(client.ask("D;1"), "OK");
  EXPECT_EQ(machine.status(), 33);
}

TEST(DebugServer, Detached_a_machine_that_nothing_wakes_ends) {
  Machine machine;
  Client client(machine.port());
  EXPECT_EQ(client.ask("P10=107c000000000000"), "OK");
  EXPECT_EQ(client.ask("D"), "OK");
  EXPECT_EQ(machine.status(), 4);
  EXPECT_NE(machine.line().find("halted, and nothing can wake it"), std::string::npos);
}

TEST(DebugServer, Kills_the_machine) {
  for (const char* packet : {"k", "vKill;1"}) {
    Machine machine;
    Client client(machine.port());
    client.send(packet_of(packet));
    EXPECT_EQ(machine.status(), 4);
    EXPECT_NE(machine.line().find("killed by the debugger"), std::string::npos);
  }
}

TEST(DebugServer, Does_not_wait_longer_than_the_time) {
  Machine machine({"-timeout", "1"});
  EXPECT_EQ(machine.status(), 4);
  EXPECT_NE(machine.line().find("the time is up"), std::string::npos);
}

TEST(DebugServer, Says_that_the_port_is_taken) {
  Machine machine;
  Machine second({"-gdb", std::to_string(machine.port())});
  EXPECT_EQ(second.status(), 2);
  EXPECT_NE(second.said_.find("port " + std::to_string(machine.port())), std::string::npos)
      << second.said_;
}

TEST(DebugServer, Shows_a_core_that_shut_down) {
  Machine machine;
  Client client(machine.port());
  client.send(packet_of("c" + hex_of(shutdown_at)));
  const std::string told = client.packet();
  ASSERT_EQ(told.substr(0, 1), "O");
  EXPECT_NE(bytes_of_hex(told.substr(1)), std::nullopt);
  EXPECT_EQ(client.packet(), "T06thread:1;");
  EXPECT_EQ(client.ask("qThreadExtraInfo,1"), hex_bytes("shut down"));
  EXPECT_EQ(client.ask("p10"), "197c000000000000");
  EXPECT_EQ(client.ask("c"), "W04");
  EXPECT_EQ(machine.status(), 4);
}

TEST(DebugServer, Has_a_thread_for_each_core) {
  Machine machine({"-smp", "2"});
  Client client(machine.port());
  EXPECT_EQ(client.ask("qfThreadInfo"), "m1,2");
  EXPECT_EQ(client.ask("qsThreadInfo"), "l");
  EXPECT_EQ(client.ask("qThreadExtraInfo,2"), hex_bytes("waits for SIPI"));
  EXPECT_EQ(client.ask("Hg2"), "OK");
  EXPECT_EQ(client.ask("p10"), "f0ffffff00000000"); // FFFFFFF0h
  EXPECT_EQ(client.ask("Hg1"), "OK");
  EXPECT_EQ(client.ask("p10"), "007c000000000000");
  EXPECT_EQ(client.ask("vCont;s:1;c"), "T05thread:1;");
  EXPECT_EQ(client.ask("p10"), "017c000000000000");
  client.send(packet_of("vCont;c:2")); // the first is held
  usleep(100'000);
  client.send("\x03");
  EXPECT_EQ(client.packet(), "T02thread:1;");
  EXPECT_EQ(client.ask("p10"), "017c000000000000");
}

} // namespace
} // namespace icebp::vp
