#pragma once

// How many connections there are, in all and of each address, and how many bytes of requests they hold. Owned by the server; any thread.

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace letterlock::http {

class ConnectionLimits {
 public:
  // A place for one connection, given back by its destructor.
  class Place {
   public:
    Place(Place&& other) noexcept : limits_(std::exchange(other.limits_, nullptr)), group_(std::move(other.group_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (limits_) limits_->leave(group_);
    }

   private:
    friend class ConnectionLimits;
    Place(ConnectionLimits& limits, std::string group) : limits_(&limits), group_(std::move(group)) {}
    ConnectionLimits* limits_;
    std::string group_;
  };

  ConnectionLimits(std::size_t connections_max, std::size_t per_group_max)
      : connections_max_(connections_max), per_group_max_(per_group_max) {}

  // nullopt: there are as many as may be, in all or of this group of addresses. An empty group is not counted by itself.
  std::optional<Place> enter(const std::string& group);
  std::size_t connections() const;

 private:
  void leave(const std::string& group);

  const std::size_t connections_max_, per_group_max_;
  mutable std::mutex mutex_;
  std::size_t connections_ = 0;
  std::map<std::string, std::size_t> of_group_;
};

// Bytes that connections hold together, up to a limit.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // What one connection holds of it, given back by the destructor. Used by one thread at a time.
  class Share {
   public:
    Share(ByteBudget& budget, std::size_t free_bytes) : budget_(budget), free_bytes_(free_bytes) {}
    Share(const Share&) = delete;
    ~Share() { budget_.held_ -= counted_; }
    // The connection holds this many bytes now; false: that is more than there is room for, and nothing has changed.
    bool hold(std::size_t bytes);

   private:
    ByteBudget& budget_;
    const std::size_t free_bytes_;  // are not counted
    std::size_t counted_ = 0;
  };

  std::size_t held() const { return held_; }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> held_ = 0;
};

}  // namespace letterlock::http
