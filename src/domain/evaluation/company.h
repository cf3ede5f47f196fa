#pragma once

// A generated company with its ground truth, as docs/reference/company-format.md describes it. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/mailbox_setting.h"
#include "model/user.h"

namespace letterlock::evaluation {

struct StoryMessage {
  std::string mailbox;
  std::string provider_message_id;
};

struct StorySetting {
  std::string mailbox;
  std::string setting_id;
};

struct Story {
  std::string story_id;
  std::string kind;
  bool is_fraud = false;
  std::string twin_of;  // empty: nobody's twin
  TimePoint from;
  std::vector<StoryMessage> messages;
  std::vector<StorySetting> settings;
};

struct Company {
  std::int64_t seed = 0;
  std::string provider;  // google, microsoft
  std::string name;
  std::vector<std::string> domains;
  std::vector<std::string> authserv_ids;
  std::vector<User> people;
  std::vector<Story> stories;
};

struct CompanyMail {
  std::string mailbox;
  std::string provider_message_id;
  std::string folder;
  TimePoint received_at;
  std::string path;
};

// A mailbox's settings from a moment on, all of them.
struct CompanySettings {
  std::string mailbox;
  TimePoint at;
  std::vector<MailboxSetting> settings;
};

// invalid: no JSON, another format, a time that is none; the message names the field.
Result<Company> read_company(std::string_view json);
Result<CompanyMail> read_company_mail(std::string_view json_line);
Result<CompanySettings> read_company_settings(std::string_view json_line);

}  // namespace letterlock::evaluation
