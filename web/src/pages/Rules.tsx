import { TextInput } from "@mantine/core";
import { IconRuler2, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";

import { alertsOf } from "../api/alerts";
import { offers } from "../api/offered";
import { type Rule, useRules } from "../api/rules";
import { type Column, DataTable } from "../components/DataTable";
import { Page } from "../components/Page";
import { SeverityBadge, StateBadge } from "../components/Severity";
import { Empty, Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";

export const rulePath = (ruleId: string) => `/rules/${ruleId}`;

export default function Rules() {
  const rules = useRules();
  const [words, setWords] = useState("");
  const wanted = words.trim().toLowerCase();
  const rows = (rules.data?.rules ?? []).filter(({ title, rule_id, description }) =>
    `${title} ${rule_id} ${description}`.toLowerCase().includes(wanted),
  );
  const detailed = offers("get_rule");
  const numbers: Column<Rule>[] = detailed
    ? [
        {
          name: "Alerts, 30 days",
          align: "end",
          narrow: true,
          cell: (rule) => (
            <>
              {(rule.alerts ?? 0).toLocaleString("en")}
              {Boolean(rule.alerts_open) && <div className="table-under">{rule.alerts_open?.toLocaleString("en")} open</div>}
            </>
          ),
        },
        {
          name: "Feedback",
          align: "end",
          narrow: true,
          cell: (rule) => ((rule.fraud ?? 0) + (rule.not_fraud ?? 0) === 0 ? "" : `${rule.fraud} fraud, ${rule.not_fraud} not`),
        },
        {
          name: "Last finding",
          align: "end",
          narrow: true,
          cell: (rule) => (rule.last_finding_at ? <Time at={rule.last_finding_at} inherit /> : ""),
        },
        {
          name: "Cost of a run",
          align: "end",
          narrow: true,
          cell: (rule) =>
            rule.cost ? (
              <>
                {costText(rule.cost.seconds_mean)}
                {rule.cost.failures > 0 && <div className="table-under">{rule.cost.failures.toLocaleString("en")} failed</div>}
              </>
            ) : (
              ""
            ),
        },
      ]
    : [{ name: "Alerts", align: "end", narrow: true, cell: (rule) => <Link to={alertsOf(rule.rule_id)}>Alerts</Link> }];
  return (
    <Page title="Rules" about="What looks at your company’s mail. Each rule is one SQL file of the rule pack.">
      <div className="filters">
        <TextInput
          size="xs"
          className="filter-search"
          type="search"
          aria-label="Search rules"
          placeholder="Search rules"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </div>
      {rules.isPending && <LoadingRows what="rules" />}
      {rules.isError && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && (
        <div className="panel">
          {rows.length === 0 ? (
            <Empty
              icon={<IconRuler2 size={34} stroke={1.3} aria-hidden />}
              title={wanted ? "No rule has these words" : "No rules are loaded"}
            >
              {wanted ? "Search for fewer words." : "The operator should check that Letterlock finds its folder “rules”."}
            </Empty>
          ) : (
            <DataTable
              label="Rules"
              rows={rows}
              rowKey={(rule) => rule.rule_id}
              columns={[
                {
                  name: "Severity",
                  narrow: true,
                  unlabelled: true,
                  cell: (rule) => <SeverityBadge severity={rule.severity_override ?? rule.severity} />,
                },
                {
                  name: "Rule",
                  unlabelled: true,
                  cell: (rule) => (
                    <>
                      {detailed ? (
                        <Link to={rulePath(rule.rule_id)} className="table-main plain-link">
                          {rule.title}
                        </Link>
                      ) : (
                        <span className="table-main">{rule.title}</span>
                      )}{" "}
                      {!rule.enabled && <StateBadge tone="quiet">off</StateBadge>}{" "}
                      {rule.confidence_min ? <StateBadge tone="quiet">from {Math.round(rule.confidence_min * 100)} %</StateBadge> : null}
                      <div className="table-under">{rule.description}</div>
                    </>
                  ),
                },
                ...numbers,
              ]}
            />
          )}
        </div>
      )}
    </Page>
  );
}

const costText = (seconds: number) => (seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`);
