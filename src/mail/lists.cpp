// Domains by kind, from general knowledge and kept short on purpose: what a tenant misses belongs into its own lists.

#include <algorithm>
#include <array>

#include "mail/domain.h"

namespace letterlock::mail {
namespace {

template <std::size_t N>
consteval auto sorted(std::array<std::string_view, N> list) {
  std::ranges::sort(list);
  return list;
}

// Mailboxes that anybody can open.
constexpr auto freemail = sorted(std::to_array<std::string_view>(
    {"gmail.com",      "googlemail.com",  "outlook.com",    "outlook.de",      "outlook.fr",     "outlook.es",
     "outlook.it",     "outlook.jp",      "outlook.com.br", "hotmail.com",     "hotmail.co.uk",  "hotmail.fr",
     "hotmail.de",     "hotmail.it",      "hotmail.es",     "hotmail.nl",      "hotmail.ca",     "live.com",
     "live.co.uk",     "live.fr",         "live.nl",        "live.it",         "live.ca",        "msn.com",
     "passport.com",   "windowslive.com", "yahoo.com",      "yahoo.co.uk",     "yahoo.fr",       "yahoo.de",
     "yahoo.es",       "yahoo.it",        "yahoo.ca",       "yahoo.co.in",     "yahoo.in",       "yahoo.co.jp",
     "yahoo.com.br",   "yahoo.com.ar",    "yahoo.com.mx",   "yahoo.com.au",    "yahoo.com.sg",   "yahoo.com.ph",
     "yahoo.co.id",    "yahoo.com.hk",    "yahoo.com.tw",   "yahoo.com.tr",    "yahoo.gr",       "yahoo.ie",
     "yahoo.se",       "yahoo.pl",        "ymail.com",      "rocketmail.com",  "myyahoo.com",    "aol.com",
     "aol.co.uk",      "aim.com",         "icloud.com",     "me.com",          "mac.com",        "proton.me",
     "protonmail.com", "protonmail.ch",   "pm.me",          "tutanota.com",    "tutanota.de",    "tuta.io",
     "tuta.com",       "tutamail.com",    "keemail.me",     "gmx.com",         "gmx.de",         "gmx.net",
     "gmx.at",         "gmx.ch",          "gmx.us",         "gmx.fr",          "web.de",         "freenet.de",
     "t-online.de",    "arcor.de",        "posteo.de",      "posteo.net",      "mailbox.org",    "mail.com",
     "email.com",      "usa.com",         "post.com",       "europe.com",      "consultant.com", "accountant.com",
     "engineer.com",   "execs.com",       "dr.com",         "lawyer.com",      "myself.com",     "mail.ru",
     "inbox.ru",       "list.ru",         "bk.ru",          "internet.ru",     "yandex.ru",      "yandex.com",
     "ya.ru",          "yandex.ua",       "yandex.kz",      "rambler.ru",      "ukr.net",        "i.ua",
     "meta.ua",        "qq.com",          "foxmail.com",    "163.com",         "126.com",        "yeah.net",
     "sina.com",       "sina.cn",         "sohu.com",       "139.com",         "189.cn",         "aliyun.com",
     "tom.com",        "naver.com",       "hanmail.net",    "daum.net",        "nate.com",       "kakao.com",
     "docomo.ne.jp",   "ezweb.ne.jp",     "excite.co.jp",   "rediffmail.com",  "rediff.com",     "indiatimes.com",
     "zoho.com",       "zohomail.com",    "zohomail.eu",    "fastmail.com",    "fastmail.fm",    "hushmail.com",
     "hush.com",       "runbox.com",      "mailfence.com",  "disroot.org",     "riseup.net",     "startmail.com",
     "laposte.net",    "orange.fr",       "wanadoo.fr",     "free.fr",         "sfr.fr",         "neuf.fr",
     "bbox.fr",        "libero.it",       "virgilio.it",    "alice.it",        "tiscali.it",     "tin.it",
     "email.it",       "terra.com.br",    "uol.com.br",     "bol.com.br",      "ig.com.br",      "globo.com",
     "wp.pl",          "o2.pl",           "onet.pl",        "op.pl",           "interia.pl",     "gazeta.pl",
     "tlen.pl",        "poczta.fm",       "seznam.cz",      "email.cz",        "centrum.cz",     "post.cz",
     "azet.sk",        "centrum.sk",      "zoznam.sk",      "freemail.hu",     "citromail.hu",   "abv.bg",
     "mail.bg",        "dir.bg",          "inbox.lv",       "one.lt",          "mail.ee",        "ziggo.nl",
     "kpnmail.nl",     "xs4all.nl",       "telenet.be",     "skynet.be",       "bluewin.ch",     "sunrise.ch",
     "btinternet.com", "sky.com",         "talktalk.net",   "virginmedia.com", "ntlworld.com",   "blueyonder.co.uk",
     "eircom.net",     "comcast.net",     "verizon.net",    "att.net",         "sbcglobal.net",  "bellsouth.net",
     "cox.net",        "charter.net",     "earthlink.net",  "juno.com",        "netzero.net",    "optonline.net",
     "rogers.com",     "shaw.ca",         "sympatico.ca",   "telus.net",       "bigpond.com",    "optusnet.com.au",
     "xtra.co.nz",     "inbox.com",       "lycos.com",      "excite.com",      "in.com",         "sapo.pt",
     "mail.pt",        "walla.co.il",     "walla.com",      "mynet.com",       "duck.com",       "hey.com",
     "skiff.com",      "telia.com",       "online.no",      "abo.fi"}));

constexpr auto shorteners = sorted(std::to_array<std::string_view>(
    {"bit.ly",  "bitly.com",  "j.mp",      "tinyurl.com", "t.co",        "goo.gl",     "g.co",     "ow.ly",      "is.gd",      "v.gd",
     "buff.ly", "rebrand.ly", "cutt.ly",   "rb.gy",       "shorturl.at", "t.ly",       "tiny.cc",  "tiny.one",   "shorte.st",  "adf.ly",
     "bl.ink",  "lnkd.in",    "fb.me",     "youtu.be",    "amzn.to",     "amzn.eu",    "a.co",     "ebay.us",    "trib.al",    "dlvr.it",
     "ift.tt",  "soo.gd",     "s.id",      "s2r.co",      "clck.ru",     "u.to",       "qr.ae",    "po.st",      "x.co",       "bc.vc",
     "mcaf.ee", "su.pr",      "snip.ly",   "short.io",    "shorturl.gg", "linktr.ee",  "urlz.fr",  "urlr.me",    "vk.cc",      "goo.su",
     "inx.lv",  "l1nq.com",   "n9.cl",     "rotf.lol",    "surl.li",     "tr.ee",      "tny.im",   "ur1.ca",     "wp.me",      "yt.be",
     "qrco.de", "qrs.ly",     "me-qr.com", "q-r.to",      "kutt.it",     "han.gl",     "reurl.cc", "ppt.cc",     "lihi.cc",    "t.cn",
     "dwz.cn",  "url.cn",     "aka.ms",    "1drv.ms",     "forms.gle",   "hubs.ly",    "hubs.la",  "mailchi.mp", "eepurl.com", "spr.ly",
     "oe.cd",   "shrtco.de",  "chilp.it",  "clicky.me",   "budurl.com",  "smarturl.it"}));

// Mailboxes that vanish after minutes.
constexpr auto disposable = sorted(std::to_array<std::string_view>({"mailinator.com",    "guerrillamail.com",
                                                                    "guerrillamail.net", "guerrillamail.org",
                                                                    "guerrillamail.biz", "guerrillamailblock.com",
                                                                    "sharklasers.com",   "grr.la",
                                                                    "spam4.me",          "10minutemail.com",
                                                                    "10minutemail.net",  "tempmail.com",
                                                                    "temp-mail.org",     "temp-mail.io",
                                                                    "tempmail.net",      "tempmailo.com",
                                                                    "throwawaymail.com", "yopmail.com",
                                                                    "yopmail.fr",        "yopmail.net",
                                                                    "maildrop.cc",       "getnada.com",
                                                                    "nada.email",        "dispostable.com",
                                                                    "trashmail.com",     "trashmail.de",
                                                                    "trash-mail.com",    "wegwerfemail.de",
                                                                    "byom.de",           "mailnesia.com",
                                                                    "mailcatch.com",     "mintemail.com",
                                                                    "mytemp.email",      "moakt.com",
                                                                    "fakeinbox.com",     "fakemail.net",
                                                                    "emailondeck.com",   "spamgourmet.com",
                                                                    "discard.email",     "discardmail.com",
                                                                    "burnermail.io",     "inboxkitten.com",
                                                                    "mohmal.com",        "tempinbox.com",
                                                                    "jetable.org",       "spambog.com",
                                                                    "mailexpire.com",    "anonbox.net",
                                                                    "minutemail.com",    "mail-temp.com",
                                                                    "1secmail.com",      "1secmail.net",
                                                                    "1secmail.org",      "33mail.com",
                                                                    "mailsac.com",       "harakirimail.com",
                                                                    "incognitomail.org", "tempr.email",
                                                                    "einrot.com",        "cuvox.de",
                                                                    "dayrep.com",        "armyspy.com",
                                                                    "rhyta.com",         "teleworm.us",
                                                                    "gustr.com",         "fleckens.hu",
                                                                    "superrito.com",     "jourrapide.com"}));

template <class List>
bool holds(const List& list, std::string_view domain) {
  if (std::ranges::binary_search(list, domain)) return true;
  return std::ranges::binary_search(list, std::string_view(registrable_domain(domain)));
}

}  // namespace

bool is_freemail(std::string_view domain) { return holds(freemail, domain); }
bool is_shortener(std::string_view domain) { return holds(shorteners, domain); }
bool is_disposable(std::string_view domain) { return holds(disposable, domain); }

}  // namespace letterlock::mail
