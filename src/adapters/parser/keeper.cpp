#include "adapters/parser/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "adapters/parser/parser_work.h"
#include "adapters/parser/sandbox.h"

namespace letterlock::parser {
namespace {

// The keeper's protocol: one packet asks, one packet answers; the answer to a spawn carries the stream's descriptor.
struct Request {
  bool is_spawn = false;
  pid_t pid = -1;  // of an end
};
struct Answer {
  int error = 0;  // errno
  pid_t pid = -1;
  int wait_status = 0;
  double cpu_seconds = 0;
};

std::unexpected<Error> failed(const char* what, int error) {
  return fail(ErrorKind::unavailable, std::string("parser processes: ") + what + ": " + std::strerror(error));
}

// Overwrite what the environment said (addresses with passwords), where it lies.
void wipe_environment() {
  for (char** entry = environ; entry && *entry; ++entry) explicit_bzero(*entry, std::strlen(*entry));
  clearenv();
}

void send_answer(int control, const Answer& answer, int descriptor) {
  iovec part{const_cast<Answer*>(&answer), sizeof answer};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{.msg_name = nullptr,
                 .msg_namelen = 0,
                 .msg_iov = &part,
                 .msg_iovlen = 1,
                 .msg_control = nullptr,
                 .msg_controllen = 0,
                 .msg_flags = 0};
  if (descriptor >= 0) {
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  if (sendmsg(control, &message, MSG_NOSIGNAL) < 0) _exit(0);  // the worker is gone
}

Result<Answer> receive_answer(int control, int* descriptor) {
  Answer answer;
  iovec part{&answer, sizeof answer};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{.msg_name = nullptr,
                 .msg_namelen = 0,
                 .msg_iov = &part,
                 .msg_iovlen = 1,
                 .msg_control = space,
                 .msg_controllen = sizeof space,
                 .msg_flags = 0};
  ssize_t got;
  do got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got != sizeof answer) return fail(ErrorKind::unavailable, "parser processes: their keeper is gone");
  if (auto* header = CMSG_FIRSTHDR(&message); header && header->cmsg_type == SCM_RIGHTS)
    std::memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
  return answer;
}

[[noreturn]] void run_parser(int socket, int control, Keeper::Work work) {
  close(control);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "letterlock-mail");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // A library's warning could show a message's content.
  if (const int nowhere = open("/dev/null", O_RDWR); nowhere >= 0) {
    for (int standard = 0; standard <= 2; ++standard) dup2(nowhere, standard);
    if (nowhere > 2) close(nowhere);
  }
#endif
  if (!enter_sandbox()) _exit(exit_no_sandbox);
  work(socket);
  _exit(0);
}

Answer spawn_parser(int control, Keeper::Work work, int* descriptor) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {.error = errno};
  constexpr int buffer_bytes = 1 << 20;  // as much as the system grants of it
  for (const int end : ends) setsockopt(end, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    run_parser(ends[1], control, work);
  }
  const int error = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return {.error = error};
  }
  *descriptor = ends[0];
  return {.pid = pid};
}

Answer end_parser(pid_t pid) {
  kill(pid, SIGKILL);
  Answer answer{.pid = pid};
  rusage used{};
  while (wait4(pid, &answer.wait_status, 0, &used) < 0)
    if (errno != EINTR) return {.error = errno};
  answer.cpu_seconds = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  return answer;
}

[[noreturn]] void run_keeper(int control, pid_t worker, Keeper::Work work, void (*prepare)()) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != worker) _exit(0);
  prctl(PR_SET_NAME, "letterlock-keep");
  // The worker ends its processes itself; a signal to the whole group or cgroup is the worker's to answer. Parsers inherit it.
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) std::signal(number, SIG_IGN);
  wipe_environment();
  if (prepare) prepare();
  for (;;) {
    Request request;
    const auto got = recv(control, &request, sizeof request, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof request) _exit(0);  // the worker is gone; the parsers die with their parent
    int descriptor = -1;
    const auto answer = request.is_spawn ? spawn_parser(control, work, &descriptor) : end_parser(request.pid);
    send_answer(control, answer, descriptor);
    if (descriptor >= 0) close(descriptor);
  }
}

}  // namespace

Result<std::unique_ptr<Keeper>> Keeper::start(Work work, void (*prepare)()) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return failed("socketpair", errno);
  const pid_t worker = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    run_keeper(ends[1], worker, work, prepare);
  }
  const int error = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return failed("fork", error);
  }
  return std::unique_ptr<Keeper>(new Keeper(pid, ends[0]));
}

Keeper::~Keeper() {
  close(control_);
  waitpid(pid_, nullptr, 0);
}

Result<Process> Keeper::spawn() {
  std::unique_lock lock(mutex_);
  const Request request{.is_spawn = true};
  if (send(control_, &request, sizeof request, MSG_NOSIGNAL) < 0) return failed("their keeper is gone", errno);
  Process process;
  const auto answer = TRY(receive_answer(control_, &process.socket));
  if (answer.error != 0) return failed("a new one", answer.error);
  process.pid = answer.pid;
  if (process.socket < 0) {  // no descriptor was free for its stream
    lock.unlock();
    TRY(end(process.pid));
    return failed("a new one", EMFILE);
  }
  return process;
}

Result<ProcessEnd> Keeper::end(pid_t pid) {
  const std::lock_guard lock(mutex_);
  const Request request{.is_spawn = false, .pid = pid};
  if (send(control_, &request, sizeof request, MSG_NOSIGNAL) < 0) return failed("their keeper is gone", errno);
  int none = -1;
  const auto answer = TRY(receive_answer(control_, &none));
  if (answer.error != 0) return failed("waiting for one", answer.error);
  return ProcessEnd{.wait_status = answer.wait_status, .cpu = std::chrono::duration<double>(answer.cpu_seconds)};
}

Result<void> Keeper::check() const {
  pollfd end{.fd = control_, .events = 0, .revents = 0};
  if (poll(&end, 1, 0) > 0 && (end.revents & (POLLHUP | POLLERR)) != 0)
    return fail(ErrorKind::unavailable, "the keeper of the parser processes is gone; restart this process");
  return {};
}

}  // namespace letterlock::parser
