#include "adapters/duckdb/statement_size.h"

#include <duckdb.hpp>

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/lambda_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/query_node/cte_node.hpp"
#include "duckdb/parser/query_node/recursive_cte_node.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/query_node/set_operation_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/list.hpp"

namespace letterlock::duckdb_adapter {
namespace {

std::unexpected<Error> too_large(const std::string& what, std::int64_t limit) {
  return fail(Error{.kind = ErrorKind::invalid,
                    .message = "query: the statement is too large to be planned: at most " + std::to_string(limit) + " " + what,
                    .code = "too_large"});
}

std::int64_t sum_of(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

std::int64_t product_of(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::int64_t>::max() : product;
}

// What a SELECT or one of its sources comes to when it is bound.
struct Size {
  std::int64_t nodes = 0;
  std::int64_t columns = 0;
  std::int64_t fields = 1;  // of its largest column

  void add(const Size& other) {
    nodes = sum_of(nodes, other.nodes);
    columns = sum_of(columns, other.columns);
    fields = std::max(fields, other.fields);
  }
};

constexpr std::int64_t table_columns = 64;  // taken for a stored table's and a table function's; none of ours has as many

// Measures a statement's tree; what is over a limit is thrown, and caught by check_tree_size alone.
class TreeMeter {
 public:
  struct OverLimit {
    std::string what;
    std::int64_t limit;
  };

  Size node(const duckdb::QueryNode& any) {
    const Deeper deeper(*this);
    if (++selects_ > statement_selects_max) throw OverLimit{"SELECTs", statement_selects_max};
    const auto outer_tables = tables_;
    Size size;
    for (const auto& [name, table] : any.cte_map.map) {
      if (!table->query_node) continue;
      const Size made = node(*table->query_node);
      const bool written_out = table->materialized == duckdb::CTEMaterialize::CTE_MATERIALIZE_NEVER;
      if (!written_out) size.nodes = sum_of(size.nodes, made.nodes);
      tables_[key(name)] = {.nodes = written_out ? made.nodes : 1, .columns = made.columns, .fields = made.fields};
    }
    switch (any.type) {
      case duckdb::QueryNodeType::SELECT_NODE:
        size.add(select(any.Cast<duckdb::SelectNode>()));
        break;
      case duckdb::QueryNodeType::SET_OPERATION_NODE:
        for (const auto& child : any.Cast<duckdb::SetOperationNode>().children) {
          const Size arm = node(*child);
          size.nodes = sum_of(size.nodes, arm.nodes);
          size.columns = std::max(size.columns, arm.columns);
          size.fields = std::max(size.fields, arm.fields);
        }
        break;
      case duckdb::QueryNodeType::RECURSIVE_CTE_NODE: {
        const auto& recursive = any.Cast<duckdb::RecursiveCTENode>();
        const Size left = node(*recursive.left);
        tables_[key(recursive.ctename)] = {.nodes = 1, .columns = left.columns, .fields = left.fields};
        size.add(left);
        size.nodes = sum_of(size.nodes, node(*recursive.right).nodes);
        break;
      }
      case duckdb::QueryNodeType::CTE_NODE: {
        const auto& with = any.Cast<duckdb::CTENode>();
        const Size made = node(*with.query);
        tables_[key(with.ctename)] = {.nodes = made.nodes, .columns = made.columns, .fields = made.fields};
        size.add(node(*with.child));
        break;
      }
      default:  // what changes something; refused elsewhere
        break;
    }
    for (const auto& modifier : any.modifiers) {
      if (modifier->type == duckdb::ResultModifierType::ORDER_MODIFIER)
        for (const auto& order : modifier->Cast<duckdb::OrderModifier>().orders)
          size.nodes = sum_of(size.nodes, part(*order.expression).nodes);
      if (modifier->type == duckdb::ResultModifierType::DISTINCT_MODIFIER)
        for (const auto& target : modifier->Cast<duckdb::DistinctModifier>().distinct_on_targets)
          size.nodes = sum_of(size.nodes, part(*target).nodes);
      if (modifier->type == duckdb::ResultModifierType::LIMIT_MODIFIER) {
        const auto& limit = modifier->Cast<duckdb::LimitModifier>();
        for (const auto* expression : {&limit.limit, &limit.offset})
          if (*expression) size.nodes = sum_of(size.nodes, part(**expression).nodes);
      }
    }
    tables_ = outer_tables;
    expect(size);
    return size;
  }

 private:
  // Counts a level of the tree while it is alive.
  class Deeper {
   public:
    explicit Deeper(TreeMeter& meter) : meter_(meter) {
      if (++meter_.depth_ > statement_depth_max) throw OverLimit{"levels of nesting", statement_depth_max};
    }
    ~Deeper() { --meter_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    TreeMeter& meter_;
  };

  // What an expression holds.
  struct Part {
    std::int64_t nodes = 1;
    std::int64_t struct_inputs = 0;  // columns that go into a struct
    std::int64_t alias_fields = 1;   // of the largest alias that it names
    bool has_star = false;
  };

  static std::string key(const duckdb::Identifier& name) {
    std::string text = name.GetIdentifierName();
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  }

  static void expect(const Size& size) {
    if (size.nodes > statement_nodes_max) throw OverLimit{"nodes with aliases, * and CTEs written out", statement_nodes_max};
    if (size.columns > select_columns_max) throw OverLimit{"columns of a SELECT", select_columns_max};
    if (size.fields > select_columns_max) throw OverLimit{"fields of structs within structs", select_columns_max};
  }

  Size select(const duckdb::SelectNode& select) {
    int joined = 0;
    Size from{.nodes = 1};
    if (select.from_table) from = source(*select.from_table, joined);
    const auto outer_aliases = std::exchange(aliases_, {});
    Size size{.nodes = from.nodes, .fields = 1};
    for (const auto& item : select.select_list) {
      const Part parts = part(*item);
      const std::int64_t columns = parts.has_star ? std::max<std::int64_t>(from.columns, 1) : 1;
      const std::int64_t fields = product_of(std::max(from.fields, parts.alias_fields), std::max<std::int64_t>(parts.struct_inputs, 1));
      size.nodes = sum_of(size.nodes, product_of(parts.nodes, columns));
      size.columns = sum_of(size.columns, columns);
      size.fields = std::max(size.fields, fields);
      if (!item->GetAlias().empty()) aliases_[key(item->GetAlias())] = {.nodes = parts.nodes, .fields = fields};
      expect(size);
    }
    for (const auto* clause : {&select.where_clause, &select.having, &select.qualify})
      if (*clause) size.nodes = sum_of(size.nodes, part(**clause).nodes);
    for (const auto& group : select.groups.group_expressions) size.nodes = sum_of(size.nodes, part(*group).nodes);
    if (std::ssize(select.groups.grouping_sets) > grouping_sets_max) throw OverLimit{"grouping sets", grouping_sets_max};
    aliases_ = outer_aliases;
    expect(size);
    return size;
  }

  Size source(const duckdb::TableRef& any, int& joined) {
    const Deeper deeper(*this);
    using duckdb::TableReferenceType;
    if (any.type == TableReferenceType::JOIN) {
      const auto& join = any.Cast<duckdb::JoinRef>();
      Size size = source(*join.left, joined);
      size.add(source(*join.right, joined));
      if (join.condition) size.nodes = sum_of(size.nodes, part(*join.condition).nodes);
      if (join.ranking_expression) size.nodes = sum_of(size.nodes, part(*join.ranking_expression).nodes);
      return size;
    }
    if (++joined > joined_tables_max) throw OverLimit{"tables joined in one FROM", joined_tables_max};
    Size size{.nodes = 1, .columns = table_columns, .fields = 1};
    switch (any.type) {
      case TableReferenceType::BASE_TABLE: {
        const auto known = tables_.find(key(any.Cast<duckdb::BaseTableRef>().Table()));
        return known == tables_.end() ? size : known->second;
      }
      case TableReferenceType::SUBQUERY:
        return node(*any.Cast<duckdb::SubqueryRef>().subquery->node);
      case TableReferenceType::TABLE_FUNCTION: {
        const auto& call = any.Cast<duckdb::TableFunctionRef>();
        size.nodes = sum_of(size.nodes, part(*call.function).nodes);
        if (call.subquery) size.add(node(*call.subquery->node));
        return size;
      }
      case TableReferenceType::EXPRESSION_LIST: {
        size.columns = 0;
        for (const auto& row : any.Cast<duckdb::ExpressionListRef>().values) {
          size.columns = std::max<std::int64_t>(size.columns, std::ssize(row));
          for (const auto& value : row) {
            const Part parts = part(*value);
            size.nodes = sum_of(size.nodes, parts.nodes);
            size.fields = std::max(size.fields, parts.struct_inputs);
          }
        }
        return size;
      }
      case TableReferenceType::PIVOT: {
        const auto& pivot = any.Cast<duckdb::PivotRef>();
        size = source(*pivot.source, joined);
        std::int64_t made = 1;
        for (const auto& aggregate : pivot.aggregates) size.nodes = sum_of(size.nodes, part(*aggregate).nodes);
        for (const auto& column : pivot.pivots) {
          for (const auto& expression : column.pivot_expressions) size.nodes = sum_of(size.nodes, part(*expression).nodes);
          made = product_of(made, std::max<std::int64_t>(std::ssize(column.entries), 1));
        }
        made = product_of(made, std::max<std::int64_t>(std::ssize(pivot.aggregates), 1));
        size.columns = sum_of(size.columns, made);
        size.nodes = sum_of(size.nodes, made);
        return size;
      }
      case TableReferenceType::SHOW_REF: {
        const auto& show = any.Cast<duckdb::ShowRef>();
        return show.query ? node(*show.query) : size;
      }
      default:
        return size;
    }
  }

  Part part(const duckdb::ParsedExpression& any) {
    const Deeper deeper(*this);
    using duckdb::ExpressionClass;
    Part whole;
    const auto add = [&](const duckdb::ParsedExpression& child) {
      const Part piece = part(child);
      whole.nodes = sum_of(whole.nodes, piece.nodes);
      whole.struct_inputs = sum_of(whole.struct_inputs, piece.struct_inputs);
      whole.alias_fields = std::max(whole.alias_fields, piece.alias_fields);
      whole.has_star |= piece.has_star;
    };
    if (any.GetExpressionClass() == ExpressionClass::COLUMN_REF) {
      const auto& names = any.Cast<duckdb::ColumnRefExpression>().ColumnNames();
      const auto known = aliases_.find(key(names.back()));
      if (names.size() > 2 || known == aliases_.end()) return whole;
      return {.nodes = known->second.nodes, .alias_fields = known->second.fields};
    }
    if (any.GetExpressionClass() == ExpressionClass::STAR) whole.has_star = true;
    if (any.GetExpressionClass() == ExpressionClass::WINDOW && ++windows_ > statement_windows_max)
      throw OverLimit{"window functions", statement_windows_max};
    if (any.GetExpressionClass() == ExpressionClass::SUBQUERY) {
      const auto& subquery = any.Cast<duckdb::SubqueryExpression>();
      const auto aliases = aliases_;
      whole.nodes = sum_of(whole.nodes, node(*subquery.Subquery()->node).nodes);
      aliases_ = aliases;
      if (subquery.GetChild()) add(*subquery.GetChild());
      return whole;
    }
    const bool is_lambda = any.GetExpressionClass() == ExpressionClass::LAMBDA;
    if (is_lambda) {
      const auto& lambda = any.Cast<duckdb::LambdaExpression>();
      add(lambda.Left());
      if (++lambdas_ > statement_lambdas_max) throw OverLimit{"lambdas within one another", statement_lambdas_max};
      add(lambda.Right());
      --lambdas_;
      return whole;
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(any, add);
    if (any.GetExpressionClass() == ExpressionClass::FUNCTION && makes_struct(any.Cast<duckdb::FunctionExpression>())) {
      std::int64_t inputs = 0;
      duckdb::ParsedExpressionIterator::EnumerateChildren(any, [&](const duckdb::ParsedExpression&) { ++inputs; });
      whole.struct_inputs = sum_of(whole.struct_inputs, inputs);
    }
    return whole;
  }

  static bool makes_struct(const duckdb::FunctionExpression& call) {
    const std::string name = key(call.FunctionName());
    return name == "row" || name.starts_with("struct_") || name == "map" || name == "list_zip" || name == "array_zip";
  }

  std::map<std::string, Size> tables_;   // the CTEs in scope
  std::map<std::string, Size> aliases_;  // of the SELECT whose list is measured
  int depth_ = 0, selects_ = 0, windows_ = 0, lambdas_ = 0;
};

}  // namespace

Result<void> check_text_size(const std::string& sql) {
  if (sql.size() > statement_bytes_max) return too_large("bytes", statement_bytes_max);
  int brackets = 0, dots = 0;
  bool after_dot = false;
  for (const auto& token : duckdb::Parser::Tokenize(sql)) {
    if (token.type == duckdb::SimplifiedTokenType::SIMPLIFIED_TOKEN_COMMENT) continue;
    const bool is_quoted = token.type == duckdb::SimplifiedTokenType::SIMPLIFIED_TOKEN_STRING_CONSTANT;
    const char first = is_quoted ? '\'' : sql[token.start];
    if (first == '(' || first == '[' || first == '{') {
      if (++brackets > statement_brackets_max) return too_large("brackets open at once", statement_brackets_max);
    } else if (first == ')' || first == ']' || first == '}') {
      --brackets;
    }
    if (first == '.') {
      if (++dots > statement_dots_max) return too_large("names joined by dots", statement_dots_max);
    } else if (!after_dot) {
      dots = 0;
    }
    after_dot = first == '.';
  }
  return {};
}

Result<void> check_tree_size(const duckdb::QueryNode& node) {
  try {
    TreeMeter().node(node);
    return {};
  } catch (const TreeMeter::OverLimit& over) {
    return too_large(over.what, over.limit);
  }
}

}  // namespace letterlock::duckdb_adapter
