#pragma once

#include <httplib.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace dragoman::test {

/// Has a web server answer on this machine until it is destroyed. The server must outlive it, and know its handlers.
class Listening {
 public:
  explicit Listening(httplib::Server& server) : server_(server), port_(server.bind_to_any_port("127.0.0.1")) {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ~Listening() {
    server_.stop();
    thread_.join();
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  httplib::Server& server_;
  int port_;
  std::thread thread_;
};

/// A web server on this machine that answers every request alike until it is destroyed.
class LocalServer {
 public:
  explicit LocalServer(httplib::Server::Handler handler) {
    server_.Get("/.*", std::move(handler));
    listening_.emplace(server_);
  }
  std::string url() const { return listening_->url(); }

 private:
  httplib::Server server_;
  std::optional<Listening> listening_;
};

}  // namespace dragoman::test
