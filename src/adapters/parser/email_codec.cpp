#include "adapters/parser/email_codec.h"

#include <cstring>
#include <type_traits>

#include "model/fields.h"

namespace letterlock::parser {
namespace {

template <class T>
concept Record = requires(T& value) { for_each_field(value, [](const char*, auto&) {}); };

class Writer {
 public:
  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void put(const T& value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    out_ += text;
  }
  void put(const TimePoint& time) { put(to_unix_micros(time)); }
  template <class Tag>
  void put(const Id<Tag>& id) {
    put(id.str());
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    for (const auto& value : values) put(value);
  }
  template <Record T>
  void put(const T& value) {
    for_each_field(value, [this](const char*, const auto& member) { put(member); });
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
    requires std::is_arithmetic_v<T>
  void get(T& value) {
    const auto bytes = take(sizeof value);
    if constexpr (std::is_same_v<T, bool>)
      value = !bytes.empty() && bytes.front() == 1;
    else if (!bytes.empty())
      std::memcpy(&value, bytes.data(), sizeof value);
  }
  void get(Direction& direction) {
    std::underlying_type_t<Direction> number = 0;
    get(number);
    if (number < 0 || number > static_cast<decltype(number)>(Direction::outbound)) broken_ = true;
    if (!broken_) direction = static_cast<Direction>(number);
  }
  void get(std::string& text) { text = take(size()); }
  void get(TimePoint& time) {
    std::int64_t micros = 0;
    get(micros);
    time = from_unix_micros(micros);
  }
  template <class Tag>
  void get(Id<Tag>& id) {
    id = Id<Tag>(std::string(take(size())));
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool is_there = false;
    get(is_there);
    if (is_there) get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& values) {
    // One by one: a count proves nothing about what follows it.
    for (auto count = size(); count > 0 && !broken_; --count) get(values.emplace_back());
  }
  template <Record T>
  void get(T& value) {
    for_each_field(value, [this](const char*, auto& member) { get(member); });
  }

  std::string_view take(std::size_t bytes) {
    if (broken_ || bytes > rest_.size()) {
      broken_ = true;
      return {};
    }
    const auto taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  bool is_whole() const { return !broken_ && rest_.empty(); }

 private:
  std::size_t size() {
    std::uint32_t value = 0;
    get(value);
    return value;
  }

  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace

std::string encode(const mail::ParseContext& context) {
  static_assert(std::is_trivially_copyable_v<mail::ParseLimits>);
  Writer writer;
  writer.put(context.trusted_authserv_ids);
  writer.put(context.tenant_domains);
  writer.put(context.mailbox_address);
  return writer.take().append(reinterpret_cast<const char*>(&context.limits), sizeof context.limits);
}

std::string encode(const Email& email) {
  Writer writer;
  writer.put(email);
  return writer.take();
}

Result<mail::ParseContext> decode_context(std::string_view bytes) {
  mail::ParseContext context;
  Reader reader(bytes);
  reader.get(context.trusted_authserv_ids);
  reader.get(context.tenant_domains);
  reader.get(context.mailbox_address);
  const auto limits = reader.take(sizeof context.limits);
  if (!reader.is_whole()) return fail(ErrorKind::internal, "a parser process was given a broken context");
  std::memcpy(&context.limits, limits.data(), sizeof context.limits);
  return context;
}

Result<Email> decode_email(std::string_view bytes) {
  Email email;
  Reader reader(bytes);
  reader.get(email);
  if (!reader.is_whole()) return fail(ErrorKind::internal, "a parser process gave a broken answer");
  return email;
}

}  // namespace letterlock::parser
