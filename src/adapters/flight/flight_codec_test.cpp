#include <arrow/api.h>
#include <arrow/ipc/writer.h>
#include <gtest/gtest.h>

#include <set>

#include "adapters/flight/append_codec.h"
#include "adapters/flight/arrow_result.h"
#include "adapters/flight/arrow_value.h"

namespace letterlock::flight {
namespace {

#pragma GCC diagnostic ignored "-Wc++26-extensions"  // structured binding packs
template <class T>
std::size_t members_of(const T& value) {
  [[maybe_unused]] const auto& [... members] = value;
  return sizeof...(members);
}

template <class T>
bool same(const T& a, const T& b) {
  const auto& [... here] = a;
  const auto& [... there] = b;
  return ((here == there) && ...);
}

template <class T>
std::size_t fields_of(const T& value) {
  std::set<const void*> seen;  // a member listed twice counts once
  for_each_field(value, [&](const char*, const auto& member) { seen.insert(&member); });
  return seen.size();
}

// Each next value differs from all before it.
class Distinct {
 public:
  void fill(std::string& text) { text = "täxt \"" + std::to_string(++count_) + "\""; }
  void fill(bool& flag) { flag = true; }
  void fill(std::int64_t& number) { number = -(std::int64_t{1} << 40) - ++count_; }
  void fill(TimePoint& time) { time = from_unix_micros(1'700'000'000'000'000 + ++count_); }
  void fill(Direction& direction) { direction = Direction::outbound; }
  void fill(MailboxState& state) { state = MailboxState::failed; }
  template <class Tag>
  void fill(Id<Tag>& id) {
    id = Id<Tag>("id-" + std::to_string(++count_));
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    values.resize(2 + static_cast<std::size_t>(++count_ % 3));
    for (T& value : values) fill(value);
  }
  template <Record T>
  void fill(T& value) {
    for_each_field(value, [&](const char*, auto& member) { fill(member); });
  }
  template <class T>
  T make() {
    T value;
    fill(value);
    return value;
  }

 private:
  std::int64_t count_ = 0;
};

std::vector<std::shared_ptr<arrow::RecordBatch>> encoded(const Append& append) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  const auto status = encode_rows(append, [&](const std::shared_ptr<arrow::RecordBatch>& batch) {
    batches.push_back(batch);
    return arrow::Status::OK();
  });
  EXPECT_TRUE(status.ok()) << status.ToString();
  return batches;
}

Append decoded(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  Append append;
  for (const auto& batch : batches) {
    const auto status = decode_rows(*batch, append);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  return append;
}

arrow::Status decoding(const arrow::RecordBatch& batch) {
  Append append;
  return decode_rows(batch, append);
}

void expect_fit(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  for (const auto& batch : batches) {
    std::int64_t bytes = 0;
    ASSERT_TRUE(arrow::ipc::GetRecordBatchSize(*batch, &bytes).ok());
    EXPECT_TRUE(bytes <= batch_bytes_max || batch->num_rows() == 1) << bytes << " bytes, " << batch->num_rows() << " rows";
  }
}

TEST(FlightCodec, ListsEveryMemberOfWhatCrossesTheWire) {
  const char* remedy = "a member is missing in src/model/fields.h: it would be lost between ingestion and storage";
  EXPECT_EQ(fields_of(Recipient{}), members_of(Recipient{})) << remedy;
  EXPECT_EQ(fields_of(Link{}), members_of(Link{})) << remedy;
  EXPECT_EQ(fields_of(Attachment{}), members_of(Attachment{})) << remedy;
  EXPECT_EQ(fields_of(PaymentInstrument{}), members_of(PaymentInstrument{})) << remedy;
  EXPECT_EQ(fields_of(Email{}), members_of(Email{}) - 1 + members_of(Authentication{})) << remedy;
  EXPECT_EQ(fields_of(EmailChange{}), members_of(EmailChange{})) << remedy;
  EXPECT_EQ(fields_of(Removal{}), members_of(Removal{})) << remedy;
  EXPECT_EQ(fields_of(SetAside{}), members_of(SetAside{})) << remedy;
  EXPECT_EQ(fields_of(User{}), members_of(User{})) << remedy;
  EXPECT_EQ(fields_of(MailboxSetting{}), members_of(MailboxSetting{})) << remedy;
  EXPECT_EQ(members_of(SettingsChanges{}), 3u) << "settings_changes_json() knows three members";
  EXPECT_EQ(members_of(UserListing{}), 2u) << "users_header_json() knows two members";
  EXPECT_EQ(members_of(RawMessage{}), members_of(RawSlice{})) << "RawSlice lacks a member of RawMessage";
  // Header (headers_json.cpp): cursor, seen_version, next_value, at, generation, sweep_below; rows: emails, changes, removals, set_aside.
  EXPECT_EQ(members_of(Append{}), 10u) << "append_header() and encode_rows() know ten members";
  EXPECT_EQ(members_of(AppendResult{}), 6u) << "append_result_json() knows six members";
  EXPECT_EQ(members_of(TenantFacts{}), 2u) << "users_header_json() knows two facts";
}

TEST(FlightCodec, EveryFieldComesBack) {
  Distinct distinct;
  Append append;
  for (int i = 0; i < 3; ++i) {
    append.emails.push_back({.email = distinct.make<Email>(), .raw = {.format = "graph", .bytes = std::string("\0\xff\x01raw", 6)}});
    append.changes.push_back(distinct.make<EmailChange>());
    append.removals.push_back(distinct.make<Removal>());
    append.set_aside.push_back(distinct.make<SetAside>());
  }
  append.emails.push_back({});  // and what is empty stays empty
  append.changes.push_back({.provider_message_id = ProviderMessageId("only"), .labels = std::vector<std::string>{}});
  append.removals.push_back({});
  append.set_aside.push_back({});

  const Append back = decoded(encoded(append));
  ASSERT_EQ(back.emails.size(), append.emails.size());
  for (std::size_t i = 0; i < append.emails.size(); ++i) {
    EXPECT_EQ(back.emails[i].email, append.emails[i].email) << i;
    EXPECT_TRUE(same(back.emails[i].raw, append.emails[i].raw)) << i;
  }
  ASSERT_EQ(back.changes.size(), append.changes.size());
  for (std::size_t i = 0; i < append.changes.size(); ++i) EXPECT_TRUE(same(back.changes[i], append.changes[i])) << i;
  ASSERT_EQ(back.removals.size(), append.removals.size());
  for (std::size_t i = 0; i < append.removals.size(); ++i) EXPECT_TRUE(same(back.removals[i], append.removals[i])) << i;
  ASSERT_EQ(back.set_aside.size(), append.set_aside.size());
  for (std::size_t i = 0; i < append.set_aside.size(); ++i) EXPECT_TRUE(same(back.set_aside[i], append.set_aside[i])) << i;
}

TEST(FlightCodec, UsersAndHeadersComeBack) {
  Distinct distinct;
  const std::vector<User> users{distinct.make<User>(), User{}, distinct.make<User>()};
  std::vector<User> back;
  ASSERT_TRUE(encode_users(users, [&](const auto& batch) { return decode_users(*batch, back); }).ok());
  EXPECT_EQ(back, users);

  Append append{.cursor = {MailboxId("m\"1"), "graph", FolderId("f\\ü")},
                .seen_version = 7,
                .next_value = "{\"a\":\"\n\"}",
                .at = from_unix_micros(1'700'000'000'000'001),
                .generation = 3,
                .sweep_below = 2};
  const Append header = append_from_header(append_header(append)).ValueOrDie();
  EXPECT_EQ(header.cursor, append.cursor);
  EXPECT_EQ(header.seen_version, 7);
  EXPECT_EQ(header.next_value, append.next_value);
  EXPECT_EQ(header.at, append.at);
  EXPECT_EQ(header.generation, 3);
  EXPECT_EQ(header.sweep_below, 2);
  append.sweep_below.reset();
  EXPECT_EQ(append_from_header(append_header(append)).ValueOrDie().sweep_below, std::nullopt);
  EXPECT_TRUE(append_from_header("{\"mailbox_id\":").status().IsInvalid());
  EXPECT_TRUE(append_from_header("{\"unknown\":1}").status().IsInvalid());

  const AppendResult result{1, 2, 3, 4, 5, 6};
  EXPECT_EQ(append_result_from(append_result_json(result)).ValueOrDie(), result);
  const UsersHeader facts = users_header_from(users_header_json({.listing = {.connection_id = ConnectionId("c"), .complete = true},
                                                                 .facts = {.domains = {"a.example", "ü.example"}, .vip_user_ids = {"u1"}},
                                                                 .at_micros = 42}))
                                .ValueOrDie();
  EXPECT_EQ(facts.listing.connection_id, ConnectionId("c"));
  EXPECT_TRUE(facts.listing.complete);
  EXPECT_EQ(facts.facts.domains, (std::vector<std::string>{"a.example", "ü.example"}));
  EXPECT_EQ(facts.facts.vip_user_ids, std::vector<std::string>{"u1"});
  EXPECT_EQ(facts.at_micros, 42);

  const SettingsChanges changes{1, 2, 3};
  EXPECT_EQ(settings_changes_from(settings_changes_json(changes)).ValueOrDie(), changes);
  EXPECT_EQ(settings_header_from(settings_header_json({MailboxId("m\"1"), 42}))->mailbox_id, MailboxId("m\"1"));
  EXPECT_TRUE(settings_header_from("{\"mailbox_id\":").status().IsInvalid());
  EXPECT_TRUE(settings_header_from("{}x").status().IsInvalid());
}

TEST(FlightCodec, ParametersComeBack) {
  const std::vector<std::pair<std::string, Value>> parameters{{"nothing", std::monostate{}},      {"flag", true},
                                                              {"number", std::int64_t{-1} << 62}, {"real", 0.1},
                                                              {"text", std::string("ü \0 x", 6)}, {"time", from_unix_micros(-1)}};
  const auto batch = parameters_batch(parameters).ValueOrDie();
  EXPECT_EQ(parameters_of(*batch).ValueOrDie(), parameters);
  const auto schema = arrow::schema({arrow::field("a", arrow::int32())});
  arrow::Int32Builder builder;
  ASSERT_TRUE(builder.AppendValues({1, 2}).ok());
  const auto two = arrow::RecordBatch::Make(schema, 2, {builder.Finish().ValueOrDie()});
  EXPECT_TRUE(parameters_of(*two).status().IsInvalid());
}

TEST(FlightCodec, BatchesFitAMessageUnlessOneRowDoesNot) {
  Distinct distinct;
  Append small;  // narrow rows, in which the other parts' empty columns weigh more than the values
  for (int i = 0; i < 30'000; ++i) small.set_aside.push_back({ProviderMessageId(std::to_string(i)), "r", i});
  auto batches = encoded(small);
  EXPECT_GT(batches.size(), 1u);
  expect_fit(batches);
  EXPECT_EQ(decoded(batches).set_aside.size(), 30'000u);

  Append wide;
  for (int i = 0; i < 12; ++i) {
    EmailRecord& record = wide.emails.emplace_back(distinct.make<Email>(), RawMessage{"rfc5322", std::string(2'500'000, 'r')});
    record.email.body_text.assign(256 << 10, 'b');
    record.email.quoted_text.assign(256 << 10, 'q');
    if (i == 5) record.email.links.assign(500, {.url = std::string(8 << 10, 'u')});  // 4 MB in one row
  }
  batches = encoded(wide);
  expect_fit(batches);
  const Append back = decoded(batches);
  ASSERT_EQ(back.emails.size(), 12u);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(back.emails[i].email, wide.emails[i].email);
    EXPECT_EQ(back.emails[i].raw.bytes, wide.emails[i].raw.bytes);
  }
  EXPECT_TRUE(encoded({}).empty());
}

TEST(FlightCodec, RefusesWhatIsNoAppend) {
  Distinct distinct;
  Append append;
  append.emails.push_back({.email = distinct.make<Email>(), .raw = {"rfc5322", "bytes"}});
  const auto batch = encoded(append).at(0);
  ASSERT_EQ(batch->num_rows(), 2);
  const auto part = [&](int column, int row) { return batch->column(column)->Slice(row, 1); };
  const auto row = [&](std::vector<std::shared_ptr<arrow::Array>> first_two) {
    first_two.insert(first_two.end(), {part(2, 0), part(3, 0), part(4, 0)});
    return arrow::RecordBatch::Make(append_schema(), 1, std::move(first_two));
  };
  EXPECT_TRUE(decoding(*row({part(0, 0), part(1, 0)})).ok());
  EXPECT_TRUE(decoding(*row({part(0, 1), part(1, 1)})).IsInvalid()) << "raw before any e-mail";
  EXPECT_TRUE(decoding(*row({part(0, 0), part(1, 1)})).IsInvalid()) << "two parts";
  EXPECT_TRUE(decoding(*row({part(0, 1), part(1, 0)})).IsInvalid()) << "no part";
  EXPECT_TRUE(decoding(*batch->SelectColumns({0, 1}).ValueOrDie()).IsInvalid()) << "columns missing";
  EXPECT_TRUE(decoding(*batch->SelectColumns({0, 2, 1, 3, 4}).ValueOrDie()).IsInvalid()) << "columns in another order";
  std::vector<User> users;
  EXPECT_TRUE(decode_users(*batch, users).IsInvalid());

  // Offsets that point outside of the text.
  const auto damaged = encoded(append).at(0);
  auto data = damaged->column_data(0)->Copy();
  auto text = data->child_data.at(1)->Copy();
  const std::int32_t offsets[] = {0, 1 << 30, 1 << 30};
  text->buffers.at(1) = arrow::Buffer::FromString(std::string(reinterpret_cast<const char*>(offsets), sizeof offsets));
  data->child_data[1] = text;
  EXPECT_TRUE(decoding(*arrow::RecordBatch::Make(
                           append_schema(), 2,
                           {arrow::MakeArray(data), damaged->column(1), damaged->column(2), damaged->column(3), damaged->column(4)}))
                  .IsInvalid());

  // A name that is no mailbox state.
  ASSERT_TRUE(encode_users(std::vector<User>{distinct.make<User>()}, [&](const std::shared_ptr<arrow::RecordBatch>& good) {
                const auto record = std::static_pointer_cast<arrow::StructArray>(good->column(0));
                arrow::ArrayVector children = record->fields();
                const int index = record->struct_type()->GetFieldIndex("mailbox_state");
                arrow::StringBuilder builder;
                ARROW_RETURN_NOT_OK(builder.Append("retired"));
                ARROW_ASSIGN_OR_RAISE(children.at(static_cast<std::size_t>(index)), builder.Finish());
                const auto bad = arrow::RecordBatch::Make(
                    users_schema(), 1, {arrow::StructArray::Make(children, record->struct_type()->fields()).ValueOrDie()});
                EXPECT_TRUE(decode_users(*bad, users).IsInvalid());
                return arrow::Status::OK();
              }).ok());
}

}  // namespace
}  // namespace letterlock::flight
