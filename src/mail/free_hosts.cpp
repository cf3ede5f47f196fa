#include "mail/free_hosts.h"

#include <algorithm>
#include <array>

namespace letterlock::mail {
namespace {

template <std::size_t N>
consteval auto sorted(std::array<std::string_view, N> list) {
  std::ranges::sort(list);
  return list;
}

// Where anybody can put up a page, a form or a file at once and for nothing.
constexpr auto free_hosts = sorted(std::to_array<std::string_view>({"000webhostapp.com",
                                                                    "altervista.org",
                                                                    "appspot.com",
                                                                    "azurefd.net",
                                                                    "azureedge.net",
                                                                    "azurewebsites.net",
                                                                    "backblazeb2.com",
                                                                    "bitbucket.io",
                                                                    "blob.core.windows.net",
                                                                    "blogspot.com",
                                                                    "bubbleapps.io",
                                                                    "canva.site",
                                                                    "carrd.co",
                                                                    "cloudfront.net",
                                                                    "cloudwaysapps.com",
                                                                    "codesandbox.io",
                                                                    "cprapid.com",
                                                                    "digitaloceanspaces.com",
                                                                    "docs.google.com",
                                                                    "drive.google.com",
                                                                    "duckdns.org",
                                                                    "dweb.link",
                                                                    "fbsbx.com",
                                                                    "fcgi.run",
                                                                    "firebaseapp.com",
                                                                    "fleek.co",
                                                                    "flowcode.com",
                                                                    "forms.office.com",
                                                                    "forms.gle",
                                                                    "framer.app",
                                                                    "framer.website",
                                                                    "fly.dev",
                                                                    "ghost.io",
                                                                    "gitbook.io",
                                                                    "github.io",
                                                                    "gitlab.io",
                                                                    "glitch.me",
                                                                    "godaddysites.com",
                                                                    "googleapis.com",
                                                                    "googleusercontent.com",
                                                                    "hashnode.dev",
                                                                    "herokuapp.com",
                                                                    "infinityfreeapp.com",
                                                                    "ipfs.io",
                                                                    "jimdofree.com",
                                                                    "jimdosite.com",
                                                                    "jotform.com",
                                                                    "lovable.app",
                                                                    "linodeobjects.com",
                                                                    "linodeusercontent.com",
                                                                    "mystrikingly.com",
                                                                    "myshopify.com",
                                                                    "netlify.app",
                                                                    "ngrok.io",
                                                                    "ngrok-free.app",
                                                                    "no-ip.org",
                                                                    "notion.site",
                                                                    "onrender.com",
                                                                    "oraclecloud.com",
                                                                    "pages.dev",
                                                                    "pantheonsite.io",
                                                                    "pinata.cloud",
                                                                    "r2.dev",
                                                                    "railway.app",
                                                                    "repl.co",
                                                                    "replit.app",
                                                                    "s3.amazonaws.com",
                                                                    "amazonaws.com",
                                                                    "script.google.com",
                                                                    "sendgrid.net",
                                                                    "sites.google.com",
                                                                    "square.site",
                                                                    "storage.googleapis.com",
                                                                    "strikingly.com",
                                                                    "surge.sh",
                                                                    "surveymonkey.com",
                                                                    "swtest.ru",
                                                                    "telegra.ph",
                                                                    "translate.goog",
                                                                    "trycloudflare.com",
                                                                    "tumblr.com",
                                                                    "typeform.com",
                                                                    "ukit.me",
                                                                    "vercel.app",
                                                                    "w3spaces.com",
                                                                    "wasabisys.com",
                                                                    "wcomhost.com",
                                                                    "web.app",
                                                                    "web.core.windows.net",
                                                                    "webflow.io",
                                                                    "weebly.com",
                                                                    "weeblysite.com",
                                                                    "wixsite.com",
                                                                    "wixstudio.io",
                                                                    "wordpress.com",
                                                                    "workers.dev",
                                                                    "yolasite.com",
                                                                    "zapier.app",
                                                                    "zendesk.com",
                                                                    "zohosites.com",
                                                                    "freshdesk.com"}));

}  // namespace

bool is_free_host(std::string_view host) {
  for (std::size_t dot = 0;; dot = host.find('.', dot) + 1) {  // every parent domain of the host
    const auto parent = host.substr(dot);
    if (parent.find('.') == parent.npos) return false;
    if (std::ranges::binary_search(free_hosts, parent)) return true;
  }
}

}  // namespace letterlock::mail
