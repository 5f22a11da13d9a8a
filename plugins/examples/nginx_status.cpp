// nginx_status: connections and requests of an nginx, from the page of its stub_status module.
//
// Configuration: {"address": "127.0.0.1", "port": 80, "path": "/stub_status", "host": "localhost"}; the address is a number, not a name.
// Needs the grant `network`. In nginx: location = /stub_status { stub_status; allow 127.0.0.1; deny all; }
#include "hostward_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <regex>
#include <string>
#include <system_error>

namespace {

constexpr size_t ANSWER_BYTES_MAX = 64 * 1024;

const char *const state_labels[] = {"state"};
const hw_metric up = {sizeof(hw_metric), HW_GAUGE, "nginx_up", nullptr, "1: the page was there.", nullptr, 0, 1};
const hw_metric connections = {
    sizeof(hw_metric), HW_GAUGE, "nginx_connections", nullptr, "Client connections by what they are doing.", state_labels, 1, 4};
const hw_metric accepted = {
    sizeof(hw_metric), HW_COUNTER, "nginx_connections_accepted_total", nullptr, "Accepted client connections.", nullptr, 0, 1};
const hw_metric handled = {
    sizeof(hw_metric), HW_COUNTER, "nginx_connections_handled_total", nullptr,
    "Handled client connections; fewer than accepted if nginx ran into a limit.", nullptr, 0, 1};
const hw_metric requests = {
    sizeof(hw_metric), HW_COUNTER, "nginx_http_requests_total", nullptr, "Client requests.", nullptr, 0, 1};
const hw_metric *const metrics[] = {&up, &connections, &accepted, &handled, &requests};
enum : uint32_t { UP, CONNECTIONS, ACCEPTED, HANDLED, REQUESTS };

const hw_description description = {
    sizeof(hw_description), 10000, 3000, HW_NEEDS_NETWORK, "nginx_status", "1.0", nullptr, "Connections and requests of nginx.",
    R"({"type":"object","properties":{"address":{"type":"string"},"port":{"type":"integer"},)"
    R"("path":{"type":"string"},"host":{"type":"string"}}})",
    metrics, nullptr, 5, 0};

struct Failure {
  int32_t status;
  std::string why;
};

struct Instance {
  std::string address = "127.0.0.1", path = "/stub_status", host = "localhost";
  uint16_t port = 80;
};

// A descriptor that is closed in the end.
struct Socket {
  int fd;
  explicit Socket(int domain) : fd(socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket &) = delete;
  Socket &operator=(const Socket &) = delete;
  ~Socket() {
    if (fd >= 0) close(fd);
  }
};

[[noreturn]] void fail_errno(const std::string &what) {
  const int32_t status = errno == ECONNREFUSED ? HW_UNAVAILABLE : errno == EPERM || errno == EACCES ? HW_PERMISSION : HW_ERROR;
  throw Failure{status, what + ": " + std::generic_category().message(errno)};
}

void wait(const hw_host *host, int fd, short events) {
  pollfd waiting = {fd, events, 0};
  const int64_t left = host->time_left_ms(host);
  if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) <= 0) throw Failure{HW_TIMEOUT, "no answer in time"};
}

void reach(const hw_host *host, const Instance &me, const Socket &socket, const sockaddr *address, socklen_t length) {
  const std::string where = me.address + " port " + std::to_string(me.port);
  if (connect(socket.fd, address, length) == 0) return;
  if (errno != EINPROGRESS) fail_errno(where);
  wait(host, socket.fd, POLLOUT);
  socklen_t size = sizeof errno;
  int outcome = 0;
  getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &outcome, &size);
  if ((errno = outcome) != 0) fail_errno(where);
}

std::string ask(const hw_host *host, const Instance &me) {
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  const bool is_v6 = me.address.find(':') != std::string::npos;
  v4.sin_family = AF_INET, v4.sin_port = htons(me.port);
  v6.sin6_family = AF_INET6, v6.sin6_port = htons(me.port);
  void *place = is_v6 ? static_cast<void *>(&v6.sin6_addr) : &v4.sin_addr;
  if (inet_pton(is_v6 ? AF_INET6 : AF_INET, me.address.c_str(), place) != 1)
    throw Failure{HW_CONFIG, "address: " + me.address + " is no IP address"};
  Socket socket(is_v6 ? AF_INET6 : AF_INET);
  if (socket.fd < 0) fail_errno("socket");
  if (is_v6) reach(host, me, socket, reinterpret_cast<const sockaddr *>(&v6), sizeof v6);
  else reach(host, me, socket, reinterpret_cast<const sockaddr *>(&v4), sizeof v4);
  const std::string question = "GET " + me.path + " HTTP/1.0\r\nHost: " + me.host + "\r\n\r\n";
  if (send(socket.fd, question.data(), question.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(question.size()))
    fail_errno("send");
  std::string answer;
  char part[4096];
  for (;;) {
    wait(host, socket.fd, POLLIN);
    const ssize_t read = recv(socket.fd, part, sizeof part, 0);
    if (read == 0) return answer;
    if (read < 0) fail_errno("receive");
    answer.append(part, static_cast<size_t>(read));
    if (answer.size() > ANSWER_BYTES_MAX) throw Failure{HW_ERROR, "the answer is longer than 64 KiB"};
  }
}

void emit(const hw_host *host, uint32_t metric, const std::string &number, const char *state = nullptr) {
  const hw_text label = {state, state ? std::strlen(state) : 0};
  const hw_sample sample = {sizeof(hw_sample), metric, std::stod(number), 0, &label, state ? 1u : 0u, 0};
  host->emit(host, &sample);
}

void tell(const hw_host *host, const std::string &answer) {
  static const std::regex page(
      R"(Active connections: (\d+)\s+server accepts handled requests\s+(\d+) (\d+) (\d+)\s+Reading: (\d+) Writing: (\d+) Waiting: (\d+))");
  std::smatch found;
  if (answer.find(" 200 ") == std::string::npos || !std::regex_search(answer, found, page))
    throw Failure{HW_ERROR, "not the page of stub_status: " + answer.substr(0, answer.find('\r'))};
  emit(host, UP, "1");
  emit(host, CONNECTIONS, found[1], "active");
  emit(host, CONNECTIONS, found[5], "reading");
  emit(host, CONNECTIONS, found[6], "writing");
  emit(host, CONNECTIONS, found[7], "waiting");
  emit(host, ACCEPTED, found[2]);
  emit(host, HANDLED, found[3]);
  emit(host, REQUESTS, found[4]);
}

// Runs what may throw.
template <typename Work>
int32_t guarded(const hw_host *host, Work work) noexcept {
  const auto say = [host](int32_t status, const char *why) {
    host->reason(host, {why, std::strlen(why)});
    return status;
  };
  try {
    work();
    return HW_OK;
  } catch (const Failure &failure) {
    return say(failure.status, failure.why.c_str());
  } catch (const std::exception &error) {
    return say(HW_ERROR, error.what());
  } catch (...) {
    return HW_ERROR;
  }
}

// A text or number of a flat JSON object; empty if it is not there. Nothing that could end a line of the request.
std::string value_of(const std::string &json, const std::string &key) {
  const std::regex pair("\"" + key + "\"\\s*:\\s*(?:\"([^\"\\\\\\s]*)\"|(\\d+))");
  std::smatch found;
  if (!std::regex_search(json, found, pair)) return "";
  return found[1].matched ? found[1] : found[2];
}

int32_t create(const hw_host *host, hw_text config, void **out) {
  return guarded(host, [&] {
    const std::string json(config.bytes, config.length);
    Instance me;
    const auto set = [&](const char *key, std::string &member) {
      if (const auto value = value_of(json, key); !value.empty()) member = value;
    };
    set("address", me.address);
    set("path", me.path);
    set("host", me.host);
    if (const auto port = value_of(json, "port"); !port.empty()) {
      const unsigned long number = std::stoul(port);
      if (number < 1 || number > 65535) throw Failure{HW_CONFIG, "port: " + port + " is none"};
      me.port = static_cast<uint16_t>(number);
    }
    *out = new Instance(me);
  });
}

int32_t collect(void *instance, const hw_host *host) {
  return guarded(host, [&] { tell(host, ask(host, *static_cast<Instance *>(instance))); });
}

void destroy(void *instance) { delete static_cast<Instance *>(instance); }

const hw_probe probe = {sizeof(hw_probe), HW_ABI_MINOR, &description, create, collect, destroy};

}  // namespace

const hw_probe *hostward_probe_v1(uint32_t) { return &probe; }
