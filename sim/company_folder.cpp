#include "sim/company_folder.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <format>
#include <fstream>
#include <map>
#include <memory>

#include "sim/composer.h"
#include "sim/json.h"
#include "sim/mime_reader.h"
#include "sim/random.h"

namespace letterlock::sim {
namespace {

using MessageKey = std::pair<std::size_t, std::string>;  // mailbox, Message-ID

// Ids of the shape that each provider gives.
std::string user_id(ProviderKind provider, const Person& person) {
  Random random(hashed(person.address, 1));
  if (provider == ProviderKind::microsoft)
    return std::format("{}-{}-4{}-a{}-{}", random.hex(8), random.hex(4), random.hex(3), random.hex(3), random.hex(12));
  std::string id = "1";
  while (id.size() < 21) id += static_cast<char>('0' + random.below(10));
  return id;
}
std::string message_id(ProviderKind provider, const Person& person, std::size_t number) {
  Random random(hashed(person.address, mixed(number)));
  return provider == ProviderKind::google ? "19" + random.hex(14) : "AAkALgAAAAAAHYQDEapmEc2byACqAC" + random.letters(46) + "AAA=";
}

std::string folder_name(Folder folder) {
  switch (folder) {
    case Folder::inbox:
      return "inbox";
    case Folder::sent:
      return "sent";
    case Folder::drafts:
      return "drafts";
    case Folder::archive:
      return "archive";
    case Folder::trash:
      return "trash";
    case Folder::junk:
      return "junk";
    case Folder::project:
      return "Projects";
  }
  return {};
}

Json strings(std::vector<std::string> items) {
  for (auto& item : items) item = lower_case(item);
  std::ranges::sort(items);
  Json array = Json::array();
  for (auto& item : items) array.push(std::move(item));
  return array;
}

// Gmail has no such folders as Graph's well-known ones; its filters file by label.
std::string place(ProviderKind provider, const std::string& move_to) {
  if (provider == ProviderKind::microsoft) return move_to;
  return move_to == "deleteditems" ? "trash" : move_to == "junkemail" ? "spam" : move_to;
}

Json setting(std::string_view kind, const std::string& id, const std::string& forward_to) {
  return Json::object({{"kind", kind},
                       {"setting_id", id},
                       {"name", ""},
                       {"is_enabled", true},
                       {"forward_to", forward_to.empty() ? Json::array() : strings({forward_to})},
                       {"move_to", ""},
                       {"deletes", false},
                       {"marks_read", false},
                       {"words", Json::array()},
                       {"senders", Json::array()}});
}

Json settings_json(ProviderKind provider, const MailboxSettings& settings) {
  Json all = Json::array();
  for (const auto& rule : settings.rules) {
    auto words = rule.subject_contains;
    words.insert(words.end(), rule.body_contains.begin(), rule.body_contains.end());
    auto item = setting("rule", rule.id, rule.forward_to.value_or(""));
    item.set("name", provider == ProviderKind::google ? "" : rule.name);
    item.set("is_enabled", rule.enabled);
    item.set("move_to", place(provider, rule.move_to.value_or("")));
    item.set("deletes", rule.deletes);
    item.set("marks_read", rule.marks_read);
    item.set("words", strings(words));
    item.set("senders", strings(rule.from_contains));
    all.push(std::move(item));
  }
  if (settings.auto_forward_to) all.push(setting("auto_forward", lower_case(*settings.auto_forward_to), *settings.auto_forward_to));
  for (const auto& address : settings.forwarding_addresses) all.push(setting("forwarding_address", lower_case(address), address));
  for (const auto& address : settings.delegates) all.push(setting("delegate", lower_case(address), address));
  return all;
}

Json people_json(const Company& company) {
  Json people = Json::array();
  for (std::size_t i = 0; i < company.people.size(); ++i) {
    const auto& person = company.people[i];
    people.push(Json::object({{"user_id", user_id(company.provider, person)},
                              {"primary_email", person.address},
                              {"aliases", Json::array()},
                              {"display_name", person.name()},
                              {"given_name", person.given},
                              {"family_name", person.family},
                              {"job_title", person.job_title},
                              {"department", person.department},
                              {"is_admin", i == (company.people.size() > 3 ? 3u : 0u)}}));
  }
  return people;
}

Json stories_json(const CompanyMail& mail, const std::map<MessageKey, std::string>& ids) {
  const auto& company = mail.company;
  Json stories = Json::array();
  for (const auto& story : mail.stories) {
    Json messages = Json::array(), settings = Json::array();
    for (const auto& message : story.messages)
      if (const auto found = ids.find({message.mailbox, message.message_id}); found != ids.end())
        messages.push(Json::object(
            {{"mailbox", user_id(company.provider, company.people[message.mailbox])}, {"provider_message_id", found->second}}));
    for (const auto& item : story.settings)
      settings.push(Json::object({{"mailbox", user_id(company.provider, company.people[item.mailbox])}, {"setting_id", item.setting_id}}));
    stories.push(Json::object({{"story_id", story.id},
                               {"kind", story.kind},
                               {"is_fraud", story.fraud},
                               {"twin_of", story.twin_of.empty() ? Json() : Json(story.twin_of)},
                               {"from", to_rfc3339(story.from)},
                               {"messages", std::move(messages)},
                               {"settings", std::move(settings)}}));
  }
  return stories;
}

// A tar of messages, compressed as it grows.
class MessageArchive {
 public:
  static Result<MessageArchive> create(const std::filesystem::path& file) {
    MessageArchive made;
    auto* out = made.archive_.get();
    archive_write_add_filter_zstd(out);
    archive_write_set_format_ustar(out);
    if (archive_write_open_filename(out, file.c_str()) != ARCHIVE_OK)
      return fail(ErrorKind::invalid, "writing " + file.string() + ": " + archive_error_string(out));
    return made;
  }
  Result<void> add(const std::string& path, const std::string& bytes, TimePoint time) {
    archive_entry_clear(entry_.get());
    archive_entry_set_pathname(entry_.get(), path.c_str());
    archive_entry_set_size(entry_.get(), static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry_.get(), AE_IFREG);
    archive_entry_set_perm(entry_.get(), 0600);
    archive_entry_set_mtime(entry_.get(), to_unix_micros(time) / 1'000'000, 0);
    if (archive_write_header(archive_.get(), entry_.get()) != ARCHIVE_OK ||
        archive_write_data(archive_.get(), bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size()))
      return fail(ErrorKind::invalid, "writing " + path + " of mail.tar.zst: " + archive_error_string(archive_.get()));
    return {};
  }
  Result<void> close() {
    if (archive_write_close(archive_.get()) != ARCHIVE_OK)
      return fail(ErrorKind::invalid, std::string("closing mail.tar.zst: ") + archive_error_string(archive_.get()));
    return {};
  }

 private:
  MessageArchive() = default;
  std::unique_ptr<archive, int (*)(archive*)> archive_{archive_write_new(), archive_write_free};
  std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry_{archive_entry_new(), archive_entry_free};
};

Result<void> close(std::ofstream& out, const std::filesystem::path& file) {
  if (!out.flush()) return fail(ErrorKind::invalid, "cannot write " + file.string());
  return {};
}

}  // namespace

Result<CompanyFolderCounts> write_company(const CompanyMail& mail, const CompanyFolder& target) {
  const auto& company = mail.company;
  std::error_code error;
  std::filesystem::create_directories(target.folder, error);
  if (error) return fail(ErrorKind::invalid, "making " + target.folder.string() + ": " + error.message());
  if (!std::filesystem::is_empty(target.folder, error) || error)
    return fail(ErrorKind::invalid, target.folder.string() + " is not empty; name a new folder");

  CompanyFolderCounts counts{.settings = mail.settings.size(), .stories = mail.stories.size()};
  std::map<MessageKey, std::string> story_ids;
  for (const auto& story : mail.stories) {
    counts.frauds += story.fraud;
    for (const auto& message : story.messages) story_ids[{message.mailbox, message.message_id}] = "";
  }
  std::vector<const Delivery*> deliveries;
  for (const auto& delivery : mail.deliveries)
    if (delivery.folder != Folder::drafts) deliveries.push_back(&delivery);
  std::ranges::stable_sort(deliveries, {}, [](const Delivery* delivery) { return std::pair(delivery->received_at, delivery->mailbox); });

  const auto list_file = target.folder / "mail.jsonl";
  std::ofstream list(list_file, std::ios::binary);
  auto archive = TRY(MessageArchive::create(target.folder / "mail.tar.zst"));
  for (const auto* delivery : deliveries) {
    const auto& person = company.people[delivery->mailbox];
    const auto bytes = delivery->raw->read();
    const auto id = message_id(company.provider, person, counts.messages);
    const auto path = std::format("{}/{:06}.eml", person.address.substr(0, person.address.find('@')), ++counts.messages);
    TRY(archive.add(path, bytes, delivery->received_at));
    list << Json::object({{"mailbox", user_id(company.provider, person)},
                          {"provider_message_id", id},
                          {"folder", folder_name(delivery->folder)},
                          {"received_at", to_rfc3339(delivery->received_at)},
                          {"path", path}})
                .dump()
         << '\n';
    const auto known = story_ids.find({delivery->mailbox, std::string(read_headers(bytes).header("Message-ID"))});
    if (known != story_ids.end()) known->second = id;
  }
  TRY(archive.close());
  TRY(close(list, list_file));
  for (const auto& [key, id] : story_ids)
    if (id.empty()) return fail(ErrorKind::internal, "a story names " + key.second + ", which is in no mailbox");

  const auto settings_file = target.folder / "settings.jsonl";
  std::ofstream settings(settings_file, std::ios::binary);
  for (const auto& change : mail.settings)
    settings << Json::object({{"mailbox", user_id(company.provider, company.people[change.mailbox])},
                              {"at", to_rfc3339(change.at)},
                              {"settings", settings_json(company.provider, change.settings)}})
                    .dump()
             << '\n';
  TRY(close(settings, settings_file));

  const auto company_file = target.folder / "company.json";
  std::ofstream about(company_file, std::ios::binary);
  const bool google = company.provider == ProviderKind::google;
  about << Json::object({{"format", "letterlock-company-1"},
                         {"seed", target.seed},
                         {"provider", google ? "google" : "microsoft"},
                         {"name", company.name},
                         {"domains", Json::array({company.domain})},
                         {"authserv_ids", Json::array({google ? "mx.google.com" : "microsoft"})},
                         {"from", to_rfc3339(target.from)},
                         {"to", to_rfc3339(target.to)},
                         {"people", people_json(company)},
                         {"stories", stories_json(mail, story_ids)}})
               .dump()
        << '\n';
  TRY(close(about, company_file));
  return counts;
}

}  // namespace letterlock::sim
