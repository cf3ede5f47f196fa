#include "sim/ordinary_mail.h"

#include <format>

#include "sim/random.h"

namespace letterlock::sim {
namespace {

using Kind = ConversationKind;

constexpr std::uint64_t subject_salt = 17;

std::string day_name(Random& random) {
  static constexpr const char* days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"};
  return random.pick(days);
}

std::string amount(Random& random) {
  return std::format("{},{:03}.{:02}", random.between(1, 48), random.between(0, 999), random.between(0, 99));
}

std::string date_in(TimePoint time, int days) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time + std::chrono::days(days)));
  return std::format("{:02}/{:02}/{}", static_cast<unsigned>(date.day()), static_cast<unsigned>(date.month()),
                     static_cast<int>(date.year()));
}

std::string subject_of(const World& world, const Conversation& conversation) {
  Random random(conversation.seed + subject_salt);
  const auto goods = random.pick(world.goods);
  const auto site = random.pick(world.sites);
  switch (conversation.kind) {
    case Kind::vendor_invoice: {
      const auto& vendor = world.vendors[conversation.partner % world.vendors.size()];
      return std::format("Invoice {}-{} from {}", "INV", 20000 + conversation.seed % 70000, vendor.company);
    }
    case Kind::vendor_talk: {
      const auto& vendor = world.vendors[conversation.partner % world.vendors.size()];
      const std::string subjects[] = {"Delivery of " + goods,           "Your order " + std::to_string(4000 + conversation.seed % 5000),
                                      "Price list for " + vendor.trade, "Visit to " + site,
                                      "Shortage on the last delivery",  "Planned maintenance at " + vendor.company};
      return random.pick(subjects);
    }
    case Kind::customer_talk: {
      const std::string subjects[] = {"Order for " + goods,           "Quantities for next week", "Availability of " + goods,
                                      "Feedback from our site visit", "Complaint about " + goods, "Contract renewal"};
      return random.pick(subjects);
    }
    case Kind::internal_talk: {
      const std::string subjects[] = {"Rota for " + site,
                                      "Minutes from " + day_name(random),
                                      "Stock count: " + goods,
                                      "Holiday cover",
                                      "Month-end figures",
                                      "Visitors at " + site + " on " + day_name(random),
                                      "New starter on " + day_name(random),
                                      "Question about " + goods,
                                      "Budget for the second half",
                                      "Fire drill at " + site};
      return random.pick(subjects);
    }
    case Kind::newsletter: {
      const std::string subjects[] = {"Five things to know this week", "Prices, people and plants: the weekly round-up",
                                      "What the new labelling rules mean", "Energy costs: where they go from here",
                                      "Interview: thirty years on the road"};
      return world.bulk[conversation.partner % 2].name + ": " + std::string(random.pick(subjects));
    }
    case Kind::notification: {
      const std::string subjects[] = {"[Ticket #" + std::to_string(1000 + conversation.seed % 9000) + "] Printer on the second floor",
                                      "You have 3 tasks due this week", "Weekly summary for your team",
                                      "[Ticket #" + std::to_string(1000 + conversation.seed % 9000) + "] New laptop"};
      return random.pick(subjects);
    }
    case Kind::draft:
      return "Notes for " + day_name(random);
  }
  return {};
}

std::string sign_off(Random& random) {
  static constexpr const char* lines[] = {"Best regards", "Kind regards", "Many thanks", "Thanks", "Best", "Regards"};
  return random.pick(lines);
}

std::string opening(Random& random, const std::string& given) {
  static constexpr const char* greetings[] = {"Hi {}", "Hello {}", "Dear {}", "Good morning {}", "{}"};
  const std::string greeting = random.pick(greetings);
  return std::vformat(greeting, std::make_format_args(given)) + ",\n\n";
}

std::string paragraph(const World& world, const Conversation& conversation, Random& random, std::uint32_t index) {
  const auto goods = random.pick(world.goods);
  const auto site = random.pick(world.sites);
  const auto day = day_name(random);
  const auto number = std::to_string(random.between(2, 60));
  const bool outside = conversation.kind == Kind::vendor_talk || conversation.kind == Kind::customer_talk;
  if (index == 0) {
    const std::string first[] = {
        "could you let me know when we can expect " + goods + "? We have " + number + " on hand and " + site +
            " is asking for the plan until " + day + ".",
        "a quick update on " + goods + ": the truck left this morning and should reach " + site + " by " + day +
            " noon. I will send the papers separately.",
        "following our call, here is what we agreed for " + site + ": start on " + day +
            ", two people from each side, safety shoes and hi-vis please.",
        "we counted " + number + " short on the last run. Could somebody look at the pick list before " + day + "?",
        "please find below the quantities for next week. " + goods + " goes up by " + number + " per cent, the rest stays as it is.",
        "the auditors come to " + site + " on " + day + ". I would like to walk through the open points before that. Does " + number +
            " minutes after lunch suit you?",
        "there was a question about " + goods + " in this morning's meeting and nobody was sure. Do you know who signed it off last time?"};
    std::string text = random.pick(first);
    if (random.chance(50)) {
      const std::string second[] = {"Nothing dramatic, but I would rather know today than on " + day + ".",
                                    "Photos are on the shared drive, in the folder with last week's date.",
                                    "If " + day + " is too tight, say so and we find another slot.",
                                    "I am at " + site + " all afternoon, so a call works best after four.",
                                    "The previous one took longer than planned, so let us leave some room this time."};
      text += "\n\n" + random.pick(second);
    }
    return text;
  }
  const std::string replies[] = {
      "thanks, that works. I have told " + site + " and they will be ready on " + day + ".",
      "understood. Please send the updated list by " + day + ", then I can confirm the quantities.",
      "I checked with the team: " + number + " is right, the difference was booked on the wrong day. Corrected now.",
      "that is fine with us. One small change: could it be in the morning? " + site + " closes at three on " + day + ".",
      "sorry for the delay, I was at " + site + ". Yes, go ahead, and copy the warehouse please.",
      outside ? "perfect, confirmed from our side. We will be in touch if anything moves."
              : "perfect. I will put it on the agenda for " + day + "."};
  return random.pick(replies);
}

struct Parties {
  Address owner, partner;
  const Correspondent* company = nullptr;  // of the partner, when outside
  std::string trade;
};

Parties parties_of(const World& world, const Conversation& conversation) {
  const auto& owner = world.person(conversation.owner);
  Parties parties{.owner = {owner.name(), owner.address}};
  switch (conversation.kind) {
    case Kind::vendor_invoice:
      parties.company = &world.vendors[conversation.partner % world.vendors.size()];
      parties.partner = parties.company->accounts;
      break;
    case Kind::vendor_talk:
      parties.company = &world.vendors[conversation.partner % world.vendors.size()];
      parties.partner = parties.company->sales;
      break;
    case Kind::customer_talk:
      parties.company = &world.customers[conversation.partner % world.customers.size()];
      parties.partner = parties.company->sales;
      break;
    case Kind::internal_talk: {
      const auto& colleague = world.person(conversation.partner);
      parties.partner = {colleague.name(), colleague.address};
      break;
    }
    case Kind::newsletter:
    case Kind::notification:
      parties.partner = world.bulk[conversation.partner % world.bulk.size()].from;
      break;
    case Kind::draft:
      parties.partner = parties.owner;
      break;
  }
  return parties;
}

std::string quoted(const std::string& text, const Address& author, TimePoint when) {
  std::string out = "\n\nOn " + rfc5322_date(when).substr(0, 22) + ", " + author.name + " <" + author.address + "> wrote:\n> ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "> ";
  }
  return out;
}

std::string text_of(const World& world, const Conversation& conversation, std::uint32_t index) {
  Random random(mixed(conversation.seed + 1000 + index));
  const auto parties = parties_of(world, conversation);
  const bool by_owner = written_by_owner(conversation, index);
  const auto& author = by_owner ? parties.owner : parties.partner;
  const auto& reader = by_owner ? parties.partner : parties.owner;
  const auto reader_given = reader.name.substr(0, reader.name.find(' '));
  std::string text;
  if (conversation.kind == Kind::vendor_invoice) {
    const auto& vendor = *parties.company;
    if (index == 0)
      text = std::format(
          "Dear {},\n\nplease find attached our invoice for {} delivered last month.\n\nAmount due: GBP {}\nDue date: {}\nBank: Northwest "
          "Exchange Bank\nIBAN: {}\n\nIf you have any question about this invoice, simply reply to "
          "this e-mail.\n\n{}\n{}\n{}\n",
          reader_given, vendor.trade, amount(random), date_in(conversation.start, 30), vendor.iban, sign_off(random), author.name,
          vendor.company);
    else
      text = std::format("Hi,\n\nreceived, thank you. It is booked and goes out with the payment run on {}.\n\n{}\n{}\n{}\n",
                         day_name(random), sign_off(random), author.name, world.company.name);
  } else {
    auto body = paragraph(world, conversation, random, index);
    text = opening(random, reader_given) + body + "\n\n" + sign_off(random) + "\n" + author.name + "\n";
    if (by_owner)
      text += world.person(conversation.owner).job_title + ", " + world.company.name + "\n";
    else if (parties.company)
      text += parties.company->company + "\n";
    else
      text += world.person(conversation.partner).job_title + "\n";
  }
  if (index > 0)
    text += quoted(text_of(world, conversation, index - 1), by_owner ? parties.partner : parties.owner,
                   conversation_time(conversation, index - 1));
  return text;
}

void write_newsletter(const World& world, const Conversation& conversation, MailSpec& spec) {
  Random random(mixed(conversation.seed + 5));
  const auto& sender = world.bulk[conversation.partner % world.bulk.size()];
  const auto& reader = world.person(conversation.owner);
  static constexpr const char* headlines[] = {"Energy prices ease for a third week", "New rules for driver hours: what changes",
                                              "Retailers test returnable trays",     "Apprenticeships: the numbers behind the headlines",
                                              "Warehouse robots, one year on",       "A small bakery that ships to nine countries",
                                              "Ports report shorter queues",         "Sugar at its lowest since spring"};
  std::string text, items;
  const auto first = random.below(std::size(headlines));
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string headline = headlines[(first + i) % std::size(headlines)];
    const auto link = std::format("https://{}/articles/{}", sender.link_domain, random.between(1000, 99999));
    text += headline + "\n" + link + "\n\n";
    items += std::format(
        "<tr><td><h3><a href=\"{}\">{}</a></h3><p>Our correspondent looks at what it means for firms of all sizes, with figures from the "
        "last quarter.</p></td></tr>\n",
        link, headline);
  }
  const auto unsubscribe = std::format("https://{}/unsubscribe/{}", sender.link_domain, random.hex(20));
  spec.text = text + "You receive this because you subscribed with " + reader.address + ".\nUnsubscribe: " + unsubscribe + "\n";
  spec.html = "<html><head><style>td{font-family:Arial}</style></head><body><table width=\"600\">\n<tr><td><h1>" + sender.name +
              "</h1></td></tr>\n" + items + "</table>\n<p style=\"font-size:11px\">You receive this because you subscribed with " +
              reader.address + ". <a href=\"" + unsubscribe + "\">Unsubscribe</a></p></body></html>\n";
  spec.list_id = sender.list_id;
  spec.list_unsubscribe = unsubscribe;
  spec.authentication = {.envelope_domain = "bounce." + sender.domain,
                         .ip = "198.51.100." + std::to_string(10 + conversation.partner % 4),
                         .host = "out1.bounce." + sender.domain};
}

void write_notification(const World& world, const Conversation& conversation, MailSpec& spec) {
  Random random(mixed(conversation.seed + 6));
  const auto& sender = world.bulk[conversation.partner % world.bulk.size()];
  const auto& reader = world.person(conversation.owner);
  const auto link = std::format("https://{}/t/{}", sender.link_domain, random.hex(10));
  const auto colleague = world.person(random.below(world.company.people.size())).name();
  spec.text = std::format("Hi {},\n\n{} commented:\n\n\"{}\"\n\nView it: {}\n\n{} - you can change how often we write in your settings.\n",
                          reader.given, colleague, paragraph(world, conversation, random, 1), link, sender.name);
  spec.html = std::format(
      "<html><body><p>Hi {},</p><p><b>{}</b> commented:</p><blockquote>{}</blockquote><p><a href=\"{}\">View in {}</a></p></body></html>\n",
      reader.given, colleague, paragraph(world, conversation, random, 1), link, sender.name);
  spec.authentication = {.ip = "198.51.100." + std::to_string(40 + conversation.partner % 4), .host = "mailer." + sender.domain};
  spec.mailer = sender.name + " mailer";
}

}  // namespace

bool written_by_owner(const Conversation& conversation, std::uint32_t index) {
  switch (conversation.kind) {
    case Kind::vendor_invoice:
      return index % 2 == 1;
    case Kind::newsletter:
    case Kind::notification:
      return false;
    case Kind::draft:
      return true;
    default:
      return (index + conversation.seed) % 2 == 0;
  }
}

TimePoint conversation_time(const Conversation& conversation, std::uint32_t index) {
  Random random(mixed(conversation.seed + 77));
  auto time = conversation.start;
  for (std::uint32_t i = 0; i < index; ++i) time += std::chrono::minutes(random.between(12, 900));
  return time;
}

std::string conversation_message_id(const World& world, const Conversation& conversation, std::uint32_t index) {
  const auto parties = parties_of(world, conversation);
  const auto domain = domain_of((written_by_owner(conversation, index) ? parties.owner : parties.partner).address);
  Random random(mixed(conversation.seed + 31 + index * 7919));
  const auto host = domain == world.company.domain
                        ? world.company.provider == ProviderKind::google
                              ? "mail.gmail.com"
                              : "AM9PR04MB" + std::to_string(1000 + conversation.seed % 9000) + ".eurprd04.prod.outlook.com"
                        : "mail." + domain;
  return "<" + (host == "mail.gmail.com" ? "CA" + random.letters(10) + "+" + random.letters(34) : random.letters(24)) + "@" + host + ">";
}

MailSpec ordinary_mail(const World& world, const Conversation& conversation, std::uint32_t index) {
  const auto parties = parties_of(world, conversation);
  const bool by_owner = written_by_owner(conversation, index);
  MailSpec spec{.from = by_owner ? parties.owner : parties.partner,
                .to = {by_owner ? parties.partner : parties.owner},
                .subject = (index > 0 ? "Re: " : "") + subject_of(world, conversation),
                .message_id = conversation_message_id(world, conversation, index),
                .date = conversation_time(conversation, index)};
  for (std::uint32_t i = 0; i < index; ++i) spec.references.push_back(conversation_message_id(world, conversation, i));
  if (index > 0) spec.in_reply_to = spec.references.back();
  if (conversation.kind == Kind::newsletter) {
    write_newsletter(world, conversation, spec);
    return spec;
  }
  if (conversation.kind == Kind::notification) {
    write_notification(world, conversation, spec);
    return spec;
  }
  spec.text = text_of(world, conversation, index);
  if (by_owner || conversation.kind == Kind::internal_talk || conversation.seed % 3 == 0) spec.html = html_from_text(spec.text);
  if (!by_owner && parties.company) {
    spec.authentication = {.ip = parties.company->ip, .host = "mail." + parties.company->domain};
    spec.mailer = parties.company->mailer;
  }
  if (conversation.kind == Kind::vendor_invoice && index == 0)
    spec.attachments.push_back(
        {.name = std::format("invoice-{}.pdf", 20000 + conversation.seed % 70000),
         .type = "application/pdf",
         .bytes = small_pdf({parties.company->company, spec.subject, "Please see the e-mail for payment details."})});
  if (conversation.kind == Kind::internal_talk && index == 0 && conversation.seed % 5 == 0)
    spec.attachments.push_back({.name = "figures.csv", .type = "text/csv", .bytes = "site,week,units\nA,1,120\nB,1,96\n"});
  return spec;
}

std::string ConversationRaw::read() const {
  const auto& owner = world_->person(conversation_->owner);
  const auto& reader = world_->person(mailbox_);
  const auto spec = ordinary_mail(*world_, *conversation_, index_);
  (void)owner;
  return compose(spec, {.provider = world_->company.provider,
                        .address = reader.address,
                        .outgoing = equal_ignoring_case(spec.from.address, reader.address),
                        .internal = domain_of(spec.from.address) == world_->company.domain});
}

}  // namespace letterlock::sim
