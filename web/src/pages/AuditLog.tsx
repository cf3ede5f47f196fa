import { Button, TextInput } from "@mantine/core";
import { IconClipboardList } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";

import { type AuditFilter, useAuditLog } from "../api/people";
import { AuditTable } from "../components/AuditTable";
import { FilterChoice } from "../components/FilterMenu";
import { More } from "../components/More";
import { Page } from "../components/Page";
import { Empty, Failed, LoadingRows } from "../components/States";

/** First words of actions; the log's own words. */
const actions = [
  "session.",
  "password.",
  "message.",
  "alert.",
  "suppression.",
  "connection.",
  "rule.",
  "person.",
  "invitation.",
  "api_key.",
  "retention.",
  "webhook.",
  "job.",
];

export default function AuditLog() {
  const [address, setAddress] = useSearchParams();
  const actor = address.get("actor") ?? "";
  const action = address.get("action") ?? "";
  const filter: AuditFilter = { ...(actor ? { actor } : {}), ...(action ? { action } : {}) };
  const log = useAuditLog(filter);
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? [];
  const [typed, setTyped] = useState(actor);
  const set = (name: string, value: string) =>
    setAddress(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set("actor", typed.trim());
  };
  return (
    <Page
      title="Audit log"
      about="Who read which message, and who changed what. It can be read and not changed. Old entries are deleted after a time that the installation sets, 400 days by default."
    >
      <form className="filters" onSubmit={submit}>
        <TextInput
          size="xs"
          className="filter-search"
          aria-label="Who"
          placeholder="E-mail address or key’s name"
          maxLength={320}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" variant="default">
          Find
        </Button>
        <FilterChoice
          label="Action"
          any="any action"
          choices={actions.map((value) => ({ value, label: value.slice(0, -1).replace("_", " ") }))}
          chosen={action}
          onChange={(value) => set("action", value)}
        />
      </form>
      {log.isPending && <LoadingRows what="the audit log" />}
      {log.isError && <Failed error={log.error} retry={() => void log.refetch()} />}
      {log.data && (
        <div className="panel">
          {entries.length === 0 ? (
            <Empty
              icon={<IconClipboardList size={34} stroke={1.3} aria-hidden />}
              title="No entry matches"
              next={
                <Button
                  size="xs"
                  variant="light"
                  onClick={() => {
                    setTyped("");
                    setAddress({}, { replace: true });
                  }}
                >
                  Show all entries
                </Button>
              }
            />
          ) : (
            <AuditTable entries={entries} />
          )}
        </div>
      )}
      <More list={log} what="entries" />
    </Page>
  );
}
