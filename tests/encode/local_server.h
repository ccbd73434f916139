#pragma once

#include <httplib.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

namespace dragoman::test {

/// A web server on this machine that answers until it is destroyed.
class LocalServer {
 public:
  explicit LocalServer(httplib::Server::Handler handler) {
    server_.Get("/.*", std::move(handler));
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ~LocalServer() {
    server_.stop();
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace dragoman::test
