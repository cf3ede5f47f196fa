#include <algorithm>
#include <array>

#include "adapters/duckdb/allowed_functions.h"
#include "adapters/duckdb/running_query.h"
#include "adapters/duckdb/statement_size.h"
#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/expression/window_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/showref.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/planner.hpp"

// What a reader's statement may do. Decided twice, never on the text: on the parsed tree, before binding (which runs some
// functions already), and on the bound plan, where views and macros are opened up.
namespace letterlock::duckdb_adapter {
namespace {

using duckdb::Identifier;

// Sources of rows other than tables. Everything else may tell paths of the machine, read files or change the instance.
constexpr std::array<const char*, 18> readable_functions{
    "seq_scan",           "range",        "generate_series",  "unnest",        "repeat",
    "repeat_row",         "json_each",    "json_tree",        "duckdb_tables", "duckdb_columns",
    "duckdb_schemas",     "duckdb_views", "duckdb_indexes",   "duckdb_types",  "duckdb_functions",
    "duckdb_constraints", "pragma_show",  "pragma_table_info"};
bool is_one_of(const Identifier& name, const auto& names) {
  return std::ranges::any_of(names, [&](const char* known) { return name == Identifier(known); });
}

// The first thing in a parsed SELECT that is not allowed.
class ParsedCheck {
 public:
  std::string refused;

  void node(duckdb::QueryNode& node) {
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
        node, [this](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { expression(*child); },
        [this](duckdb::TableRef& ref) { table(ref); });
  }

 private:
  void refuse(const Identifier& name) {
    if (refused.empty()) refused = name.GetIdentifierName();
  }

  void call(const Identifier& name) {
    // A source of rows comes by here too.
    if (!is_allowed_function(name.GetIdentifierName()) && !is_one_of(name, readable_functions)) refuse(name);
  }

  void table(duckdb::TableRef& ref) {
    if (ref.type == duckdb::TableReferenceType::TABLE_FUNCTION) {
      auto& call = ref.Cast<duckdb::TableFunctionRef>();
      if (call.function->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return refuse("table function");
      const Identifier& name = call.function->Cast<duckdb::FunctionExpression>().FunctionName();
      if (!is_one_of(name, readable_functions)) refuse(name);
      if (call.subquery) node(*call.subquery->node);
    } else if (ref.type == duckdb::TableReferenceType::SHOW_REF) {
      auto& show = ref.Cast<duckdb::ShowRef>();
      if (show.show_type == duckdb::ShowType::SHOW) refuse("SHOW");  // tells settings; DESCRIBE tells tables
      if (show.query) node(*show.query);
    }
  }

  void expression(duckdb::ParsedExpression& parsed) {
    if (parsed.GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
      call(parsed.Cast<duckdb::FunctionExpression>().FunctionName());
    } else if (parsed.GetExpressionClass() == duckdb::ExpressionClass::WINDOW) {
      call(parsed.Cast<duckdb::WindowExpression>().FunctionName());
    } else if (parsed.GetExpressionClass() == duckdb::ExpressionClass::CAST) {
      // DuckDB 2.0 makes a VARIANT of JSON recursively: 50,000 brackets overflow the stack and end the process.
      const auto type = duckdb::StringUtil::Lower(parsed.Cast<duckdb::CastExpression>().TargetType().ToString());
      if (type.contains("variant")) refuse(Identifier("VARIANT"));
    } else if (parsed.GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
      auto& subquery = parsed.Cast<duckdb::SubqueryExpression>();
      node(*subquery.SubqueryMutable()->node);
      if (subquery.GetChild()) expression(*subquery.GetChildMutable());
      return;
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(parsed, [this](duckdb::ParsedExpression& child) { expression(child); });
  }
};

// The same of the bound plan.
class PlanCheck {
 public:
  std::string refused;

  void visit(duckdb::LogicalOperator& step) {
    if (step.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
      const auto& get = step.Cast<duckdb::LogicalGet>();
      const Identifier& name = get.function.GetDefinition() ? get.function.GetDefinition()->name : get.names.at(0);
      if (!get.GetTable() && !is_one_of(name, readable_functions) && refused.empty()) refused = name.GetIdentifierName();
    }
    duckdb::LogicalOperatorVisitor::EnumerateExpressions(step, [this](duckdb::unique_ptr<duckdb::Expression>* child) {
      duckdb::ExpressionIterator::EnumerateExpression(*child, [this](duckdb::Expression& part) {
        if (part.GetExpressionClass() != duckdb::ExpressionClass::BOUND_FUNCTION) return;
        const auto& definition = part.Cast<duckdb::BoundFunctionExpression>().Function().GetDefinition();
        if (definition && refused.empty() && !is_allowed_function(definition->name.GetIdentifierName()))
          refused = definition->name.GetIdentifierName();
      });
    });
    for (auto& child : step.children) visit(*child);
  }
};

std::unexpected<Error> refuse(const std::string& name) {
  return fail(ErrorKind::forbidden, "query: " + name + " may not be used here; only the tenant's tables can be read");
}

}  // namespace

Result<void> check_allowed(duckdb::Connection& connection, const duckdb::SQLStatement& statement,
                           const duckdb::identifier_map_t<duckdb::BoundParameterData>& values) {
  using duckdb::StatementType;
  duckdb::unique_ptr<duckdb::SQLStatement> copy = statement.Copy();
  duckdb::SQLStatement* select = copy.get();
  if (select->type == StatementType::EXPLAIN_STATEMENT) select = select->Cast<duckdb::ExplainStatement>().stmt.get();
  if (select->type != StatementType::SELECT_STATEMENT) return fail(ErrorKind::forbidden, "query: only SELECT may be run here");
  TRY(check_tree_size(*select->Cast<duckdb::SelectStatement>().node));
  ParsedCheck parsed;
  parsed.node(*select->Cast<duckdb::SelectStatement>().node);
  if (!parsed.refused.empty()) return refuse(parsed.refused);

  bool reads_only = false;
  PlanCheck plan;
  connection.context->RunFunctionInTransaction([&] {
    duckdb::Planner planner(*connection.context);
    planner.parameter_data = values;
    planner.CreatePlan(std::move(copy));
    reads_only = planner.plan && planner.properties.IsReadOnly();
    if (reads_only) plan.visit(*planner.plan);
  });
  if (!reads_only) return fail(ErrorKind::forbidden, "query: only reading is allowed here");
  if (!plan.refused.empty()) return refuse(plan.refused);
  return {};
}

}  // namespace letterlock::duckdb_adapter
