#pragma once

#include <icebp/testbench/platform/gdb/packet.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace icebp::vp {

// A file descriptor that is closed at the end of its life.
class Descriptor {
public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void reset(int number) {
    close();
    number_ = number;
  }
  int release() {
    const int number = number_;
    number_ = -1;
    return number;
  }
  void close();

private:
  int number_ = -1;
};

// Where a debugger connects: a TCP port of 127.0.0.1, with packets, acknowledgements and one client
// at a time; the connection of a second is closed at once.
class DebugServer {
public:
  // Port 0 is any free one. Throws std::system_error if the port cannot be had.
  explicit DebugServer(unsigned port);

  unsigned port() const { return port_; }
  bool has_client() const { return client_.is_open(); }
  // Another number for each client; 0 where there is none.
  unsigned client() const { return has_client() ? clients_ : 0; }

  // Takes what came: a client, bytes, or an end; waits for it at most that long.
  void wait(int milliseconds);
  // What a client sent; packets are acknowledged, those that are damaged refused.
  struct Message {
    bool is_interrupt;
    std::string packet;
  };
  std::optional<Message> next();

  void send(std::string_view data);
  // From now on none is acknowledged.
  void stop_acknowledging() { acknowledges_ = false; }
  void drop_client();

private:
  void accept_client();
  void receive();
  void take(const PacketReader::Item& item);
  void write(std::string_view bytes);

  Descriptor listener_;
  Descriptor client_;
  unsigned port_ = 0;
  unsigned clients_ = 0;
  PacketReader reader_;
  std::deque<Message> messages_;
  std::string last_sent_;
  bool acknowledges_ = true;
};

} // namespace icebp::vp
