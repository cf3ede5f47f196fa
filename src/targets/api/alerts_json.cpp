#include "targets/api/json_values.h"
#include "targets/api/views.h"

namespace letterlock::api::wire {

struct AlertRest {
  const AlertDetailView& view;
};
struct AlertList {
  std::vector<AlertView> alerts;
};

}  // namespace letterlock::api::wire

template <>
struct glz::meta<letterlock::api::wire::AlertRest> {
  using T = letterlock::api::wire::AlertRest;
  static constexpr auto value = object(
      "attack_technique", [](auto& self) -> auto& { return self.view.attack_technique; },  //
      "description", [](auto& self) -> auto& { return self.view.description; },            //
      "runbook", [](auto& self) -> auto& { return self.view.runbook; },                    //
      "rule_version", [](auto& self) -> auto& { return self.view.rule_version; },          //
      "dedup_key", [](auto& self) -> auto& { return self.view.dedup_key; },                //
      "suppression_ids", [](auto& self) -> auto& { return self.view.suppression_ids; },    //
      "query_sql", [](auto& self) -> auto& { return self.view.query_sql; },                //
      "query_parameters", [](auto& self) -> auto& { return self.view.query_parameters; },  //
      "evidence", [](auto& self) -> auto& { return self.view.evidence; },                  //
      "sighting_list", [](auto& self) -> auto& { return self.view.sighting_list; },        //
      "history", [](auto& self) -> auto& { return self.view.history; });
};

namespace letterlock::api {

template <class T>
std::vector<T> list_of(std::string_view json) {
  std::vector<T> items;
  if (glz::read_json(items, json)) return {};
  return items;
}
template std::vector<std::string> list_of(std::string_view);
template std::vector<RecipientView> list_of(std::string_view);
template std::vector<LinkView> list_of(std::string_view);
template std::vector<AttachmentView> list_of(std::string_view);

template <class View>
std::string to_json(const View& view) {
  return json_of(view);
}
template std::string to_json(const AlertPageView&);
template std::string to_json(const AlertsChanged&);
template std::string to_json(const AlertMessageView&);
template std::string to_json(const SimilarMessageList&);
template std::string to_json(const Suppression&);
template std::string to_json(const SuppressionPage&);
template std::string to_json(const AlertStatistics&);
template std::string to_json(const MailStatistics&);

std::string to_json(const AlertDetailView& view) { return joined_json(json_of(view.alert), json_of(wire::AlertRest{view})); }
std::string to_json(const EntityView& view) { return joined_json(json_of(view.mail), json_of(wire::AlertList{view.alerts})); }

}  // namespace letterlock::api
