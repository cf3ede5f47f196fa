#pragma once

// Host names, addresses and look-alikes. Pure; any thread. Also what the SQL functions of adapters/duckdb call.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace letterlock::mail {

// Lower-case a host name and turn punycode labels into Unicode; empty if it is no host name. IP literals stay.
std::string normalize_host(std::string_view host);
// Public suffix plus one label ("mail.example.co.uk" → "example.co.uk"); the host itself for IPs; empty for a bare suffix.
std::string registrable_domain(std::string_view host);
// Whether the host ends in a suffix that the public suffix list names (so "report.pdf" is no host, "example.com" is).
bool has_known_suffix(std::string_view host);
// The host of a URL with or without scheme, normalized; empty if there is none.
std::string host_of_url(std::string_view url);
// The part after '@', normalized; empty if there is none.
std::string domain_of_address(std::string_view address);
// UTS #39 skeleton after NFKC and case folding, diacritics removed: equal skeletons look alike.
std::string skeleton(std::string_view text);
// A person's name folded for comparison: skeleton, punctuation and titles (dr, mr, …) dropped, "Family, Given" turned round.
std::string fold_name(std::string_view name);
// Damerau-Levenshtein (adjacent transposition counts 1) over code points; stops at `max` and returns max + 1.
int edit_distance(std::string_view a, std::string_view b, int max);
// Whether two registrable domains imitate each other though they differ: same skeleton, distance 1 (labels of more than
// 3 code points), TLD swapped, hyphen added, or one word added before or behind ("acme-payments.com"). Returns why, or nullopt.
std::optional<std::string> lookalike_reason(std::string_view domain, std::string_view genuine);
bool is_freemail(std::string_view domain);
bool is_shortener(std::string_view domain);
bool is_disposable(std::string_view domain);
// Unwrap a rewriter (Safe Links, Proofpoint v2/v3, Google redirect, Barracuda, Mimecast where readable), at most 3 deep.
std::string unwrap_url(std::string_view url);
// Whether the URL carries the address: plain, percent-encoded, base64 or hex, in path, query or fragment. Returns the form
// ("plain", "base64", "hex") or nullopt.
std::optional<std::string> address_in_url(std::string_view url, std::string_view address);

}  // namespace letterlock::mail
