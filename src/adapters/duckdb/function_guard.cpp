#include "adapters/duckdb/function_guard.h"

#include <duckdb.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "adapters/duckdb/allowed_functions.h"
#include "duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/vector/flat_vector.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"

namespace letterlock::duckdb_adapter {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::PhysicalType;

// What a call costs beyond the bytes that it reads.
enum class Cost {
  bytes,
  edit_distance,   // (text, text)
  band,            // ours of mail/lookalike.h, which looks at 64 characters around each: never refused, since what a stranger wrote goes in
  pattern,         // (text, pattern)
  all_matches,     // (text, pattern)
  regexp_replace,  // (text, pattern, replacement[, options])
  replace,         // (text, part, replacement)
  repeat,          // (text or list, times)
  pad,             // (text, characters, filling)
  format,          // (format, values…)
  time_format,     // (time, format) or (format, time)
  range,           // ([from,] to[, step])
  join,            // (list, function, separator), (separator, texts…)
  path,            // (JSON, path)
  wildcards,       // (text, pattern[, escape])
  json_pair,       // (JSON, JSON)
};

struct Costly {
  std::string_view name;
  Cost cost;
};
constexpr std::array costly{
    Costly{"levenshtein", Cost::edit_distance},
    Costly{"editdist3", Cost::edit_distance},
    Costly{"damerau_levenshtein", Cost::edit_distance},
    Costly{"jaro_similarity", Cost::edit_distance},
    Costly{"jaro_winkler_similarity", Cost::edit_distance},
    Costly{"edit_distance", Cost::band},
    Costly{"lookalike_reason", Cost::band},
    Costly{"regexp_matches", Cost::pattern},
    Costly{"regexp_full_match", Cost::pattern},
    Costly{"regexp_extract", Cost::pattern},
    Costly{"regexp_extract_all", Cost::all_matches},
    Costly{"regexp_split_to_array", Cost::all_matches},
    Costly{"string_split_regex", Cost::all_matches},
    Costly{"str_split_regex", Cost::all_matches},
    Costly{"regexp_replace", Cost::regexp_replace},
    Costly{"replace", Cost::replace},
    Costly{"repeat", Cost::repeat},
    Costly{"lpad", Cost::pad},
    Costly{"rpad", Cost::pad},
    Costly{"format", Cost::format},
    Costly{"printf", Cost::format},
    Costly{"strftime", Cost::time_format},
    Costly{"range", Cost::range},
    Costly{"generate_series", Cost::range},
    Costly{"list_aggr", Cost::join},
    Costly{"list_aggregate", Cost::join},
    Costly{"array_aggr", Cost::join},
    Costly{"array_aggregate", Cost::join},
    Costly{"aggregate", Cost::join},
    Costly{"concat_ws", Cost::join},
    Costly{"json_extract", Cost::path},
    Costly{"json_extract_path", Cost::path},
    Costly{"json_extract_string", Cost::path},
    Costly{"json_extract_path_text", Cost::path},
    Costly{"json_value", Cost::path},
    Costly{"json_exists", Cost::path},
    Costly{"->>", Cost::path},
    Costly{"~~", Cost::wildcards},
    Costly{"!~~", Cost::wildcards},
    Costly{"~~*", Cost::wildcards},
    Costly{"!~~*", Cost::wildcards},
    Costly{"~~~", Cost::wildcards},
    Costly{"like_escape", Cost::wildcards},
    Costly{"not_like_escape", Cost::wildcards},
    Costly{"ilike_escape", Cost::wildcards},
    Costly{"not_ilike_escape", Cost::wildcards},
    Costly{"json_contains", Cost::json_pair},
};

constexpr std::int64_t element_bytes = 16;
constexpr std::int64_t part_cost_max = 64 << 20;  // of the rows that are computed before the next look at the interrupt

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw duckdb::OutOfMemoryException(guard_mark + name + ": " + what);
}

std::int64_t saturating_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::int64_t>::max() : product;
}

// One argument's values.
class Argument {
 public:
  explicit Argument(const duckdb::Vector& vector) { duckdb::Vector::RecursiveToUnifiedFormat(vector, values_); }

  std::int64_t bytes(idx_t row) const { return bytes(values_, row); }
  std::string_view text(idx_t row) const {
    const idx_t at = index(values_, row);
    if (!is_text() || !values_.unified.validity.RowIsValid(at)) return {};
    const auto& text = values_.unified.GetData<duckdb::string_t>()[at];
    return {text.GetData(), text.GetSize()};
  }
  std::int64_t number(idx_t row) const {
    const idx_t at = index(values_, row);
    if (!values_.unified.validity.RowIsValid(at)) return 0;
    if (values_.unified.physical_type == PhysicalType::INT64) return values_.unified.GetData<std::int64_t>()[at];
    if (values_.unified.physical_type == PhysicalType::INT32) return values_.unified.GetData<std::int32_t>()[at];
    return 0;
  }
  // Of a step in time; months and days in their usual length.
  std::int64_t micros(idx_t row) const {
    const idx_t at = index(values_, row);
    if (!values_.unified.validity.RowIsValid(at)) return 0;
    return duckdb::Interval::GetMicro(values_.unified.GetData<duckdb::interval_t>()[at]);
  }
  bool is_text() const { return values_.unified.physical_type == PhysicalType::VARCHAR; }
  bool is_interval() const { return values_.unified.physical_type == PhysicalType::INTERVAL; }
  std::int64_t elements(idx_t row) const {
    const idx_t at = index(values_, row);
    if (values_.unified.physical_type != PhysicalType::LIST || !values_.unified.validity.RowIsValid(at)) return 1;
    return static_cast<std::int64_t>(values_.unified.GetData<duckdb::list_entry_t>()[at].length);
  }

 private:
  using Values = duckdb::RecursiveUnifiedVectorFormat;

  static idx_t index(const Values& values, idx_t row) { return values.unified.sel->get_index(row); }

  static std::int64_t bytes(const Values& values, idx_t row) {
    const idx_t at = index(values, row);
    if (!values.unified.validity.RowIsValid(at)) return 0;
    switch (values.unified.physical_type) {
      case PhysicalType::VARCHAR:
        return static_cast<std::int64_t>(values.unified.GetData<duckdb::string_t>()[at].GetSize());
      case PhysicalType::LIST: {
        const auto& entry = values.unified.GetData<duckdb::list_entry_t>()[at];
        return elements_bytes(values.children.at(0), entry.offset, entry.length);
      }
      case PhysicalType::ARRAY: {
        const idx_t length = duckdb::ArrayType::GetSize(values.logical_type);
        return elements_bytes(values.children.at(0), at * length, length);
      }
      case PhysicalType::STRUCT: {
        std::int64_t sum = 0;
        for (const auto& field : values.children) sum += bytes(field, at);
        return sum;
      }
      default:
        return element_bytes;
    }
  }

  static std::int64_t elements_bytes(const Values& elements, idx_t offset, idx_t length) {
    std::int64_t sum = saturating_product(static_cast<std::int64_t>(length), element_bytes);
    const auto type = elements.unified.physical_type;
    if (type != PhysicalType::VARCHAR && type != PhysicalType::LIST && type != PhysicalType::ARRAY && type != PhysicalType::STRUCT)
      return sum;
    for (idx_t i = 0; i < length && sum <= value_bytes_max; ++i) sum += bytes(elements, offset + i);
    return sum;
  }

  Values values_;
};

// A pattern's length with its repetitions written out: what the slower of RE2's two ways of matching does for each byte.
std::int64_t pattern_steps(std::string_view pattern) {
  std::int64_t steps = static_cast<std::int64_t>(pattern.size());
  for (std::size_t at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{', at + 1)) {
    const auto end = std::min(pattern.find('}', at), pattern.size());
    if (at >= 2 && pattern[at - 2] == '\\' && std::string_view("xpP").contains(pattern[at - 1])) continue;  // a character or class
    std::int64_t most = 0;
    for (std::size_t i = at + 1; i < end;) {
      std::int64_t number = 0;
      const auto parsed = std::from_chars(pattern.data() + i, pattern.data() + end, number);
      most = std::max(most, number);
      i = parsed.ptr == pattern.data() + i ? i + 1 : static_cast<std::size_t>(parsed.ptr - pattern.data());
    }
    // What is repeated may be a group, and a group in it be repeated too.
    const bool group = at > 0 && pattern[at - 1] == ')';
    steps = group ? saturating_product(steps, std::max<std::int64_t>(most, 1)) : steps + most;
  }
  return steps;
}

// Whether the pattern is one character, escape or class, repeated or not: then no search looks further than its match.
bool is_one_atom(std::string_view pattern) {
  if (pattern.empty()) return true;
  std::size_t end = 1;
  if (pattern[0] == '\\') {
    end = 2;
    if (pattern.size() > 2 && (pattern[1] == 'p' || pattern[1] == 'P' || pattern[1] == 'x'))
      end = pattern[2] == '{' ? pattern.find('}') + 1 : pattern.size() + 1;
  } else if (pattern[0] == '[') {
    // A "]" that stands first, or behind a backslash, or in [:alpha:], does not end the class; such classes are taken for more.
    end = pattern.find(']', pattern.starts_with("[^") ? 3 : 2) + 1;
    if (pattern.substr(0, end).contains("[:")) end = pattern.size() + 1;
    if (end >= 2 && end <= pattern.size() && pattern[end - 2] == '\\') end = pattern.size() + 1;
  } else if (std::string_view("(.|^$*+?{").contains(pattern[0])) {
    return false;
  }
  if (end == 0 || end > pattern.size()) return false;
  const auto rest = pattern.substr(end);
  return rest.empty() || rest == "+" || rest == "*";
}

// What LIKE (%) and GLOB (*) do at most: a part of the pattern behind a wildcard is tried at every place of the text, and stays where
// it is found first.
std::int64_t wildcard_steps(std::int64_t text_bytes, std::string_view pattern, char wildcard) {
  const auto behind = pattern.find_last_not_of(wildcard);
  const bool is_search = behind != std::string_view::npos && pattern.substr(0, behind).contains(wildcard);
  return is_search ? saturating_product(text_bytes, static_cast<std::int64_t>(pattern.size())) : 0;
}

// How deep arrays and objects stand in one another.
std::int64_t json_depth(std::string_view json) {
  std::int64_t depth = 0, most = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') ++i;
    if (in_string) continue;
    if (c == '[' || c == '{') most = std::max(most, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return most;
}

// The sum of widths and precisions in a format of printf ("%-20.3f") or format ("{:>20}"); -1 where one is not written there.
std::int64_t format_widths(std::string_view format) {
  std::int64_t sum = 0;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] == '*') {
      const auto before = format.substr(0, at).find_last_not_of("-+ #.0123456789");
      if (before != std::string_view::npos && format[before] == '%') return -1;
    }
    if (format[at] == '{' && format.substr(at + 1).find('{') < format.substr(at + 1).find('}') && format.substr(at, 2) != "{{") return -1;
    std::int64_t number = 0;
    const auto parsed = std::from_chars(format.data() + at, format.data() + format.size(), number);
    if (parsed.ec == std::errc::result_out_of_range) return -1;
    if (parsed.ptr == format.data() + at || number < 0) {
      ++at;
      continue;
    }
    sum += number;
    at = static_cast<std::size_t>(parsed.ptr - format.data());
  }
  return sum;
}

// What one row costs; refuses what is too much.
class Meter {
 public:
  Meter(const std::string& name, Cost cost, const duckdb::DataChunk& arguments, const duckdb::ExpressionState& state)
      : name_(name), cost_(cost), is_prepared_(is_prepared(state.expr)) {
    for (const auto& column : arguments.data) arguments_.emplace_back(column);
  }

  std::int64_t cost_of(idx_t row) const {
    std::int64_t bytes = 0;
    for (const auto& argument : arguments_) bytes += argument.bytes(row);
    expect_value(bytes);
    switch (cost_) {
      case Cost::bytes:
        return bytes;
      case Cost::edit_distance: {
        const auto steps = saturating_product(size(0, row), size(1, row));
        if (steps > edit_distance_steps_max)
          refuse(name_, "texts of " + std::to_string(size(0, row)) + " and " + std::to_string(size(1, row)) +
                            " bytes; the product of both is at most " + std::to_string(edit_distance_steps_max));
        return bytes + 8 * steps;
      }
      case Cost::band:
        return 128 * bytes;
      case Cost::pattern:
        return bytes * 8 + match_cost(row);
      case Cost::all_matches:
        return bytes * 8 + all_matches_cost(row);
      case Cost::regexp_replace:
        expect_value(saturating_product(size(0, row) + 1, 2 * size(2, row) + 1));
        return bytes * 8 + (text(3, row).contains('g') ? all_matches_cost(row) : match_cost(row));
      case Cost::replace:
        expect_value(size(0, row) + saturating_product(size(0, row) / std::max<std::int64_t>(size(1, row), 1), size(2, row)));
        return 4 * bytes;
      case Cost::repeat:
        return expect_value(
            saturating_product(std::max<std::int64_t>(arguments_.at(0).bytes(row), 1), std::max<std::int64_t>(number(1, row), 0)));
      case Cost::pad:
        return expect_value(saturating_product(std::max<std::int64_t>(number(1, row), 0), 4));
      case Cost::format: {
        const auto widths = format_widths(text(0, row));
        if (widths < 0) refuse(name_, "a width that the format does not write as a number");
        return expect_value(widths + bytes);
      }
      case Cost::time_format:
        return expect_value(64 * bytes);
      case Cost::range:
        return expect_value(saturating_product(range_length(row), element_bytes));
      case Cost::join: {
        if (name_ != "concat_ws" && !is_allowed_function(text(1, row))) refuse(name_, "the aggregate " + std::string(text(1, row)));
        // Whichever argument is the separator, it comes once for each element of the list or for each further argument.
        std::int64_t longest = 0, elements = static_cast<std::int64_t>(arguments_.size());
        for (std::size_t i = 0; i < arguments_.size(); ++i) {
          if (arguments_[i].is_text()) longest = std::max(longest, size(i, row));
          elements = std::max(elements, arguments_[i].elements(row));
        }
        if (name_ == "concat_ws") longest = size(0, row);
        return expect_value(bytes + saturating_product(elements, longest));
      }
      case Cost::path:
        if (text(1, row).contains('*') || text(1, row).contains("..")) expect_steps(saturating_product(size(0, row), size(0, row)), row);
        return bytes * 2;
      case Cost::wildcards: {
        // A constant pattern without "_" is prepared when LIKE is bound; its parts are looked for as contains() does, in one pass.
        if (is_prepared_) return bytes;
        const auto steps = wildcard_steps(size(0, row), text(1, row), name_ == "~~~" ? '*' : '%');
        expect_steps(steps, row);
        return bytes + steps;
      }
      case Cost::json_pair: {
        // It goes down both by recursion, and at each level compares all that is below.
        const auto depth = std::max(json_depth(text(0, row)), json_depth(text(1, row)));
        if (depth > json_depth_max) refuse(name_, "JSON that is nested more than " + std::to_string(json_depth_max) + " deep");
        const auto steps = saturating_product(saturating_product(size(0, row), size(1, row)), json_depth(text(1, row)) + 1);
        expect_steps(steps, row);
        return bytes + steps;
      }
    }
    return bytes;
  }

 private:
  static bool is_prepared(const duckdb::Expression& call) {
    return call.GetExpressionClass() == duckdb::ExpressionClass::BOUND_FUNCTION &&
           call.Cast<duckdb::BoundFunctionExpression>().BindInfo() != nullptr;
  }

  std::string_view text(std::size_t argument, idx_t row) const {
    return argument < arguments_.size() ? arguments_[argument].text(row) : std::string_view();
  }
  std::int64_t size(std::size_t argument, idx_t row) const { return static_cast<std::int64_t>(text(argument, row).size()); }
  std::int64_t number(std::size_t argument, idx_t row) const { return argument < arguments_.size() ? arguments_[argument].number(row) : 0; }

  std::int64_t expect_value(std::int64_t bytes) const {
    if (bytes > value_bytes_max)
      refuse(name_, "a value of more than " + std::to_string(value_bytes_max >> 20) + " MiB would go in or come out");
    return bytes;
  }

  void expect_steps(std::int64_t steps, idx_t row) const {
    if (steps > pattern_steps_max)
      refuse(name_, "a text of " + std::to_string(size(0, row)) + " bytes with this pattern; use a simpler pattern, or left(text, n)");
  }

  std::int64_t match_cost(idx_t row) const {
    const auto pattern = text(1, row);
    expect_steps(saturating_product(size(0, row), pattern_steps(pattern)), row);
    return 256 * static_cast<std::int64_t>(pattern.size());  // a pattern that is no constant is compiled for each row
  }

  std::int64_t all_matches_cost(idx_t row) const {
    const auto cost = match_cost(row);
    if (is_one_atom(text(1, row))) return cost;
    const auto steps = saturating_product(size(0, row), size(0, row));
    expect_steps(steps, row);
    return cost + steps / 8;
  }

  std::int64_t range_length(idx_t row) const {
    const bool has_step = arguments_.size() > 2, has_start = arguments_.size() > 1;
    const auto start = has_start ? number(0, row) : 0, stop = number(has_start ? 1 : 0, row);
    const auto step = !has_step ? 1 : arguments_[2].is_interval() ? arguments_[2].micros(row) : number(2, row);
    std::int64_t distance = 0;
    if (__builtin_sub_overflow(stop, start, &distance)) return std::numeric_limits<std::int64_t>::max();
    if (step == 0) return 0;  // the function's own error
    return std::max<std::int64_t>(distance / step, 0);
  }

  const std::string& name_;
  const Cost cost_;
  const bool is_prepared_;  // something was made of the constant arguments when the call was bound
  std::vector<Argument> arguments_;
};

// In the place of a function: looks before it is called.
class Guard {
 public:
  Guard(std::string name, Cost cost, duckdb::scalar_function_t function)
      : name_(std::move(name)), cost_(cost), function_(std::move(function)) {}

  void operator()(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) const {
    const idx_t count = arguments.size();
    const Meter meter(name_, cost_, arguments, state);
    if (state.HasContext()) state.GetContext().InterruptCheck();
    if (count == 0 || arguments.ColumnCount() == 0 || arguments.AllConstant()) {
      if (count > 0 && arguments.ColumnCount() > 0) meter.cost_of(0);
      return function_(arguments, state, result);
    }
    std::vector<idx_t> ends;  // of the parts
    std::int64_t cost = 0;
    for (idx_t row = 0; row < count; ++row) {
      const auto row_cost = meter.cost_of(row);
      if (cost > 0 && cost + row_cost > part_cost_max) {
        ends.push_back(row);
        cost = 0;
      }
      cost += row_cost;
    }
    if (ends.empty()) return function_(arguments, state, result);
    ends.push_back(count);
    call_in_parts(ends, arguments, state, result);
  }

 private:
  void call_in_parts(const std::vector<idx_t>& ends, duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                     duckdb::Vector& result) const {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    idx_t begin = 0;
    for (const idx_t end : ends) {
      if (state.HasContext()) state.GetContext().InterruptCheck();
      duckdb::DataChunk part;
      part.InitializeEmpty(arguments.GetTypes());
      for (idx_t i = 0; i < arguments.ColumnCount(); ++i) part.data[i].Slice(arguments.data[i], begin, end);
      part.SetCardinalityUnsafe(end - begin);
      duckdb::Vector answers(result.GetType());
      function_(part, state, answers);
      duckdb::FlatVector::SetSize(answers, end - begin);
      duckdb::VectorOperations::Copy(answers, result, end - begin, 0, begin);
      begin = end;
    }
    duckdb::FlatVector::SetSize(result, begin);
  }

  std::string name_;
  Cost cost_;
  duckdb::scalar_function_t function_;
};

// What a guarded function had of its own, put back when it is bound.
struct GuardInfo final : duckdb::ScalarFunctionInfo {
  std::string name;
  Cost cost = Cost::bytes;
  duckdb::bind_scalar_function_t bind = nullptr;
  duckdb::shared_ptr<duckdb::ScalarFunctionInfo> info;
};

// Some functions choose what they call when they are bound; that is guarded too.
duckdb::unique_ptr<duckdb::FunctionData> bind_guarded(duckdb::BindScalarFunctionInput& input) {
  auto& bound = input.GetBoundFunction();
  const auto info = duckdb::shared_ptr_cast<duckdb::ScalarFunctionInfo, GuardInfo>(bound.GetFunctionInfo());
  bound.SetExtraFunctionInfo(info->info);
  bound.SetBindCallback(info->bind);
  auto data = info->bind(input);
  if (bound.HasFunctionCallback() && bound.GetFunctionCallback().target<Guard>() == nullptr)
    bound.SetFunctionCallback(Guard(info->name, info->cost, bound.GetFunctionCallback()));
  return data;
}

bool has_fixed_size(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::BLOB:
    case LogicalTypeId::BIT:
    case LogicalTypeId::LIST:
    case LogicalTypeId::ARRAY:
    case LogicalTypeId::MAP:
    case LogicalTypeId::STRUCT:
    case LogicalTypeId::UNION:
    case LogicalTypeId::VARIANT:
    case LogicalTypeId::ANY:
    case LogicalTypeId::TEMPLATE:
    case LogicalTypeId::LAMBDA:
    case LogicalTypeId::BIGNUM:
    case LogicalTypeId::GEOMETRY:
    case LogicalTypeId::INVALID:
    case LogicalTypeId::UNKNOWN:
      return false;
    default:
      return true;
  }
}

bool needs_guard(const duckdb::ScalarFunction& function, Cost cost) {
  const auto& signature = function.GetSignature();
  return cost != Cost::bytes || std::ranges::any_of(signature.GetParameters(), [](const duckdb::FunctionParameter& parameter) {
           return !has_fixed_size(parameter.GetType());
         });
}

}  // namespace

void guard_functions(duckdb::DatabaseInstance& database) {
  duckdb::ExtensionLoader loader(database, "letterlock");
  for (const std::string_view name : allowed_functions()) {
    auto entry = loader.TryGetFunction(duckdb::Identifier(std::string(name)));
    if (!entry || entry->type != duckdb::CatalogType::SCALAR_FUNCTION_ENTRY) continue;
    const auto known = std::ranges::find(costly, name, &Costly::name);
    const Cost cost = known == costly.end() ? Cost::bytes : known->cost;
    entry->Cast<duckdb::ScalarFunctionCatalogEntry>().functions.ApplyToFunctions([&](duckdb::ScalarFunction& function) {
      // Comparisons choose rows by a callback of their own; they stop at the first byte that differs.
      if (function.HasSelectCallback() || !needs_guard(function, cost)) return;
      if (function.HasFunctionCallback()) function.SetFunctionCallback(Guard(std::string(name), cost, function.GetFunctionCallback()));
      // ILIKE's puts another function, unguarded, in the guard's place where the texts are all ASCII.
      if (cost == Cost::wildcards) function.SetStatisticsCallback(nullptr);
      if (!function.HasBindCallback()) return;
      auto info = duckdb::make_shared_ptr<GuardInfo>();
      info->name = name;
      info->cost = cost;
      info->bind = function.GetBindCallback();
      info->info = function.GetFunctionInfo();
      function.SetBindCallback(bind_guarded);
      function.SetExtraFunctionInfo(std::move(info));
    });
  }
}

}  // namespace letterlock::duckdb_adapter
