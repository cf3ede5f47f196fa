#pragma once

// For tests: a file system of a few megabytes that really runs full, a tmpfs mounted in a user and mount namespace of this process's own.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <format>
#include <fstream>
#include <string>

#include "base/encoding.h"
#include "base/result.h"

namespace letterlock::duckdb_adapter {

class SmallDisk {
 public:
  // unavailable: the system lets this process mount nothing (no user namespaces, or the process has threads already).
  static Result<SmallDisk> make(std::int64_t bytes) {
    SmallDisk disk;
    const auto refused = [](const char* what) { return fail(ErrorKind::unavailable, std::string(what) + ": " + std::strerror(errno)); };
    static bool is_alone = false;  // one namespace a process
    if (!is_alone) {
      const auto user = ::getuid(), group = ::getgid();
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return refused("no user namespace of its own");
      std::ofstream("/proc/self/setgroups") << "deny";
      std::ofstream("/proc/self/uid_map") << std::format("{} {} 1", user, user);
      std::ofstream("/proc/self/gid_map") << std::format("{} {} 1", group, group);
      is_alone = true;
    }
    disk.path_ = (std::filesystem::temp_directory_path() / ("letterlock-small-disk-" + new_uuid())).string();
    std::filesystem::create_directory(disk.path_);
    if (::mount("tmpfs", disk.path_.c_str(), "tmpfs", 0, std::format("size={}", bytes).c_str()) != 0)
      return refused("cannot mount a tmpfs");
    return disk;
  }
  SmallDisk(SmallDisk&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  SmallDisk& operator=(SmallDisk&&) = delete;
  ~SmallDisk() {
    if (path_.empty()) return;
    ::umount2(path_.c_str(), MNT_DETACH);
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::int64_t free_bytes() const {
    struct ::statvfs found{};
    CHECK(::statvfs(path_.c_str(), &found) == 0);
    return static_cast<std::int64_t>(found.f_bavail * found.f_frsize);
  }
  void resize(std::int64_t bytes) {
    CHECK(::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, std::format("size={}", bytes).c_str()) == 0);
  }
  // Take all but this much of the room that is free.
  void fill(std::int64_t leave = 0) {
    const int file = ::open((path_ + "/ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    CHECK(file >= 0);
    const std::string block(4096, 'x');
    while (free_bytes() > leave && ::write(file, block.data(), block.size()) > 0) {
    }
    ::close(file);
  }
  void make_room() { std::filesystem::remove(path_ + "/ballast"); }

 private:
  SmallDisk() = default;
  std::string path_;
};

}  // namespace letterlock::duckdb_adapter
