#include <glaze/glaze.hpp>

#include "domain/evaluation/company.h"

namespace letterlock::evaluation {

struct PersonJson {
  std::string user_id, primary_email;
  std::vector<std::string> aliases;
  std::optional<std::string> display_name, given_name, family_name, job_title, department;
  bool is_admin = false;
};
struct StoryJson {
  std::string story_id, kind;
  bool is_fraud = false;
  std::optional<std::string> twin_of;
  std::string from;
  std::vector<StoryMessage> messages;
  std::vector<StorySetting> settings;
};
struct CompanyJson {
  std::string format;
  std::int64_t seed = 0;
  std::string provider, name;
  std::vector<std::string> domains, authserv_ids;
  std::vector<PersonJson> people;
  std::vector<StoryJson> stories;
};
struct SettingJson {
  std::string kind, setting_id, name;
  bool is_enabled = true;
  std::vector<std::string> forward_to;
  std::optional<std::string> move_to;
  bool deletes = false, marks_read = false;
  std::vector<std::string> words, senders;
};
struct SettingsLineJson {
  std::string mailbox, at;
  std::vector<SettingJson> settings;
};
struct MailLineJson {
  std::string mailbox, provider_message_id, folder, received_at, path;
};

namespace {

constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};

Result<TimePoint> time_of(const std::string& text, std::string_view field) {
  const auto time = from_rfc3339(text);
  if (!time) return fail(ErrorKind::invalid, std::string(field) + " is no time: \"" + text + "\"");
  return *time;
}

}  // namespace

Result<Company> read_company(std::string_view json) {
  CompanyJson read;
  const std::string text(json);
  if (const auto error = glz::read<lenient>(read, text))
    return fail(ErrorKind::invalid, "no JSON of a company: " + glz::format_error(error, text).substr(0, 200));
  if (read.format != "letterlock-company-1")
    return fail(ErrorKind::invalid, "the format is \"" + read.format + "\", not \"letterlock-company-1\"");
  Company out{.seed = read.seed,
              .provider = read.provider,
              .name = read.name,
              .domains = std::move(read.domains),
              .authserv_ids = std::move(read.authserv_ids)};
  for (auto& person : read.people)
    out.people.push_back({.user_id = UserId(person.user_id),
                          .primary_email = person.primary_email,
                          .aliases = std::move(person.aliases),
                          .display_name = person.display_name,
                          .given_name = person.given_name,
                          .family_name = person.family_name,
                          .job_title = person.job_title,
                          .department = person.department,
                          .is_admin = person.is_admin});
  for (auto& story : read.stories)
    out.stories.push_back({.story_id = story.story_id,
                           .kind = story.kind,
                           .is_fraud = story.is_fraud,
                           .twin_of = story.twin_of.value_or(""),
                           .from = TRY(time_of(story.from, "from of story " + story.story_id)),
                           .messages = std::move(story.messages),
                           .settings = std::move(story.settings)});
  return out;
}

Result<CompanyMail> read_company_mail(std::string_view json_line) {
  MailLineJson read;
  const std::string text(json_line);
  if (const auto error = glz::read<lenient>(read, text))
    return fail(ErrorKind::invalid, "no JSON of a message: " + glz::format_error(error, text).substr(0, 200));
  return CompanyMail{read.mailbox, read.provider_message_id, read.folder, TRY(time_of(read.received_at, "received_at")), read.path};
}

Result<CompanySettings> read_company_settings(std::string_view json_line) {
  SettingsLineJson read;
  const std::string text(json_line);
  if (const auto error = glz::read<lenient>(read, text))
    return fail(ErrorKind::invalid, "no JSON of settings: " + glz::format_error(error, text).substr(0, 200));
  CompanySettings out{.mailbox = read.mailbox, .at = TRY(time_of(read.at, "at"))};
  for (auto& setting : read.settings)
    out.settings.push_back({.kind = setting.kind,
                            .setting_id = setting.setting_id,
                            .name = setting.name,
                            .is_enabled = setting.is_enabled,
                            .forward_to = std::move(setting.forward_to),
                            .move_to = setting.move_to.value_or(""),
                            .deletes = setting.deletes,
                            .marks_read = setting.marks_read,
                            .words = std::move(setting.words),
                            .senders = std::move(setting.senders),
                            .definition = "{}"});
  return out;
}

}  // namespace letterlock::evaluation
