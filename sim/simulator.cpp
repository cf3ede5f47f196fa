#include "sim/simulator.h"

#include "adapters/crypto/crypto.h"
#include "sim/corpus.h"
#include "sim/keys.h"
#include "sim/organisation.h"
#include "sim/random.h"

namespace letterlock::sim {

Result<std::unique_ptr<Simulator>> Simulator::create(SimulatorOptions options, Clock& clock) {
  std::unique_ptr<Simulator> sim(new Simulator(std::move(options), clock));
  const auto& opt = sim->options_;
  const auto now = opt.now.value_or(clock.now());
  sim->began_at_ = now;
  std::vector<Delivery> corpus;
  if (!opt.corpus.empty()) corpus = TRY(read_corpus(opt.corpus, now));
  std::array<CompanyMail, 2> mail;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto provider = i == 0 ? ProviderKind::google : ProviderKind::microsoft;
    if (opt.corpus.empty()) {
      mail[i] = make_organisation(
          {.provider = provider, .seed = opt.seed, .mailboxes = opt.mailboxes, .messages = opt.messages, .now = now}, &sim->worlds_[i]);
      continue;
    }
    sim->worlds_[i] = std::make_shared<const World>(make_world(provider, opt.seed, opt.mailboxes, now));
    mail[i] = {.company = sim->worlds_[i]->company, .deliveries = corpus_share(corpus, i, sim->worlds_[i]->company.people.size())};
  }
  for (std::size_t i = 0; i < 2; ++i) sim->stories_[i] = mail[i].stories;
  sim->google_ = std::make_unique<GoogleState>(std::move(mail[0]), now);
  sim->microsoft_ = std::make_unique<MicrosoftState>(std::move(mail[1]), now);

  const auto keys = TRY(opt.keys_file.empty() ? make_keys() : keep_keys(opt.keys_file));
  sim->google_key_ = {.client_email = "letterlock-reader@northgate-mail-security.iam.gserviceaccount.com",
                      .private_key_id = keys.google_key_id,
                      .private_key_pem = keys.google_private_key_pem,
                      .public_key_pem = keys.google_public_key_pem};
  sim->registration_ = {
      .tenant = "7d1f2b4e-93c5-4f0a-8b6d-2e5a1c9f3b70",
      .domain = sim->microsoft_->domain(),
      .client_id = "3f9a6c1e-52d8-4b7f-a0e3-94c7d21b8f65",
      .client_secret = keys.client_secret,
      .certificate_pem = TRY(crypto::make_self_signed_certificate(keys.microsoft_private_key_pem, "letterlock-sim", std::chrono::days(30))),
      .private_key_pem = keys.microsoft_private_key_pem};
  sim->google_auth_ = std::make_unique<GoogleAuth>(*sim->google_, sim->google_key_, opt.token_life, clock);
  sim->microsoft_auth_ = std::make_unique<MicrosoftAuth>(sim->registration_, opt.token_life, clock);
  sim->faults_.seed(opt.faults);
  sim->quotas_.set(opt.quotas);
  if (!opt.record_file.empty()) TRY(sim->recorder_.open(opt.record_file, opt.record_bytes_max));
  const Surroundings around{clock, sim->log_, sim->faults_, sim->quotas_, sim->recorder_, sim->cache_};
  sim->google_api_ =
      std::make_unique<GoogleApi>(*sim->google_, *sim->google_auth_, around, GoogleApi::Options{.page_size_max = opt.page_size_max});
  sim->microsoft_api_ = std::make_unique<MicrosoftApi>(*sim->microsoft_, *sim->microsoft_auth_, around,
                                                       MicrosoftApi::Options{.page_size_max = opt.page_size_max});
  return sim;
}

http::Response Simulator::handle(Endpoint endpoint, const http::Request& request) {
  switch (endpoint) {
    case Endpoint::google:
      return google_api_->handle(request);
    case Endpoint::microsoft:
      return microsoft_api_->handle(request);
    case Endpoint::control:
      return control(request);
  }
  return {.status = 503};
}

Json Simulator::connection_json(const std::string& google_url, const std::string& microsoft_url, const std::string& control_url) const {
  const Json key = Json::object({{"type", "service_account"},
                                 {"project_id", "northgate-mail-security"},
                                 {"private_key_id", google_key_.private_key_id},
                                 {"private_key", google_key_.private_key_pem},
                                 {"client_email", google_key_.client_email},
                                 {"client_id", "108412257790113466021"},
                                 {"auth_uri", "https://accounts.google.com/o/oauth2/auth"},
                                 {"token_uri", google_url + "/token"}});
  return Json::object(
      {{"google",
        Json::object(
            {{"url", google_url}, {"service_account_key", key}, {"admin_email", google_->admin_address()}, {"domain", google_->domain()}})},
       {"microsoft", Json::object({{"url", microsoft_url},
                                   {"tenant", registration_.tenant},
                                   {"client_id", registration_.client_id},
                                   {"client_secret", registration_.client_secret},
                                   {"certificate_pem", registration_.certificate_pem},
                                   {"private_key_pem", registration_.private_key_pem},
                                   {"domain", microsoft_->domain()}})},
       {"control_url", control_url}});
}

Json Simulator::truth_json() const {
  Json stories = Json::array();
  for (std::size_t i = 0; i < 2; ++i)
    for (const auto& story : stories_[i]) {
      const auto& people = worlds_[i]->company.people;
      Json messages = Json::array(), settings = Json::array();
      for (const auto& [mailbox, message_id] : story.messages)
        messages.push(Json::object({{"address", people[mailbox].address}, {"message_id", message_id}}));
      for (const auto& [mailbox, setting_id] : story.settings)
        settings.push(Json::object({{"address", people[mailbox].address}, {"setting_id", setting_id}}));
      stories.push(Json::object({{"story_id", story.id},
                                 {"kind", story.kind},
                                 {"provider", i == 0 ? "google" : "microsoft"},
                                 {"is_fraud", story.fraud},
                                 {"twin_of", story.twin_of.empty() ? Json() : Json(story.twin_of)},
                                 {"from", to_rfc3339(story.from)},
                                 {"messages", std::move(messages)},
                                 {"settings", std::move(settings)}}));
    }
  return Json::object({{"format", "letterlock-sim-truth-2"}, {"seed", options_.seed}, {"stories", std::move(stories)}});
}

void Simulator::arrive() {
  const std::lock_guard lock(live_mutex_);
  const auto side = ++arrivals_ % 2;
  const auto& world = worlds_[side];
  auto& future = futures_[side];
  const auto now = clock_.now();
  auto& deliveries = future.mail.deliveries;
  if (future.next_delivery == deliveries.size())
    future = {.mail =
                  make_future(world, deliveries.empty() ? world->now : deliveries.back().received_at + std::chrono::hours(1), arrivals_)};
  if (deliveries.empty()) return;
  // One letter at a time, in all mailboxes that get it; before it what mailboxes' owners, or others, set up.
  const auto planned = deliveries[future.next_delivery].received_at;
  world->live->arrived(planned, now);
  auto& settings = future.mail.settings;
  for (; future.next_setting < settings.size() && settings[future.next_setting].at <= planned; ++future.next_setting)
    add_rules(side, settings[future.next_setting], now);
  for (; future.next_delivery < deliveries.size() && deliveries[future.next_delivery].received_at == planned; ++future.next_delivery)
    deliver(side, deliveries[future.next_delivery], now);
}

void Simulator::deliver(std::size_t side, const Delivery& delivery, TimePoint now) {
  if (delivery.folder == Folder::drafts) return;
  const bool wrote = delivery.folder == Folder::sent;
  const auto labels = wrote ? std::set<std::string>{"SENT"}
                            : std::set<std::string>{"INBOX", "UNREAD", delivery.bulk ? "CATEGORY_PROMOTIONS" : "CATEGORY_PERSONAL"};
  if (side == 0)
    google_->add(google_->users()[delivery.mailbox], delivery.raw, now, labels, delivery.thread);
  else
    microsoft_->add(microsoft_->users()[delivery.mailbox], delivery.raw, now, wrote ? "sentitems" : "inbox", delivery.thread);
}

void Simulator::add_rules(std::size_t side, const SettingsChange& change, TimePoint now) {
  const auto joined = [&](MailboxSettings settings) {
    settings.rules.insert(settings.rules.end(), change.settings.rules.begin(), change.settings.rules.end());
    return settings;
  };
  if (side == 0) {
    const auto& user = google_->users()[change.mailbox];
    google_->set_settings(user, now, joined(google_->settings(user, now)));
  } else {
    const auto& user = microsoft_->users()[change.mailbox];
    microsoft_->set_settings(user, now, joined(microsoft_->settings(user, now)));
  }
}

}  // namespace letterlock::sim
