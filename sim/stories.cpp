#include "sim/stories.h"

#include <format>

#include "base/encoding.h"
#include "sim/composer.h"
#include "sim/random.h"

namespace letterlock::sim {
namespace {

class Weaver {
 public:
  Weaver(const std::shared_ptr<const World>& world, CompanyMail& mail) : world_(*world), mail_(mail), random_(mixed(world->seed + 4242)) {}

  Address employee(std::size_t index) const { return {world_.person(index).name(), world_.person(index).address}; }
  const World& world() const { return world_; }
  Random& random() { return random_; }

  std::string message_id(std::string_view domain) { return "<" + random_.letters(22) + "@" + std::string(domain) + ">"; }
  // A working moment `days` before now.
  TimePoint days_ago(int days) {
    return std::chrono::floor<std::chrono::days>(world_.now) - std::chrono::days(days) +
           std::chrono::minutes(random_.between(8 * 60, 16 * 60));
  }

  // Put one inbound mail into the mailboxes of those it is addressed to.
  void receive(MailSpec spec, const std::vector<std::size_t>& mailboxes, const char* kind, bool fraud) {
    Story story{.id = std::format("{}-{}", kind, mail_.stories.size()), .kind = kind, .fraud = fraud, .from = spec.date};
    if (spec.html.empty()) spec.html = html_from_text(spec.text);
    for (const auto mailbox : mailboxes) {
      const auto index = world_.index(mailbox);
      put(spec, index, Folder::inbox);
      story.messages.push_back({.mailbox = index, .message_id = spec.message_id});
    }
    mail_.stories.push_back(std::move(story));
  }
  // Background that makes a correspondent known; no story of its own.
  void background(const MailSpec& spec, std::size_t mailbox, bool outgoing) {
    put(spec, world_.index(mailbox), outgoing ? Folder::sent : Folder::inbox);
  }

 private:
  void put(const MailSpec& spec, std::size_t mailbox, Folder folder) {
    const Viewpoint viewpoint{
        .provider = world_.company.provider, .address = world_.person(mailbox).address, .outgoing = folder == Folder::sent};
    mail_.deliveries.push_back({.mailbox = mailbox,
                                .folder = folder,
                                .read = folder == Folder::sent || spec.date < world_.now - std::chrono::hours(30),
                                .received_at = spec.date,
                                .thread = spec.references.empty() ? spec.message_id : spec.references.front(),
                                .raw = std::make_shared<StoredRaw>(compose(spec, viewpoint))});
  }

  const World& world_;
  CompanyMail& mail_;
  Random random_;
};

std::string short_name(const Address& address) { return address.name.substr(0, address.name.find(' ')); }

const Authentication free_mail{.envelope_domain = "gmail.com", .ip = "209.85.128.54", .host = "mail-wm1-f54.google.com"};

// Catalogue number 1: a VIP's display name on a stranger's address.
void vip_impersonation(Weaver& weaver) {
  const auto ceo = weaver.employee(0), cfo = weaver.employee(1), payable = weaver.employee(2);
  weaver.receive({.from = {ceo.name, "executive.desk.4471902@gmail.com"},
                  .to = {payable},
                  .subject = "Quick task",
                  .text = std::format("{},\n\nAre you at your desk? I am in a meeting and cannot take calls. I need a payment to a new "
                                      "supplier handled today, before three. "
                                      "Reply here and I will send you the bank details.\n\n{}\n\nSent from my iPhone\n",
                                      short_name(payable), ceo.name),
                  .message_id = weaver.message_id("mail.gmail.com"),
                  .date = weaver.days_ago(2),
                  .authentication = free_mail},
                 {2}, "vip_impersonation", true);
  // The same person writes from a private address to the own mailbox.
  weaver.receive({.from = {cfo.name, "home.of.the.cfo.558120@gmail.com"},
                  .to = {cfo},
                  .subject = "Train tickets",
                  .text = "Tickets for Thursday, so that I have them on the work phone too.\n",
                  .message_id = weaver.message_id("mail.gmail.com"),
                  .date = weaver.days_ago(3),
                  .authentication = free_mail},
                 {1}, "vip_impersonation", false);
}

// Number 6: a business From, a free-mail Reply-To, and money.
void free_mail_reply_to(Weaver& weaver) {
  const auto payable = weaver.employee(2);
  const std::string domain = weaver.world().company.provider == ProviderKind::google ? "harlow-castings.example" : "denholm-steel.example";
  const std::string firm = weaver.world().company.provider == ProviderKind::google ? "Harlow Castings" : "Denholm Steel";
  weaver.receive(
      {.from = {firm + " Billing", "billing@" + domain},
       .to = {payable},
       .reply_to = Address{firm + " Billing", "billing.department.77413@gmail.com"},
       .subject = "Overdue invoice 88213 - updated bank account",
       .text = std::format("Dear {},\n\nour records show that invoice 88213 over GBP 18,440.00 is overdue. Because of an audit our usual "
                           "account is closed. Please make the payment by wire transfer "
                           "to our new bank account today and confirm by replying to this message.\n\nIBAN: {}\n\nRegards\n{} Billing\n",
                           short_name(payable), "GB55NWXB60161331926819", firm),
       .message_id = weaver.message_id(domain),
       .date = weaver.days_ago(4),
       .authentication = {.ip = "198.51.100.77", .host = "smtp7.bulkhost.example"}},
      {2}, "free_mail_reply_to", true);
  // A known small vendor whose owner reads mail elsewhere, within a thread that we began.
  const auto& vendor = weaver.world().vendors[3];
  const auto first = weaver.message_id("mail." + weaver.world().company.domain);
  weaver.background({.from = payable,
                     .to = {vendor.sales},
                     .subject = "Copy of the last invoice",
                     .text = "Hello,\n\ncould you send me a copy of the last invoice? The PDF was damaged.\n\n" + payable.name + "\n",
                     .message_id = first,
                     .date = weaver.days_ago(7)},
                    2, true);
  weaver.receive(
      {.from = vendor.sales,
       .to = {payable},
       .reply_to = Address{vendor.sales.name, "workshop.owner.30912@gmail.com"},
       .subject = "Re: Copy of the last invoice",
       .text = std::format("Hello {},\n\nhere is the invoice again. Payment as always within 30 days to the account you have.\n\n{}\n",
                           short_name(payable), vendor.sales.name),
       .message_id = weaver.message_id(vendor.domain),
       .in_reply_to = first,
       .references = {first},
       .date = weaver.days_ago(6),
       .attachments = {{.name = "invoice-copy.pdf", .type = "application/pdf", .bytes = small_pdf({vendor.company, "Invoice (copy)"})}},
       .authentication = {.ip = vendor.ip, .host = "mail." + vendor.domain}},
      {2}, "free_mail_reply_to", false);
  // A club without money in the message.
  weaver.receive(
      {.from = {"Riverside Cricket Club", "fixtures@riverside-cricket.example"},
       .to = {weaver.employee(6)},
       .reply_to = Address{"Club secretary", "riverside.fixtures.2210@gmail.com"},
       .subject = "Fixtures for next month",
       .text = "Dear members,\n\nthe fixtures for next month are out. Nets on Tuesdays at six, bring a friend.\n\nThe secretary\n",
       .message_id = weaver.message_id("riverside-cricket.example"),
       .date = weaver.days_ago(8),
       .authentication = {.ip = "198.51.100.140"}},
      {6}, "free_mail_reply_to", false);
}

// Number 12: our own domain in From, from outside. The sender adds a forged verdict below the receiver's own.
void own_domain_spoof(Weaver& weaver) {
  const auto hr = weaver.employee(4), target = weaver.employee(5);
  const auto& domain = weaver.world().company.domain;
  weaver.receive(
      {.from = {hr.name, hr.address},
       .to = {target},
       .subject = "Updated payroll form - please complete today",
       .text = std::format("Dear colleague,\n\nthe payroll form has changed. Please confirm your bank details at "
                           "https://staff-forms-portal.example/payroll before the end of the day, otherwise this "
                           "month's salary may be late.\n\n{}\nHuman Resources\n",
                           hr.name),
       .message_id = weaver.message_id("mx-out.example"),
       .date = weaver.days_ago(1),
       .authentication = {.spf = "fail", .dkim = "none", .dmarc = "fail", .ip = "198.51.100.201", .host = "vps201.cheaphost.example"},
       .forged_headers = {{"Authentication-Results",
                           std::format("mail.{}; dkim=pass header.d={}; spf=pass smtp.mailfrom={}; dmarc=pass header.from={}", domain,
                                       domain, domain, domain)}}},
      {5}, "own_domain_spoof", true);
  // The survey tool that HR uses sends with our domain and our key.
  weaver.receive({.from = {"People team", "people@" + domain},
                  .to = {target},
                  .subject = "Your voice counts: the staff survey",
                  .text = "Hello,\n\nthe staff survey is open until Friday. It takes five minutes and is anonymous.\n\nThe people team\n",
                  .message_id = weaver.message_id("surveykind.example"),
                  .date = weaver.days_ago(5),
                  .mailer = "SurveyKind",
                  .authentication = {.dkim_domain = domain,
                                     .envelope_domain = "bounce.surveykind.example",
                                     .ip = "203.0.113.240",
                                     .host = "out3.surveykind.example"}},
                 {5}, "own_domain_spoof", false);
}

// Number 13: a domain one edit away from ours.
void lookalike_domain(Weaver& weaver) {
  const auto cfo = weaver.employee(1), payable = weaver.employee(2);
  const auto& domain = weaver.world().lookalike_domain;
  const auto local = cfo.address.substr(0, cfo.address.find('@'));
  weaver.receive({.from = {cfo.name, local + "@" + domain},
                  .to = {payable},
                  .subject = "Supplier payment for approval",
                  .text = std::format("Hi {},\n\nplease release the attached supplier payment in today's run, I have approved it. The "
                                      "vendor has moved banks, the details are in the PDF.\n\n{}\nChief Financial Officer\n",
                                      short_name(payable), cfo.name),
                  .message_id = weaver.message_id(domain),
                  .date = weaver.days_ago(3),
                  .attachments = {{.name = "remittance.pdf",
                                   .type = "application/pdf",
                                   .bytes = small_pdf({"Supplier payment", "Account: 20445518", "Sort code: 60-83-71"})}},
                  .authentication = {.ip = "198.51.100.33", .host = "mail." + domain}},
                 {2}, "lookalike_domain", true);
  const auto& near = weaver.world().near_domain;
  weaver.receive({.from = {"Rosa Tindall", "rosa.tindall@" + near},
                  .to = {weaver.employee(6)},
                  .subject = "Trade fair: sharing a stand?",
                  .text = std::format("Hi {},\n\nour names keep being mixed up at the fair, so why not share a stand this year? We have 40 "
                                      "square metres booked.\n\nRosa Tindall\n",
                                      short_name(weaver.employee(6))),
                  .message_id = weaver.message_id(near),
                  .date = weaver.days_ago(10),
                  .authentication = {.ip = "203.0.113.61", .host = "mail." + near}},
                 {6}, "lookalike_domain", false);
}

// Number 23: the link says one place and goes to another.
void link_mismatch(Weaver& weaver) {
  const auto target = weaver.employee(7);
  const auto& domain = weaver.world().company.domain;
  weaver.receive({.from = {"Document Center", "share@docs-delivery-hub.example"},
                  .to = {target},
                  .subject = "A document was shared with you",
                  .text = std::format("A file was shared with you: Contract_2026.pdf\nOpen: https://files.{}/contract\n", domain),
                  .html = std::format("<html><body><p>A file was shared with you: <b>Contract_2026.pdf</b></p>\n<p><a "
                                      "href=\"https://login.secure-viewer-app.example/s/{}\">https://files.{}/contracts/2026</a></p>\n"
                                      "<p>This link expires in 24 hours.</p></body></html>\n",
                                      weaver.random().hex(12), domain),
                  .message_id = weaver.message_id("docs-delivery-hub.example"),
                  .date = weaver.days_ago(2),
                  .authentication = {.ip = "198.51.100.90", .host = "mx3.docs-delivery-hub.example"}},
                 {7}, "link_text_mismatch", true);
  // A known vendor's tracker on the vendor's own domain, and (where the receiver rewrites links) its wrapper.
  const auto& vendor = weaver.world().vendors[0];
  const auto shown = "https://www." + vendor.domain + "/catalogue";
  const auto real = weaver.world().company.provider == ProviderKind::google
                        ? "https://click." + vendor.domain + "/t/" + weaver.random().hex(16)
                        : "https://eur03.safelinks.protection.outlook.com/?url=" + url_encode(shown) + "&data=05%7C02%7C&reserved=0";
  weaver.receive(
      {.from = vendor.sales,
       .to = {target},
       .subject = "Our new catalogue",
       .text = "Hello,\n\nour new catalogue is online: " + shown + "\n\n" + vendor.sales.name + "\n",
       .html = std::format("<html><body><p>Hello,</p><p>our new catalogue is online: <a href=\"{}\">{}</a></p><p>{}</p></body></html>\n",
                           real, shown, vendor.sales.name),
       .message_id = weaver.message_id(vendor.domain),
       .date = weaver.days_ago(6),
       .authentication = {.ip = vendor.ip, .host = "mail." + vendor.domain}},
      {7}, "link_text_mismatch", false);
}

// Number 25: the recipient's address in the link, in plain and in base64.
void recipient_in_link(Weaver& weaver) {
  const auto first = weaver.employee(3), second = weaver.employee(6);
  const auto lure = [&](const Address& target, const std::string& link, int days, const std::string& sender) {
    return MailSpec{.from = {"Mail Administrator", "postmaster@" + sender},
                    .to = {target},
                    .subject = "Your password expires today",
                    .text = "Your mailbox password expires today. Keep your current password: " + link + "\n",
                    .html = std::format(
                        "<html><body><p>The password of <b>{}</b> expires today.</p><p><a href=\"{}\">Keep current password</a></p><p>If "
                        "you do nothing you will be signed out and lose access to your account.</p></body></html>\n",
                        target.address, link),
                    .message_id = weaver.message_id(sender),
                    .date = weaver.days_ago(days),
                    .authentication = {.ip = "198.51.100.118", .host = "relay." + sender}};
  };
  weaver.receive(lure(first, "https://account-keeper.example/login?user=" + url_encode(first.address), 1, "mailbox-notice.example"), {3},
                 "recipient_in_link", true);
  weaver.receive(lure(second, "https://signin-check.example/auth/#" + to_base64url(second.address), 4, "it-servicedesk-alerts.example"),
                 {6}, "recipient_in_link", true);
  // A newsletter whose unsubscribe link carries the address, from a sender read for weeks.
  const auto& bulk = weaver.world().bulk[1];
  for (const int days : {30, 23, 16}) {
    const MailSpec issue{
        .from = bulk.from,
        .to = {first},
        .subject = bulk.name + ": issue of the week",
        .text = "This week: funding for small firms, and a visit to the new exhibition hall.\n",
        .html = "<html><body><p>This week: funding for small firms, and a visit to the new exhibition hall.</p></body></html>\n",
        .message_id = weaver.message_id(bulk.domain),
        .date = weaver.days_ago(days),
        .list_id = bulk.list_id,
        .authentication = {.envelope_domain = "bounce." + bulk.domain, .ip = "198.51.100.11", .host = "out1.bounce." + bulk.domain}};
    weaver.background(issue, 3, false);
  }
  const auto unsubscribe = "https://" + bulk.link_domain + "/unsubscribe?email=" + url_encode(first.address);
  weaver.receive(
      {.from = bulk.from,
       .to = {first},
       .subject = bulk.name + ": events near you",
       .text = "Five events worth a visit.\n\nUnsubscribe: " + unsubscribe + "\n",
       .html = "<html><body><p>Five events worth a visit.</p><p><a href=\"" + unsubscribe + "\">Unsubscribe</a></p></body></html>\n",
       .message_id = weaver.message_id(bulk.domain),
       .date = weaver.days_ago(5),
       .list_id = bulk.list_id,
       .list_unsubscribe = unsubscribe,
       .authentication = {.envelope_domain = "bounce." + bulk.domain, .ip = "198.51.100.11", .host = "out1.bounce." + bulk.domain}},
      {3}, "recipient_in_link", false);
}

}  // namespace

void add_stories(const std::shared_ptr<const World>& world, CompanyMail& mail) {
  Weaver weaver(world, mail);
  vip_impersonation(weaver);
  free_mail_reply_to(weaver);
  own_domain_spoof(weaver);
  lookalike_domain(weaver);
  link_mismatch(weaver);
  recipient_in_link(weaver);
}

}  // namespace letterlock::sim
