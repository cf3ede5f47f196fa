#include <format>
#include <limits>
#include <map>
#include <set>

#include "adapters/duckdb/tenant_database.h"
#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/transaction/meta_transaction.hpp"

namespace letterlock::duckdb_adapter {
namespace {

using Appender = duckdb::InternalAppender;
using duckdb::Identifier;

constexpr std::size_t raw_chunk_bytes_max = 1 << 20;
constexpr std::size_t cursor_versions_max = 10'000;  // that are remembered; then they are read anew
// Of raw bytes, which few ever read again: over real mail level 3 takes a third more time and saves a fiftieth.
constexpr int zstd_level = 1;

// Writes rows into the running transaction's own storage: duckdb::Appender would plan and schedule an INSERT for each of the
// tables of each append, which costs more than the rows.
void put(Appender& row, const std::string& text) { row.Append(duckdb::string_t(text.data(), static_cast<std::uint32_t>(text.size()))); }
template <class Tag>
void put(Appender& row, const Id<Tag>& id) {
  put(row, id.str());
}
void put(Appender& row, bool flag) { row.Append<bool>(flag); }
void put(Appender& row, std::int64_t number) { row.Append<std::int64_t>(number); }
void put(Appender& row, std::int32_t number) { row.Append<std::int32_t>(number); }
void put(Appender& row, TimePoint time) { row.Append<duckdb::timestamp_t>(duckdb::timestamp_t(to_unix_micros(time))); }
void put(Appender& row, const std::vector<std::string>& texts) { row.Append<duckdb::Value>(to_duckdb(texts)); }
template <class T>
void put(Appender& row, const std::optional<T>& value) {
  if (value)
    put(row, *value);
  else
    row.Append(nullptr);
}

template <class... Cells>
void put_row(Appender& appender, const Cells&... cells) {
  appender.BeginRow();
  (put(appender, cells), ...);
  appender.EndRow();
}

// The tables that a message's rows go to.
struct EmailTables {
  Appender &emails, &recipients, &links, &attachments, &instruments, &raw;
};

// The last record of each message wins within one append.
std::map<std::string, const EmailRecord*> last_of_each(const std::vector<EmailRecord>& emails) {
  std::map<std::string, const EmailRecord*> last;
  for (const EmailRecord& record : emails) last[record.email.provider_message_id.str()] = &record;
  return last;
}

// How it is found out which messages are stored already. Most steps bring new ones only: those are put in at once, and the
// key table's own check, which runs anyway, tells where that was wrong. Asking first costs more than putting them in.
enum class Lookup { none, first };

// One append, inside one transaction of the writer. With Lookup::none it throws duckdb::ConstraintException where a message
// is stored already.
class Applier {
 public:
  Applier(TenantDatabase& database, const Append& append, Lookup lookup)
      : database_(database), connection_(database.writer()), append_(append), lookup_(lookup), mailbox_(append.cursor.mailbox_id.str()) {}

  Result<AppendResult> apply() {
    TRY(compare_and_set_cursor());
    result_.last_ingest_seq = TRY(last_ingest_seq(database_));
    TRY(put_emails());
    TRY(put_changes());
    TRY(put_removals());
    TRY(sweep());
    TRY(put_set_aside());
    connection_.context->RunFunctionInTransaction([&] { put_coverage(); });
    return result_;
  }

 private:
  static duckdb::Value text(const std::string& value) { return duckdb::Value(value); }
  static duckdb::Value number(std::int64_t value) { return duckdb::Value::BIGINT(value); }

  // A statement that comes with every append, prepared once.
  Result<std::unique_ptr<duckdb::QueryResult>> run(const std::string& sql, duckdb::vector<duckdb::Value> values) {
    return duckdb_adapter::run(database_.prepared(sql), std::move(values), "append");
  }
  Result<std::int64_t> scalar(const std::string& sql, duckdb::vector<duckdb::Value> values) {
    return single_number(*TRY(run(sql, std::move(values))));
  }

  Result<void> compare_and_set_cursor() {
    const duckdb::vector<duckdb::Value> key{text(mailbox_), text(append_.cursor.source), text(append_.cursor.folder_id.str())};
    const auto known = database_.cursor_versions.find(append_.cursor);
    const std::int64_t stored =
        known != database_.cursor_versions.end()
            ? known->second
            : TRY(scalar("SELECT version FROM cursors WHERE mailbox_id = $1 AND source = $2 AND folder_id = $3", key));
    if (stored != append_.seen_version)
      return fail(Error{.kind = ErrorKind::conflict,
                        .message = std::format("append: the cursor of mailbox {} ({}) is at version {}, this step started from {}",
                                               mailbox_, append_.cursor.source, stored, append_.seen_version),
                        .code = "cursor_moved"});
    result_.cursor_version = stored + 1;
    if (stored == 0) {
      connection_.context->RunFunctionInTransaction([&] {
        Appender cursors(*connection_.context, table("cursors"));
        put_row(cursors, mailbox_, append_.cursor.source, append_.cursor.folder_id, append_.next_value, result_.cursor_version, append_.at);
        cursors.Close();
      });
      return {};
    }
    auto values = key;
    values.push_back(text(append_.next_value));
    values.push_back(number(result_.cursor_version));
    values.push_back(to_duckdb(append_.at));
    TRY(run("UPDATE cursors SET value = $4, version = $5, updated_at = $6 WHERE mailbox_id = $1 AND source = $2 AND folder_id = $3",
            std::move(values)));
    return {};
  }

  // ingest_seq of messages that are stored already. The keys are literals: only then are they looked up in the index.
  Result<std::map<std::string, std::int64_t>> stored_seqs(const std::vector<std::string>& ids) {
    std::map<std::string, std::int64_t> seqs;
    if (ids.empty()) return seqs;
    std::map<std::string, const std::string*> by_key;
    std::string sql = "SELECT replace(message_key::VARCHAR, '-', ''), ingest_seq FROM message_keys WHERE message_key IN (";
    for (const auto& id : ids) {
      const auto [entry, fresh] = by_key.emplace(message_key(mailbox_, id), &id);
      if (fresh) sql.append(by_key.size() == 1 ? "'" : ", '").append(entry->first).append("'::UUID");
    }
    const auto rows = TRY(duckdb_adapter::run(connection_, sql + ")", "append"));
    for (auto chunk = rows->Fetch(); chunk; chunk = rows->Fetch())
      for (duckdb::idx_t row = 0; row < chunk->size(); ++row)
        seqs.emplace(*by_key.at(chunk->GetValue(0, row).GetValue<std::string>()), chunk->GetValue(1, row).GetValue<std::int64_t>());
    return seqs;
  }

  // A condition that whole row groups can be skipped by.
  static std::string among(const std::map<std::string, std::int64_t>& seqs) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0;
    std::string list;
    for (const auto& [id, seq] : seqs) {
      least = std::min(least, seq);
      most = std::max(most, seq);
      list += (list.empty() ? "" : ", ") + std::to_string(seq);
    }
    return std::format("ingest_seq BETWEEN {} AND {} AND ingest_seq IN ({})", least, most, list);
  }

  Result<void> put_emails() {
    const auto last = last_of_each(append_.emails);
    if (last.empty()) return {};
    std::vector<std::string> ids;
    for (const auto& [id, record] : last) ids.push_back(id);

    // The key table's index says which messages are new; they get the next numbers, in the order of the append.
    std::map<std::string, std::int64_t> seqs;
    if (lookup_ == Lookup::first) seqs = TRY(stored_seqs(ids));
    std::map<std::string, TimePoint> ingested_at;
    if (!seqs.empty()) TRY(remove_stored(seqs, ingested_at));
    std::int64_t& next = result_.last_ingest_seq;
    std::vector<std::string> fresh;
    for (const EmailRecord& record : append_.emails)
      if (seqs.emplace(record.email.provider_message_id.str(), next + 1).second) {
        ++next;
        fresh.push_back(record.email.provider_message_id.str());
      }
    result_.inserted = static_cast<std::int64_t>(fresh.size());
    result_.updated = static_cast<std::int64_t>(ingested_at.size());  // one that is known and gone was erased, and stays so
    Result<void> done;
    connection_.context->RunFunctionInTransaction([&] { done = put_rows(last, seqs, fresh, ingested_at); });
    return done;
  }

  // A table of the tenant, to be appended to; within the connection's lock.
  duckdb::TableCatalogEntry& table(const char* name) {
    auto& entry = duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(*connection_.context,
                                                                       {Identifier("tenant"), Identifier("main"), Identifier(name)});
    duckdb::MetaTransaction::Get(*connection_.context)
        .ModifyDatabase(entry.ParentCatalog().GetAttached(), duckdb::DatabaseModificationType::INSERT_DATA);
    return entry;
  }

  void put_coverage() {
    Appender coverage(*connection_.context, table("coverage"));
    put_row(coverage, mailbox_, append_.cursor.source, append_.cursor.folder_id, result_.cursor_version, append_.at, result_.inserted,
            result_.updated, result_.removed, result_.set_aside);
    coverage.Close();
  }

  // Within the connection's lock: no statement may be run here.
  Result<void> put_rows(const std::map<std::string, const EmailRecord*>& last, const std::map<std::string, std::int64_t>& seqs,
                        const std::vector<std::string>& fresh, const std::map<std::string, TimePoint>& ingested_at) {
    duckdb::ClientContext& context = *connection_.context;
    Appender keys(context, table("message_keys")), emails(context, table("emails")), recipients(context, table("recipients")),
        links(context, table("links")), attachments(context, table("attachments")), instruments(context, table("payment_instruments")),
        raw(context, table("email_raw"));
    EmailTables tables{emails, recipients, links, attachments, instruments, raw};
    for (const auto& id : fresh) {
      keys.BeginRow();
      keys.Append<duckdb::Value>(duckdb::Value::UUID(message_key(mailbox_, id)));
      put(keys, seqs.at(id));
      keys.EndRow();
    }
    keys.Close();  // first: where a message is stored already, nothing else was done in vain
    for (const auto& id : fresh) TRY(put_email(*last.at(id), seqs.at(id), append_.at, tables));
    for (const auto& [id, at] : ingested_at) TRY(put_email(*last.at(id), seqs.at(id), at, tables));
    for (Appender* appender : {&emails, &recipients, &links, &attachments, &instruments, &raw}) appender->Close();
    return {};
  }

  // Take the old rows away; they come again with the same number and first time.
  Result<void> remove_stored(const std::map<std::string, std::int64_t>& seqs, std::map<std::string, TimePoint>& ingested_at) {
    const std::string condition = among(seqs);
    const auto rows =
        TRY(duckdb_adapter::run(connection_, "SELECT provider_message_id, epoch_us(ingested_at) FROM emails WHERE " + condition, "append"));
    for (auto chunk = rows->Fetch(); chunk; chunk = rows->Fetch())
      for (duckdb::idx_t row = 0; row < chunk->size(); ++row)
        ingested_at.emplace(chunk->GetValue(0, row).GetValue<std::string>(),
                            from_unix_micros(chunk->GetValue(1, row).GetValue<std::int64_t>()));
    for (const char* table : {"emails", "recipients", "links", "attachments", "payment_instruments", "email_raw"})
      TRY(duckdb_adapter::run(connection_, std::string("DELETE FROM ") + table + " WHERE " + condition, "append"));
    return {};
  }

  Result<void> put_email(const EmailRecord& record, std::int64_t seq, TimePoint ingested_at, EmailTables& tables) {
    const Email& email = record.email;
    const Authentication& auth = email.authentication;
    const std::string& id = email.provider_message_id.str();
    put_row(tables.emails, mailbox_, id, seq, ingested_at, append_.generation, std::optional<TimePoint>{}, email.thread_id, email.folder_id,
            email.labels, email.message_id, email.in_reply_to, email.references, std::string(to_string(email.direction)),
            email.from_address, email.from_name, email.from_domain, email.sender_address, email.return_path, email.subject,
            email.subject_base, email.is_reply, email.is_draft, email.is_list, email.is_auto, email.date_header, email.received_at,
            email.body_text, email.quoted_text, email.has_html, email.mailer, email.size_bytes, email.raw_sha256, auth.trusted,
            auth.authserv_id, auth.spf, auth.dkim, auth.dkim_domain, auth.dmarc, auth.compauth, email.parse_notes);
    std::int32_t position = 0;
    for (const Recipient& item : email.recipients)
      put_row(tables.recipients, mailbox_, id, seq, position++, item.kind, item.address, item.name, item.domain);
    position = 0;
    for (const Link& item : email.links)
      put_row(tables.links, mailbox_, id, seq, position++, item.url, item.host, item.domain, item.display_text, item.display_domain,
              item.origin);
    position = 0;
    for (const Attachment& item : email.attachments)
      put_row(tables.attachments, mailbox_, id, seq, position++, item.part_id, item.filename, item.declared_type, item.sniffed_type,
              item.size_bytes, item.sha256, item.is_inline);
    position = 0;
    for (const PaymentInstrument& item : email.payment_instruments)
      put_row(tables.instruments, mailbox_, id, seq, position++, item.kind, item.value, item.account, item.country, item.bank, item.origin);
    Appender& raw = tables.raw;
    std::string compressed;
    std::int32_t chunk = 0;
    for (std::size_t at = 0; at == 0 || at < record.raw.bytes.size(); at += raw_chunk_bytes_max, ++chunk) {
      const std::string_view slice = std::string_view(record.raw.bytes).substr(at, raw_chunk_bytes_max);
      compressed.resize(ZSTD_compressBound(slice.size()));
      const std::size_t size =
          ZSTD_compressCCtx(database_.zstd.get(), compressed.data(), compressed.size(), slice.data(), slice.size(), zstd_level);
      if (ZSTD_isError(size) != 0) return fail(ErrorKind::internal, std::string("append: zstd: ") + ZSTD_getErrorName(size));
      raw.BeginRow();
      put(raw, mailbox_);
      put(raw, id);
      put(raw, seq);
      put(raw, chunk);
      put(raw, record.raw.format);
      raw.Append<duckdb::Value>(duckdb::Value::BLOB(reinterpret_cast<duckdb::const_data_ptr_t>(compressed.data()), size));
      raw.EndRow();
    }
    return {};
  }

  Result<void> put_changes() {
    if (append_.changes.empty()) return {};
    std::vector<std::string> ids;
    for (const EmailChange& change : append_.changes) ids.push_back(change.provider_message_id.str());
    const auto seqs = TRY(stored_seqs(ids));
    for (const EmailChange& change : append_.changes) {
      const auto found = seqs.find(change.provider_message_id.str());
      if (found == seqs.end()) continue;
      // A change proves that the message is there: a removal mark is lifted.
      std::string set = "removed_at = NULL";
      duckdb::vector<duckdb::Value> values{number(found->second)};
      const auto add = [&](const char* column, duckdb::Value value) {
        values.push_back(std::move(value));
        set += std::format(", {} = ${}", column, values.size());
      };
      if (append_.generation > 0) add("generation", number(append_.generation));
      if (change.labels) add("labels", to_duckdb(*change.labels));
      if (change.folder_id) add("folder_id", text(change.folder_id->str()));
      if (change.is_draft) add("is_draft", duckdb::Value::BOOLEAN(*change.is_draft));
      result_.updated += TRY(scalar("UPDATE emails SET " + set + " WHERE ingest_seq = $1", std::move(values)));
    }
    return {};
  }

  Result<void> put_removals() {
    if (append_.removals.empty()) return {};
    std::vector<std::string> ids;
    for (const Removal& removal : append_.removals) ids.push_back(removal.provider_message_id.str());
    const auto seqs = TRY(stored_seqs(ids));
    for (const Removal& removal : append_.removals) {
      const auto found = seqs.find(removal.provider_message_id.str());
      if (found == seqs.end()) continue;
      result_.removed +=
          TRY(scalar("UPDATE emails SET removed_at = $2 WHERE ingest_seq = $1 AND removed_at IS NULL AND ($3 = '' OR folder_id = $3)",
                     {number(found->second), to_duckdb(removal.removed_at), text(removal.folder_id.str())}));
    }
    return {};
  }

  Result<void> sweep() {
    if (!append_.sweep_below) return {};
    result_.removed +=
        TRY(scalar("UPDATE emails SET removed_at = $2 WHERE mailbox_id = $1 AND removed_at IS NULL AND generation < $3 AND ($4 = '' OR "
                   "folder_id = $4)",
                   {text(mailbox_), to_duckdb(append_.at), number(*append_.sweep_below), text(append_.cursor.folder_id.str())}));
    return {};
  }

  // What this append stores is not set aside, whether it was so before or comes so now. Rows that stay are not touched:
  // DuckDB refuses a key that was deleted and inserted in one transaction.
  Result<void> put_set_aside() {
    std::set<std::string> stored;
    for (const EmailRecord& record : append_.emails) stored.insert(record.email.provider_message_id.str());
    if (!database_.has_set_aside) database_.has_set_aside = TRY(scalar("SELECT count(*) FROM set_aside", {})) > 0;
    const std::int64_t waiting = stored.empty() || !*database_.has_set_aside
                                     ? 0
                                     : TRY(scalar("SELECT count(*) FROM set_aside WHERE mailbox_id = $1", {text(mailbox_)}));
    if (waiting > 0)
      TRY(run("DELETE FROM set_aside WHERE mailbox_id = $1 AND list_contains($2, provider_message_id)",
              {text(mailbox_), to_duckdb(std::vector<std::string>(stored.begin(), stored.end()))}));
    std::map<std::string, const SetAside*> last;
    for (const SetAside& item : append_.set_aside) last[item.provider_message_id.str()] = &item;
    for (const auto& [id, item] : last) {
      if (stored.contains(id)) continue;
      TRY(
          run("INSERT INTO set_aside VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO UPDATE SET reason = excluded.reason, "
              "size_bytes = excluded.size_bytes, set_aside_at = excluded.set_aside_at",
              {text(mailbox_), text(id), text(item->reason), number(item->size_bytes), to_duckdb(append_.at)}));
      ++result_.set_aside;
    }
    return {};
  }

  TenantDatabase& database_;
  duckdb::Connection& connection_;
  const Append& append_;
  const Lookup lookup_;
  const std::string mailbox_;
  AppendResult result_;
};

Result<AppendResult> apply_in_transaction(TenantDatabase& database, const Append& append, Lookup lookup) {
  Transaction transaction(database.writer());
  auto result = TRY(Applier(database, append, lookup).apply());
  // What is remembered is forgotten until the commit is known to have happened.
  database.last_ingest_seq.reset();
  database.cursor_versions.erase(append.cursor);
  if (result.set_aside > 0) database.has_set_aside.reset();
  transaction.commit();
  database.last_ingest_seq = result.last_ingest_seq;
  if (database.cursor_versions.size() >= cursor_versions_max) database.cursor_versions.clear();
  database.cursor_versions[append.cursor] = result.cursor_version;
  return result;
}

}  // namespace

Result<AppendResult> apply_append(TenantDatabase& database, const Append& append) {
  TRY(check_texts(append));
  const std::lock_guard lock(database.write_mutex);
  try {
    try {
      return apply_in_transaction(database, append, Lookup::none);
    } catch (const duckdb::ConstraintException&) {  // some are stored already
      return apply_in_transaction(database, append, Lookup::first);
    }
  } catch (const std::exception& error) {
    return fail(to_error(error, "append"));
  }
}

}  // namespace letterlock::duckdb_adapter
