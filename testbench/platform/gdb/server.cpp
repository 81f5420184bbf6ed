#include <icebp/testbench/platform/gdb/server.h>

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace icebp::vp {
namespace {

constexpr int patience = 10'000;           // ms that a client may take to accept bytes
constexpr std::size_t most_messages = 256; // that wait, before the client is cut off

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool can_write(int descriptor) {
  pollfd event{descriptor, POLLOUT, 0};
  return poll(&event, 1, patience) == 1 && (event.revents & POLLOUT) != 0;
}

} // namespace

void Descriptor::close() {
  if (number_ >= 0)
    ::close(number_);
  number_ = -1;
}

DebugServer::DebugServer(unsigned port)
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  const std::string name = "port " + std::to_string(port);
  const int yes = 1;
  setsockopt(listener_.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.number(), any, size) != 0 || listen(listener_.number(), 4) != 0 ||
      getsockname(listener_.number(), any, &size) != 0)
    fail(name);
  port_ = ntohs(address.sin_port);
}

void DebugServer::wait(int milliseconds) {
  if (!messages_.empty())
    milliseconds = 0;
  std::array<pollfd, 2> events{pollfd{listener_.number(), POLLIN, 0},
                               pollfd{client_.number(), POLLIN, 0}};
  if (poll(events.data(), has_client() ? 2 : 1, milliseconds) <= 0)
    return;
  if (events[1].revents != 0)
    receive();
  if (events[0].revents != 0)
    accept_client();
}

void DebugServer::accept_client() {
  Descriptor caller(accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!caller.is_open() || has_client())
    return;
  client_.reset(caller.release());
  ++clients_;
  const int yes = 1;
  setsockopt(client_.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  reader_ = PacketReader{};
  messages_.clear();
  last_sent_.clear();
  acknowledges_ = true;
}

void DebugServer::receive() {
  char bytes[4096];
  const ssize_t count = recv(client_.number(), bytes, sizeof bytes, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (count <= 0)
    return drop_client();
  for (const char byte : std::string_view(bytes, static_cast<std::size_t>(count)))
    if (const auto item = reader_.take(byte); item && has_client())
      take(*item);
}

void DebugServer::take(const PacketReader::Item& item) {
  using Kind = PacketReader::Kind;
  switch (item.kind) {
  case Kind::acknowledged:
    return;
  case Kind::refused:
    return write(last_sent_);
  case Kind::damaged:
    return acknowledges_ ? write("-") : void();
  case Kind::interrupt:
  case Kind::packet:
    break;
  }
  if (messages_.size() >= most_messages)
    return drop_client();
  if (item.kind == Kind::packet && acknowledges_)
    write("+");
  messages_.push_back({item.kind == Kind::interrupt, item.data});
}

std::optional<DebugServer::Message> DebugServer::next() {
  if (messages_.empty())
    return std::nullopt;
  Message message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

void DebugServer::send(std::string_view data) {
  last_sent_ = packet_of(data);
  write(last_sent_);
}

void DebugServer::write(std::string_view bytes) {
  while (!bytes.empty() && has_client()) {
    const ssize_t count = ::send(client_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0)
      bytes.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR && (errno != EAGAIN || !can_write(client_.number())))
      drop_client();
  }
}

void DebugServer::drop_client() {
  client_.close();
  messages_.clear();
}

} // namespace icebp::vp
