#pragma once

// The rule pack as the API shows it, with what one tenant set and what a rule brought and cost. Any thread.

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/detection/rule_pack.h"
#include "domain/detection/rule_settings_service.h"
#include "targets/api/views.h"

namespace letterlock::api {

// What the pack says about a rule beside its findings; empty texts for a rule that is gone.
struct RuleText {
  std::string description;
  std::string runbook;  // Markdown: the rule's .md
};

class RuleCatalogue {
 public:
  // folder: of the rules, for their runbooks.
  RuleCatalogue(detection::RulePack pack, std::string folder) : pack_(std::move(pack)), folder_(std::move(folder)) {}

  RuleText text_of(const RuleId& rule) const;
  Result<RuleList> list(RuleSettingsService& settings, const TenantId& tenant) const;
  Result<RuleDetailView> get(RuleSettingsService& settings, const TenantId& tenant, const RuleId& rule) const;
  bool has(const RuleId& rule) const { return pack_.find(rule) != nullptr; }

 private:
  const detection::RulePack pack_;
  const std::string folder_;
};

}  // namespace letterlock::api
