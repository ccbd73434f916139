#include "translate/apertium/flushed_pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "dragoman/base/error.h"

extern char** environ;

namespace dragoman::apertium {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::chrono::milliseconds kFarewell{500};

void close_end(int& file) {
  if (file >= 0) close(file);
  file = -1;
}

/// Two ends that no program inherits by accident. A socket, since a write to a program that is gone must not raise
/// SIGPIPE.
std::array<int, 2> socket_pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Unavailable(fmt::format("no pipe can be made: {}", std::strerror(errno)));
  }
  return ends;
}

}  // namespace

FlushedPipe::FlushedPipe(std::string command, std::chrono::milliseconds patience)
    : command_(std::move(command)), patience_(patience) {}

FlushedPipe::~FlushedPipe() {
  // At the end of its input a pipeline ends by itself, and the time that it took is counted as ours.
  close_end(to_);
  const auto until = std::chrono::steady_clock::now() + kFarewell;
  while (group_ != 0 && std::chrono::steady_clock::now() < until) {
    if (waitpid(group_, nullptr, WNOHANG) == group_) {
      group_ = 0;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  stop();
}

void FlushedPipe::stop() {
  close_end(to_);
  close_end(from_);
  if (group_ == 0) return;
  kill(-group_, SIGKILL);
  waitpid(group_, nullptr, 0);
  group_ = 0;
}

void FlushedPipe::start() {
  if (group_ != 0) return;
  auto in = socket_pair(), out = socket_pair();
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in[1], 0);
  posix_spawn_file_actions_adddup2(&files, out[1], 1);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::array<const char*, 4> words = {"sh", "-c", command_.c_str(), nullptr};
  const int reason = posix_spawnp(&group_, "sh", &files, &attributes, const_cast<char**>(words.data()), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  close_end(in[1]);
  close_end(out[1]);
  to_ = in[0];
  from_ = out[0];
  if (reason != 0) {
    group_ = 0;
    stop();
    throw Unavailable(fmt::format("sh cannot be started: {}", std::strerror(reason)));
  }
}

std::vector<std::string> FlushedPipe::ask(std::span<const std::string> texts) {
  std::vector<std::string> answers;
  if (texts.empty()) return answers;
  start();
  std::string pending, buffer(kReadBytes, '\0'), answer;
  std::size_t next = 0, sent = 0;  // Texts handed to `pending`; bytes of it that were sent.
  const auto fail = [&](std::string why) {
    failure_ = std::move(why);
    stop();
    return answers;
  };
  while (answers.size() < texts.size()) {
    if (sent == pending.size()) {
      pending.clear();
      sent = 0;
      while (next < texts.size() && pending.size() < kReadBytes) (pending += texts[next++]) += '\0';
    }
    std::array<pollfd, 2> ends = {pollfd{from_, POLLIN, 0}, pollfd{to_, POLLOUT, 0}};
    const bool writes = sent < pending.size();
    const int ready = poll(ends.data(), writes ? 2 : 1, static_cast<int>(patience_.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      return fail(fmt::format("gave no answer for {:g} s", static_cast<double>(patience_.count()) / 1000));
    }
    if (ends[0].revents != 0) {
      const ssize_t size = recv(from_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return fail("ended by itself");
      for (ssize_t i = 0; i < size; ++i) {
        const char c = buffer[static_cast<std::size_t>(i)];
        if (c != '\0') {
          answer += c;
          continue;
        }
        // More answers than questions: nobody knows any more which belongs to which.
        if (answers.size() == texts.size()) return fail("wrote more than it was asked for");
        answers.push_back(std::move(answer));
        answer.clear();
      }
    }
    if (writes && (ends[1].revents & POLLOUT) != 0) {
      const ssize_t size = send(to_, pending.data() + sent, pending.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (size > 0) sent += static_cast<std::size_t>(size);
    }
    if (writes && (ends[1].revents & (POLLERR | POLLHUP)) != 0) {
      // Nobody reads any more; what was answered before is still to be read.
      pending.clear();
      sent = 0;
      next = texts.size();
    }
  }
  return answers;
}

std::string pipeline_of(std::string_view mode) {
  std::string command = "set -- -g ''; ";  // $1 and $2 of a mode: mark unknown words; the tagger's settings.
  bool quoted = false, begins = true, in_name = false;
  for (const char c : mode) {
    if (c == '\'') quoted = !quoted;
    const bool space = c == ' ' || c == '\t' || c == '\n';
    if (in_name && (space || (c == '|' && !quoted))) {
      command += " -z";
      in_name = begins = false;
    } else if (begins && !space && !in_name) {
      in_name = true;
    }
    command += c == '\n' ? ' ' : c;
    if (c == '|' && !quoted) begins = true;
  }
  if (in_name) command += " -z";
  return command;
}

std::vector<std::string> files_of(std::string_view mode) {
  std::vector<std::string> files;
  for (std::size_t begin = mode.find('\''); begin != mode.npos;) {
    const std::size_t end = mode.find('\'', begin + 1);
    if (end == mode.npos) break;
    files.emplace_back(mode.substr(begin + 1, end - begin - 1));
    begin = mode.find('\'', end + 1);
  }
  return files;
}

}  // namespace dragoman::apertium
