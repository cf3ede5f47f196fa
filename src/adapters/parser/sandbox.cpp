#include "adapters/parser/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <fstream>
#include <vector>

namespace letterlock::parser {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "the sandbox knows the system calls of x86-64 and arm64"
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;  // the sanitizer reserves terabytes of address space, and writes its report to standard error
#else
constexpr bool is_sanitized = false;
#endif

// Computing, memory, the pipe, the limits of the process itself, its end.
constexpr std::array allowed_calls = {
    SYS_read,         SYS_write,           SYS_close,        SYS_mmap,        SYS_munmap,        SYS_mremap,
    SYS_mprotect,     SYS_madvise,         SYS_brk,          SYS_futex,       SYS_getpid,        SYS_gettid,
    SYS_rt_sigreturn, SYS_rt_sigprocmask,  SYS_rt_sigaction, SYS_sigaltstack, SYS_clock_gettime, SYS_getrandom,
    SYS_sched_yield,  SYS_restart_syscall, SYS_exit,         SYS_exit_group,
};

// A sanitizer finds out whether memory can be read by writing it into a pipe.
constexpr std::array sanitizer_calls = {SYS_pipe2, SYS_fcntl,
#if defined(SYS_pipe)
                                        SYS_pipe
#endif
};

// Calls of which one argument must be a value: a process acts on itself alone.
struct OwnCall {
  long number;
  std::uint32_t argument_value;
};

std::vector<sock_filter> filter_program() {
  const auto own_pid = static_cast<std::uint32_t>(getpid());
  const std::array own_calls = {OwnCall{SYS_prlimit64, 0}, OwnCall{SYS_tgkill, own_pid}};
  const auto load = [](std::size_t offset) -> sock_filter { return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)}; };
  const auto skip_unless = [](std::uint32_t value, std::uint8_t instructions) -> sock_filter {
    return {BPF_JMP | BPF_JEQ | BPF_K, 0, instructions, value};
  };
  const auto answer = [](std::uint32_t action) -> sock_filter { return {BPF_RET | BPF_K, 0, 0, action}; };
  std::vector<sock_filter> program = {load(offsetof(seccomp_data, arch)),
                                      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, architecture},
                                      answer(SECCOMP_RET_KILL_PROCESS),
                                      load(offsetof(seccomp_data, nr))};
  const auto allow = [&](long call) {
    program.push_back(skip_unless(static_cast<std::uint32_t>(call), 1));
    program.push_back(answer(SECCOMP_RET_ALLOW));
  };
  for (const auto call : allowed_calls) allow(call);
  if (is_sanitized)
    for (const auto call : sanitizer_calls) allow(call);
  for (const auto& call : own_calls) {
    program.push_back(skip_unless(static_cast<std::uint32_t>(call.number), 4));
    program.push_back(load(offsetof(seccomp_data, args)));  // the first argument; its low half on these little-endian machines
    program.push_back(skip_unless(call.argument_value, 1));
    program.push_back(answer(SECCOMP_RET_ALLOW));
    program.push_back(answer(SECCOMP_RET_ERRNO | EPERM));
  }
  program.push_back(answer(SECCOMP_RET_ERRNO | EPERM));
  return program;
}

std::unexpected<Error> refused(const char* what) {
  return fail(ErrorKind::unavailable, std::string("the sandbox of a parser process: ") + what + ": " + std::strerror(errno));
}

std::int64_t address_space_bytes() {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

std::int64_t address_space_at_start = 0;  // written once, before the first message

}  // namespace

Result<void> enter_sandbox() {
  address_space_at_start = address_space_bytes();
  constexpr rlimit nothing{0, 0};
  if (setrlimit(RLIMIT_CORE, &nothing) != 0) return refused("RLIMIT_CORE");
  if (!is_sanitized && setrlimit(RLIMIT_FSIZE, &nothing) != 0) return refused("RLIMIT_FSIZE");
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return refused("PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("PR_SET_NO_NEW_PRIVS");
  auto program = filter_program();
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return refused("seccomp");
  return {};
}

void allow_message(const Budget& budget, std::int64_t message_bytes) {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  // RLIMIT_CPU counts whole seconds of the process's life.
  const rlimit cpu{static_cast<rlim_t>(used.tv_sec + 1 + budget.cpu_seconds), RLIM_INFINITY};
  setrlimit(RLIMIT_CPU, &cpu);
  if (is_sanitized) return;
  const rlimit memory{static_cast<rlim_t>(address_space_at_start + budget.memory_of(message_bytes)), RLIM_INFINITY};
  setrlimit(RLIMIT_AS, &memory);
}

}  // namespace letterlock::parser
