import { Anchor, CloseButton, TextInput } from "@mantine/core";
import { IconInbox, IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";

import { type MailboxFilter, useConnections, useMailboxes } from "../api/connections";
import { FilterChoice, FilterMenu } from "../components/FilterMenu";
import { More } from "../components/More";
import { Page } from "../components/Page";
import { words } from "../components/Severity";
import { Empty, Failed, LoadingRows } from "../components/States";
import { MailboxTable } from "../connections/Mailboxes";

const states = ["active", "failed", "suspended", "no_mailbox"] as const;
const debounceMs = 250;

export default function Mailboxes() {
  const [address, setAddress] = useSearchParams();
  const filter: MailboxFilter = {};
  const asked = states.filter((state) => address.getAll("state").includes(state));
  if (asked.length > 0) filter.state = asked;
  const caughtUp = address.get("caught_up");
  if (caughtUp === "true" || caughtUp === "false") filter.caught_up = caughtUp === "true";
  const connectionId = address.get("connection_id");
  if (connectionId) filter.connection_id = connectionId;
  const search = (address.get("search") ?? "").slice(0, 200);
  if (search) filter.search = search;
  const mailboxes = useMailboxes(filter);
  const connections = useConnections().data?.connections ?? [];
  const rows = mailboxes.data?.pages.flatMap((page) => page.mailboxes) ?? [];

  const set = (name: string, values: string[]) =>
    setAddress(
      (old) => {
        const next = new URLSearchParams(old);
        next.delete(name);
        for (const value of values.filter(Boolean)) next.append(name, value);
        return next;
      },
      { replace: true },
    );
  const [typed, setTyped] = useState(search);
  useEffect(() => {
    if (typed.trim() === search) return;
    const timer = setTimeout(() => set("search", [typed.trim()]), debounceMs);
    return () => clearTimeout(timer);
    // `set` is new at each render, and means the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [typed, search]);

  return (
    <Page title="Mailboxes" about="Every mailbox of the company, how far it is read, and why not further.">
      <div className="filters">
        <TextInput
          size="xs"
          className="filter-search"
          type="search"
          aria-label="Search mailboxes"
          placeholder="Part of the address"
          maxLength={200}
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={typed ? <CloseButton size="xs" aria-label="Search for nothing" onClick={() => setTyped("")} /> : null}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <FilterMenu
          label="State"
          choices={states.map((value) => ({ value, label: words(value) }))}
          chosen={asked}
          onChange={(values) => set("state", values)}
        />
        <FilterChoice
          label="Reading"
          any="any"
          choices={[
            { value: "true", label: "caught up" },
            { value: "false", label: "not caught up" },
          ]}
          chosen={caughtUp ?? ""}
          onChange={(value) => set("caught_up", [value])}
        />
        {connections.length > 1 && (
          <FilterChoice
            label="Connection"
            any="any connection"
            choices={connections.map(({ connection_id, name }) => ({ value: connection_id, label: name }))}
            chosen={connectionId ?? ""}
            onChange={(value) => set("connection_id", [value])}
          />
        )}
      </div>
      {mailboxes.isPending && <LoadingRows what="mailboxes" />}
      {mailboxes.isError && <Failed error={mailboxes.error} retry={() => void mailboxes.refetch()} />}
      {mailboxes.data && (
        <div className="panel">
          {rows.length === 0 ? (
            <Empty
              icon={<IconInbox size={34} stroke={1.3} aria-hidden />}
              title={Object.keys(filter).length > 0 ? "No mailbox matches this filter" : "No mailbox is known yet"}
              next={
                <Anchor component={Link} to="/connections" size="sm">
                  Go to Connections
                </Anchor>
              }
            >
              {Object.keys(filter).length === 0 && "The first sync of a connection lists them."}
            </Empty>
          ) : (
            <MailboxTable
              mailboxes={rows}
              connectionName={connections.length > 1 ? (id) => connections.find((one) => one.connection_id === id)?.name : undefined}
            />
          )}
        </div>
      )}
      <More list={mailboxes} what="mailboxes" />
    </Page>
  );
}
