#include "domain/detection/rule_pack.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/encoding.h"

namespace letterlock::detection {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t rule_bytes_max = 64 << 10;
constexpr std::array<std::string_view, 6> header_keys = {"title", "severity", "attack", "sources", "history", "description"};
// What a rule may name as a source. email_raw is not among them: rules never touch it.
constexpr std::array<std::string_view, 8> source_tables = {
    "emails", "recipients", "links", "attachments", "users", "tenant_domains", "mailbox_settings", "payment_instruments"};

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorKind::not_found, "cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct HeaderField {
  std::string value;
  int line = 0;
};

// Collects faults as "file:line: what".
class Faults {
 public:
  void add(std::string_view file, int line, std::string_view what) {
    text_ += (text_.empty() ? "" : "\n") + std::string(file) + ":" + std::to_string(line) + ": " + std::string(what);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// The leading comment lines: "-- key: value", continued by lines that are indented deeper than one space.
std::map<std::string, HeaderField> read_header(std::string_view text, std::string_view file, Faults& faults) {
  std::map<std::string, HeaderField> header;
  std::string last;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (!line.starts_with("--")) break;
    const auto body = line.substr(2);
    if (body.starts_with("  ") && !last.empty()) {
      header[last].value += ' ' + std::string(trim(body));
      continue;
    }
    const auto colon = body.find(':');
    const std::string key(trim(body.substr(0, colon)));
    if (colon == body.npos || std::ranges::find(header_keys, key) == header_keys.end()) {
      faults.add(file, number, "header line is not \"-- key: value\" with one of title, severity, attack, sources, history, description");
      last.clear();
      continue;
    }
    if (header.contains(key)) faults.add(file, number, "header names " + key + " twice");
    header[key] = {std::string(trim(body.substr(colon + 1))), number};
    last = key;
  }
  for (const auto key : header_keys)
    if (!header.contains(std::string(key)) || header[std::string(key)].value.empty())
      faults.add(file, 1, "header lacks " + std::string(key));
  return header;
}

// "T1566" or "T1566.002".
bool is_technique(std::string_view text) {
  const auto digits = [](std::string_view part) { return std::ranges::all_of(part, [](unsigned char c) { return std::isdigit(c); }); };
  return (text.size() == 5 || (text.size() == 9 && text[5] == '.' && digits(text.substr(6)))) && text[0] == 'T' &&
         digits(text.substr(1, 4));
}

std::optional<std::chrono::days> days_from(std::string_view text) {
  if (text.size() < 2 || text.size() > 5 || text.back() != 'd') return std::nullopt;
  int days = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (!std::isdigit(static_cast<unsigned char>(c))) return std::nullopt;
    days = days * 10 + (c - '0');
  }
  return std::chrono::days(days);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (const auto item = trim(text.substr(0, comma)); !item.empty()) out.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

bool is_rule_id(std::string_view id) {
  return id.contains('/') &&
         std::ranges::all_of(id, [](unsigned char c) { return std::islower(c) || std::isdigit(c) || c == '_' || c == '/'; });
}

Rule read_rule(const std::string& id, const std::string& text, std::string_view prelude, std::string_view file, Faults& faults) {
  auto header = read_header(text, file, faults);
  Rule rule{.id = RuleId(id), .version = sha256_hex(std::string(prelude) + "\n" + text), .title = header["title"].value};
  if (!is_rule_id(id)) faults.add(file, 1, "a rule lies in a folder, and its path has only a-z, 0-9 and _");
  if (text.size() > rule_bytes_max) faults.add(file, 1, "longer than " + std::to_string(rule_bytes_max) + " bytes");
  if (trim(text).ends_with(';')) faults.add(file, static_cast<int>(std::ranges::count(text, '\n')), "a rule is one SELECT without ';'");
  if (const auto severity = severity_from(header["severity"].value))
    rule.severity = *severity;
  else
    faults.add(file, header["severity"].line, "severity is not low, medium, high or critical");
  rule.attack_technique = header["attack"].value;
  if (!is_technique(rule.attack_technique)) faults.add(file, header["attack"].line, "attack is no ATT&CK technique id such as T1566.002");
  rule.sources = split_list(header["sources"].value);
  for (const auto& source : rule.sources)
    if (std::ranges::find(source_tables, source) == source_tables.end())
      faults.add(file, header["sources"].line, "sources names no table of the tenant: " + source);
  if (const auto history = days_from(header["history"].value))
    rule.history = *history;
  else
    faults.add(file, header["history"].line, "history is not a number of days such as 30d");
  rule.description = header["description"].value;
  rule.query = compose_query(prelude, text);
  rule.select = trim(text);
  return rule;
}

// One common table expression of the prelude: its comment, "name AS (…)", without the comma behind.
struct CommonTable {
  std::string_view name;
  std::string_view text;
};

// The prelude is a list of "name AS (" at a line's start, each up to a line that begins with ")"; comments stand before.
std::vector<CommonTable> common_tables(std::string_view prelude) {
  std::vector<CommonTable> tables;
  std::size_t start = 0;
  std::string_view name;
  for (std::size_t at = 0; at < prelude.size();) {
    const auto end = std::min(prelude.find('\n', at), prelude.size());
    const auto line = prelude.substr(at, end - at);
    if (name.empty()) {
      if (const auto word = line.substr(0, line.find(' ')); line.substr(word.size()).starts_with(" AS ")) name = word;
      if (trim(line) == "WITH") start = end + 1;
    } else if (line.starts_with(")")) {
      tables.push_back({name, trim(prelude.substr(start, at + 1 - start))});
      start = end + 1;
      name = {};
    }
    at = end + 1;
  }
  return tables;
}

// The words of SQL text, comments left out.
std::set<std::string_view> words_in(std::string_view sql) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  std::set<std::string_view> words;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql.substr(at).starts_with("--")) {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (is_word(sql[at])) {
      auto end = at;
      while (end < sql.size() && is_word(sql[end])) ++end;
      words.insert(sql.substr(at, end - at));
      at = end;
    } else {
      ++at;
    }
  }
  return words;
}

// The prelude's tables that the words name, and those that these need, in the prelude's order. Parsing the others
// would take longer than running most rules over little new mail.
std::string needed_prelude(std::string_view prelude, std::set<std::string_view> words) {
  const auto tables = common_tables(prelude);
  std::vector<std::string_view> kept;
  for (auto table = tables.rbegin(); table != tables.rend(); ++table) {  // a table names earlier ones only
    if (!words.contains(table->name)) continue;
    kept.push_back(table->text);
    words.merge(words_in(table->text));
  }
  std::string out;
  for (auto text = kept.rbegin(); text != kept.rend(); ++text) out += (out.empty() ? "WITH\n" : ",\n\n") + std::string(*text);
  return out;
}

// What turns a rule's SELECT into findings, with the prelude's names in scope.
std::string finding_select(std::string_view rule_select) {
  return "SELECT\n"
         "  finding.subject::VARCHAR AS subject, finding.entity::VARCHAR AS entity, finding.observed_at::TIMESTAMPTZ AS observed_at,\n"
         "  finding.confidence::DOUBLE AS confidence, finding.evidence::VARCHAR AS evidence, finding.dedup_key::VARCHAR AS dedup_key,\n"
         "  finding.mailbox_id, finding.provider_message_id,\n"
         "  item.message_id, item.subject AS message_subject, item.ingest_seq\n"
         "FROM (\n" +
         std::string(trim(rule_select)) +
         "\n) AS finding\n"
         "JOIN new_items AS item USING (mailbox_id, provider_message_id)\n"
         "ORDER BY item.ingest_seq";
}

}  // namespace

std::string compose_query(std::string_view prelude, std::string_view rule_select) {
  auto words = words_in(rule_select);
  words.insert("new_items");
  return needed_prelude(prelude, std::move(words)) + "\n\n" + finding_select(rule_select);
}

std::string RulePack::query_together(std::span<const Rule* const> rules, std::int64_t findings_max) const {
  std::set<std::string_view> words{"new_items"};
  std::string arms;
  for (const auto* rule : rules) {
    if (rule->select.empty()) return {};
    words.merge(words_in(rule->select));
    arms += (arms.empty() ? "" : "\n\nUNION ALL\n\n") + ("SELECT '" + rule->id.str() + "' AS rule_id, * FROM (\n") +
            finding_select(rule->select) + "\nLIMIT " + std::to_string(findings_max) + ")";
  }
  const auto prelude = needed_prelude(prelude_, std::move(words));
  return prelude.empty() ? arms : prelude + "\n\n" + arms;
}

Result<RulePack> RulePack::load(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return fail(ErrorKind::not_found, "no rule pack at " + folder.string());
  const auto prelude = TRY(read_file(folder / "prelude.sql"));
  std::set<std::string> retired;
  if (fs::exists(folder / "retired.txt", error)) {
    std::istringstream lines(TRY(read_file(folder / "retired.txt")));
    for (std::string line; std::getline(lines, line);)
      if (const auto id = trim(std::string_view(line).substr(0, line.find('#'))); !id.empty()) retired.emplace(id);
  }

  Faults faults;
  RulePack pack;
  pack.prelude_ = prelude;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".sql" || at->path() == folder / "prelude.sql") continue;
    const auto file = fs::relative(at->path(), folder, error).generic_string();
    const auto id = file.substr(0, file.size() - 4);
    if (retired.contains(id)) faults.add(file, 1, "this id is retired (retired.txt): ids are never used again");
    pack.rules_.push_back(read_rule(id, TRY(read_file(at->path())), prelude, file, faults));
  }
  if (error) return fail(ErrorKind::unavailable, "reading the rule pack at " + folder.string() + ": " + error.message());
  if (pack.rules_.empty() && faults.text().empty()) return fail(ErrorKind::invalid, "no rule below " + folder.string());
  if (!faults.text().empty()) return fail(ErrorKind::invalid, "the rule pack at " + folder.string() + " has faults:\n" + faults.text());
  std::ranges::sort(pack.rules_, {}, &Rule::id);
  return pack;
}

RulePack RulePack::of(std::vector<Rule> rules) {
  RulePack pack;
  pack.rules_ = std::move(rules);
  std::ranges::sort(pack.rules_, {}, &Rule::id);
  return pack;
}

RulePack RulePack::only(std::vector<Rule> rules) const {
  RulePack pack = of(std::move(rules));
  pack.prelude_ = prelude_;
  return pack;
}

const Rule* RulePack::find(const RuleId& id) const {
  const auto found = std::ranges::find(rules_, id, &Rule::id);
  return found == rules_.end() ? nullptr : &*found;
}

}  // namespace letterlock::detection
