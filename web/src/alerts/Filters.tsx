import { Button, CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type RefObject, useEffect, useState } from "react";

import { severities, statuses } from "../api/alerts";
import { offers } from "../api/offered";
import { usePeople } from "../api/people";
import { useRules } from "../api/rules";
import { FilterChoice, FilterMenu } from "../components/FilterMenu";
import { words } from "../components/Severity";
import { type ListFilter, seenDays } from "./filter";

interface FiltersProps {
  filter: ListFilter;
  set: (part: ListFilter) => void;
  clear: () => void;
  searchField: RefObject<HTMLInputElement | null>;
}

const named = (values: readonly string[]) => values.map((value) => ({ value, label: words(value) }));
const debounceMs = 250;

/** What narrows the list. Every change goes into the address. */
export function Filters({ filter, set, clear, searchField }: FiltersProps) {
  // The server understands these together with bulk changes.
  const all = offers("change_alerts");
  const rules = useRules().data?.rules ?? [];
  const people = usePeople(offers("list_people")).data?.people ?? [];
  const narrowed = Object.keys(filter).some((name) => name !== "status");
  return (
    <div className="filters">
      {all && <Search text={filter.search ?? ""} set={(search) => set({ search })} field={searchField} />}
      <FilterMenu
        label="Status"
        choices={named(statuses)}
        chosen={filter.status ?? []}
        onChange={(values) => set({ status: statuses.filter((one) => values.includes(one)) })}
      />
      <FilterMenu
        label="Severity"
        choices={named(severities)}
        chosen={filter.severity ?? []}
        onChange={(values) => set({ severity: severities.filter((one) => values.includes(one)) })}
      />
      {all && (
        <FilterChoice
          label="Assignee"
          any="anybody"
          choices={[
            { value: "me", label: "me" },
            { value: "none", label: "nobody" },
            ...people.map(({ person_id, email }) => ({ value: person_id, label: email })),
          ]}
          chosen={filter.assignee ?? ""}
          onChange={(assignee) => set({ assignee })}
        />
      )}
      <FilterChoice
        label="Rule"
        any="any rule"
        choices={rules.map(({ rule_id, title }) => ({ value: rule_id, label: title }))}
        chosen={filter.rule_id ?? ""}
        onChange={(rule_id) => set({ rule_id })}
      />
      {all && (
        <>
          <FilterChoice
            label="Seen last"
            any="any time"
            choices={seenDays.map((days) => ({ value: String(days), label: days === 1 ? "in 24 hours" : `in ${days} days` }))}
            chosen={String(filter.seen_days ?? "")}
            onChange={(days) => set({ seen_days: seenDays.find((one) => String(one) === days) })}
          />
          <FilterChoice
            label="Feedback"
            any="any"
            choices={[
              { value: "fraud", label: "fraud" },
              { value: "not_fraud", label: "not fraud" },
              { value: "none", label: "none yet" },
            ]}
            chosen={filter.feedback ?? ""}
            onChange={(value) => set({ feedback: (["fraud", "not_fraud", "none"] as const).find((one) => one === value) })}
          />
        </>
      )}
      {[
        filter.entity && (["entity", "about", filter.entity] as const),
        filter.subject && (["subject", "concerns", filter.subject] as const),
      ]
        .filter((one) => Boolean(one))
        .map((one) => {
          const [name, label, value] = one as readonly [string, string, string];
          return (
            <span key={name} className="filter-pill">
              {label} {value}
              <CloseButton size="xs" aria-label={`Not only ${value}`} onClick={() => set({ [name]: "" })} />
            </span>
          );
        })}
      {narrowed && (
        <Button size="xs" variant="subtle" color="gray" onClick={clear}>
          Clear
        </Button>
      )}
    </div>
  );
}

/** The field's words reach the address when typing pauses. */
function Search({ text, set, field }: { text: string; set: (text: string) => void; field: RefObject<HTMLInputElement | null> }) {
  const [typed, setTyped] = useState(text);
  const [shown, setShown] = useState(text);
  if (shown !== text) {
    // The address changed by itself: another view, or back.
    setShown(text);
    setTyped(text);
  }
  useEffect(() => {
    if (typed.trim() === text) return;
    const timer = setTimeout(() => set(typed.trim()), debounceMs);
    return () => clearTimeout(timer);
    // `set` is new at each render, and means the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [typed, text]);
  return (
    <TextInput
      ref={field}
      size="xs"
      className="filter-search"
      type="search"
      aria-label="Search alerts"
      placeholder="Search alerts"
      maxLength={200}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={typed ? <CloseButton size="xs" aria-label="Search for nothing" onClick={() => setTyped("")} /> : <kbd>/</kbd>}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}
