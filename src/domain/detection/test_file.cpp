#include "domain/detection/test_file.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "domain/detection/runner.h"
#include "domain/detection/scratch_tenant.h"

namespace letterlock::detection {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != line.npos;) {
    const auto end = std::min(line.find_first_of(" \t", at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::vector<std::string> parts_of(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

// Values of one expected row: by tabs where there are some, else by white space.
std::string normal_row(std::string_view line) {
  if (line.contains('\t')) return std::string(line);
  std::string out;
  for (const auto& word : words_of(line)) out += (out.empty() ? "" : "\t") + word;
  return out;
}

std::string two_digits(double value) {
  const auto hundredths = std::lround(value * 100);
  return std::to_string(hundredths / 100) + "." + (hundredths % 100 < 10 ? "0" : "") + std::to_string(hundredths % 100);
}

std::string text_of(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return two_digits(value); }
    std::string operator()(const std::string& value) const { return value.empty() ? "(empty)" : value; }
    std::string operator()(TimePoint value) const { return to_rfc3339(value); }
  };
  return std::visit(Visitor{}, value);
}

std::optional<std::string> column_of(const Finding& finding, std::string_view column) {
  if (column == "subject") return finding.subject;
  if (column == "entity") return finding.entity;
  if (column == "confidence") return two_digits(finding.confidence);
  if (column == "dedup_key") return finding.dedup_key;
  if (column == "observed_at") return to_rfc3339(finding.observed_at);
  if (column == "evidence") return finding.evidence_json;
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& rows) {
  if (rows.empty()) return " nothing";
  std::string out;
  for (const auto& row : rows) out += "\n    " + row;
  return out;
}

// Reads one file line by line and acts on it. Lives for one call of run_test_file.
class TestFileRun {
 public:
  TestFileRun(Storage& storage, const Rule* rule, std::string_view file, std::string_view text)
      : storage_(storage), rule_(rule), file_(file) {
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      auto line = text.substr(at, end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      lines_.push_back(line);
      at = end + 1;
    }
    reset();
  }

  Result<TestReport> run() {
    while (next_ < lines_.size()) {
      const auto line = lines_[next_++];
      if (line.empty() || line.starts_with('#')) continue;
      if (auto done = act(words_of(line)); !done)
        return fail(std::move(done.error()).during(std::string(file_) + ":" + std::to_string(next_)));
    }
    return report_;
  }

 private:
  Result<void> act(const std::vector<std::string>& words) {
    const auto& verb = words[0];
    if (verb == "reset") return reset(), Result<void>{};
    if (verb == "domains" || verb == "trust") {
      for (std::size_t i = 1; i < words.size(); ++i) verb == "trust" ? tenant_->trust_authserv_id(words[i]) : tenant_->add_domain(words[i]);
      return {};
    }
    if ((verb == "user" || verb == "vip") && words.size() >= 2) {
      std::string name;
      for (std::size_t i = 2; i < words.size(); ++i) name += (name.empty() ? "" : " ") + words[i];
      tenant_->add_user(words[1], name, verb == "vip");
      return {};
    }
    if (verb == "mail") return mail(words.size() > 1 ? words[1] : "");
    if (verb == "settings" && words.size() == 3) return settings(words[1], words[2]);
    if (verb == "seen") return skip_to_end();
    if (verb == "rule") return check_rule({words.begin() + 1, words.end()});
    if (verb == "query" && words.size() >= 2) return check_query();
    if (verb == "statement" && words.size() == 2 && (words[1] == "ok" || words[1] == "error")) return check_statement(words[1] == "ok");
    return fail(ErrorKind::invalid, "unknown directive \"" + verb + "\"");
  }

  void reset() {
    tenant_.emplace(storage_);
    watermark_ = 0;
  }

  // A message, up to a line with a dot alone.
  Result<void> mail(std::string_view mailbox) {
    std::string bytes;
    for (;; ++next_) {
      if (next_ == lines_.size()) return fail(ErrorKind::invalid, "a message ends with a line that has a dot alone");
      if (lines_[next_] == ".") break;
      bytes += std::string(lines_[next_]) + "\r\n";
    }
    ++next_;
    TRY(tenant_->add_mail(bytes, mailbox));
    return {};
  }

  // A reading of a mailbox's settings: one each line, up to a blank line: "rule ID name=X words=a,b senders=a,b forward_to=a,b move_to=F
  // deletes marks_read disabled"; also auto_forward, forwarding_address and delegate.
  Result<void> settings(const std::string& address, const std::string& time) {
    const auto at = from_rfc3339(time);
    if (!at) return fail(ErrorKind::invalid, "\"" + time + "\" is no time");
    std::vector<MailboxSetting> all;
    for (; next_ < lines_.size() && !lines_[next_].empty(); ++next_) {
      const auto words = words_of(lines_[next_]);
      if (words.size() < 2) return fail(ErrorKind::invalid, "a setting is its kind and its id");
      MailboxSetting setting{.kind = words[0], .setting_id = words[1]};
      for (std::size_t i = 2; i < words.size(); ++i) {
        const auto equals = std::min(words[i].find('='), words[i].size());
        const auto key = words[i].substr(0, equals), value = words[i].substr(std::min(equals + 1, words[i].size()));
        if (key == "name")
          setting.name = value;
        else if (key == "move_to")
          setting.move_to = value;
        else if (key == "words")
          setting.words = parts_of(value);
        else if (key == "senders")
          setting.senders = parts_of(value);
        else if (key == "forward_to")
          setting.forward_to = parts_of(value);
        else if (key == "deletes")
          setting.deletes = true;
        else if (key == "marks_read")
          setting.marks_read = true;
        else if (key == "disabled")
          setting.is_enabled = false;
        else
          return fail(ErrorKind::invalid, "a setting has no \"" + key + "\"");
      }
      setting.definition = "{}";
      all.push_back(std::move(setting));
    }
    return tenant_->add_settings(address, all, *at);
  }

  Result<AnalysisOutcome> run_rule() {
    TRY(tenant_->flush());
    return Runner(storage_, pack_, clock_, metrics_, {.rows_max = 1'000'000}).run(tenant_->id(), watermark_, {}, {});
  }

  Result<void> skip_to_end() {
    TRY(tenant_->flush());
    const auto result = TRY(storage_.query(tenant_->id(),
                                           "SELECT coalesce(max(ingest_seq), 0)::BIGINT FROM (SELECT ingest_seq FROM emails UNION ALL "
                                           "SELECT ingest_seq FROM mailbox_settings)",
                                           {}));
    watermark_ = std::get<std::int64_t>(result.rows.at(0).at(0));
    return {};
  }

  // Lines up to `----` (or a blank line), then the expected rows up to a blank line.
  std::string read_sql() {
    std::string sql;
    for (; next_ < lines_.size() && !lines_[next_].empty() && lines_[next_] != "----"; ++next_) sql += std::string(lines_[next_]) + "\n";
    return sql;
  }
  std::vector<std::string> read_expected() {
    std::vector<std::string> rows;
    if (next_ == lines_.size() || lines_[next_] != "----") return rows;
    for (++next_; next_ < lines_.size() && !lines_[next_].empty(); ++next_) rows.push_back(normal_row(lines_[next_]));
    return rows;
  }

  void compare(int line, std::vector<std::string> expected, std::vector<std::string> actual, bool in_order) {
    if (!in_order) std::ranges::sort(expected), std::ranges::sort(actual);
    if (expected != actual) report_.failures.push_back(place(line) + ": expected" + joined(expected) + "\n  but got" + joined(actual));
  }

  Result<void> check_rule(std::vector<std::string> columns) {
    if (!rule_) return fail(ErrorKind::invalid, "no rule lies beside this file");
    if (columns.empty()) columns = {"subject", "entity"};
    const int line = static_cast<int>(next_);
    if (next_ == lines_.size() || lines_[next_] != "----")
      return fail(ErrorKind::invalid, "rule is followed by ---- and the expected rows");
    const auto expected = read_expected();
    const auto outcome = TRY(run_rule());
    watermark_ = outcome.watermark_to;
    std::vector<std::string> actual;
    for (const auto& finding : outcome.findings) {
      std::string row;
      for (const auto& column : columns) {
        const auto text = column_of(finding, column);
        if (!text) return fail(ErrorKind::invalid, "a finding has no column \"" + column + "\"");
        row += (&column == &columns.front() ? "" : "\t") + *text;
      }
      actual.push_back(std::move(row));
    }
    for (const auto& note : outcome.notes) report_.failures.push_back(place(line) + ": " + note);
    compare(line, expected, std::move(actual), false);
    return {};
  }

  Result<void> check_query() {
    const int line = static_cast<int>(next_);
    ++report_.queries;
    const auto sql = read_sql();
    const auto expected = read_expected();
    TRY(tenant_->flush());
    const auto result = storage_.query(tenant_->id(), sql, {});
    if (!result) {
      report_.failures.push_back(place(line) + ": " + result.error().message);
      return {};
    }
    std::vector<std::string> actual;
    for (const auto& row : result->rows) {
      std::string text;
      for (const auto& value : row) text += (&value == &row.front() ? "" : "\t") + text_of(value);
      actual.push_back(std::move(text));
    }
    compare(line, expected, std::move(actual), true);
    return {};
  }

  Result<void> check_statement(bool ok) {
    const int line = static_cast<int>(next_);
    ++report_.queries;
    const auto sql = read_sql();
    TRY(tenant_->flush());
    const auto result = storage_.query(tenant_->id(), sql, {});
    if (result.has_value() != ok)
      report_.failures.push_back(place(line) + ": " +
                                 (ok ? "failed: " + result.error().message : std::string("expected an error, but it ran")));
    return {};
  }

  std::string place(int line) const { return std::string(file_) + ":" + std::to_string(line); }

  Storage& storage_;
  const Rule* rule_;
  const std::string_view file_;
  RulePack pack_ = RulePack::of(rule_ ? std::vector{*rule_} : std::vector<Rule>{});
  SystemClock clock_;
  Metrics metrics_;
  std::vector<std::string_view> lines_;
  std::size_t next_ = 0;  // the line to read; as a number for people, the line read last
  std::optional<ScratchTenant> tenant_;
  std::int64_t watermark_ = 0;
  TestReport report_;
};

}  // namespace

CaseCount count_cases(std::string_view text) {
  CaseCount count;
  std::string_view before, line;
  for (std::size_t at = 0; at < text.size();) {
    before = std::exchange(line, text.substr(at, text.find('\n', at) - at));
    at += line.size() + 1;
    if (line != "----" || (before != "rule" && !before.starts_with("rule "))) continue;
    const bool expects_rows = at < text.size() && text[at] != '\n';
    ++(expects_rows ? count.firing : count.quiet);
  }
  return count;
}

Result<TestReport> run_test_file(Storage& storage, const Rule* rule, std::string_view file, std::string_view text) {
  return TestFileRun(storage, rule, file, text).run();
}

}  // namespace letterlock::detection
