#pragma once

// What every connector must do, whatever it speaks. A world is a provider with mail in it that a test can change; each
// connector brings one and instantiates the suite: INSTANTIATE_TEST_SUITE_P(Google, ProviderConformance, …).

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "providers/provider.h"
#include "providers/walk_recorder.h"

namespace letterlock::providers {

struct WorldMailbox {
  std::string address;
  std::set<std::string> ids;                            // messages that are there, drafts left out
  std::map<std::string, std::set<std::string>> places;  // id → labels, or its folder
};

class ProviderWorld {
 public:
  virtual ~ProviderWorld() = default;
  virtual std::unique_ptr<Provider> make_provider() = 0;    // a new one, as after a restart
  virtual std::map<std::string, WorldMailbox> truth() = 0;  // by user id
  virtual void deliver(const std::string& address, const std::string& raw) = 0;

  // What each mailbox does with mail by itself, by user id, sorted by kind and id and without definitions; nullopt: it has no such
  // settings.
  virtual std::optional<std::map<std::string, std::vector<MailboxSetting>>> settings() { return std::nullopt; }
  virtual void change_settings(const std::string&) {}  // of a mailbox: rules of every sort, and forwarding where the provider has it

  // Only at a provider behind HTTP; an archive neither forgets nor refuses.
  virtual bool is_remote() const { return true; }
  virtual void remove(const std::string&, const std::string&) {}
  virtual void relocate(const std::string&, const std::string&) {}                                // another folder, or another label
  virtual void put_back(const std::string&, const std::string&, const std::set<std::string>&) {}  // where it was, after relocate()
  virtual void expire_cursors() {}
  virtual void expire_tokens() {}
  // Answers to requests whose path and query contains `match`; JSON members such as "status":503,"times":2.
  virtual void order_fault(const std::string&, const std::string&) {}
  virtual std::string mail_path() const { return ""; }  // part of every request for mail
};

using MakeWorld = std::function<std::unique_ptr<ProviderWorld>()>;

class ProviderConformance : public testing::TestWithParam<MakeWorld> {
 protected:
  void SetUp() override;
  // Walk every active mailbox once; the first error ends it.
  Result<void> walk_all(WalkLimits limits = {.step_messages_max = 7});
  void expect_truth();
  std::string first_user();  // the one with most messages

  std::unique_ptr<ProviderWorld> world_;
  std::map<std::string, WalkRecorder> stores_;
};

}  // namespace letterlock::providers
