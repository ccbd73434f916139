#include "encode/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "dragoman/base/error.h"

extern char** environ;

namespace dragoman {
namespace {

/// Ends the program and waits for it, unless it has ended by itself.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (ended_) return;
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }

  bool ended() {
    const pid_t got = waitpid(id_, &status_, WNOHANG);
    ended_ = got == id_ || (got < 0 && errno != EINTR);
    return ended_;
  }
  int result() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_); }

 private:
  pid_t id_;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace

int run_process(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                const std::function<void()>& tick) {
  std::vector<char*> pointers;
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t id = 0;
  const int reason = posix_spawnp(&id, pointers[0], &files, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (reason == ENOENT) throw NotFound(fmt::format("{}: no such program on PATH", arguments[0]));
  if (reason != 0) throw Unavailable(fmt::format("{}: cannot be started: {}", arguments[0], std::strerror(reason)));

  Child child(id);
  while (!child.ended()) {
    tick();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return child.result();
}

}  // namespace dragoman
