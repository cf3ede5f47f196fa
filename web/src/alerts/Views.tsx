import { Button, CloseButton, Popover, Stack, TextInput } from "@mantine/core";
import { IconBookmarkPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";

import { offers } from "../api/offered";
import { savedFiltersMax, useSavedFilters } from "./savedFilters";
import { filterOf, type ListFilter, searchOf, views } from "./filter";

const address = (search: string) => (search ? `/alerts?${search}` : "/alerts");

/** The filters that have a name: those of everybody, and a person's own. */
export function Views({ filter }: { filter: ListFilter }) {
  const { saved, save, remove } = useSavedFilters();
  const now = searchOf(filter).toString();
  const offered = views.filter((view) => offers("change_alerts") || !(view.filter.assignee || view.filter.names_payment_instrument));
  const known = [
    ...offered.map((view) => searchOf(view.filter).toString()),
    ...saved.map((one) => searchOf(filterOf(new URLSearchParams(one.search))).toString()),
  ];
  return (
    <nav className="views" aria-label="Filters with a name">
      {offered.map((view) => {
        const search = searchOf(view.filter).toString();
        return (
          <Link key={view.name} to={address(search)} className="view" aria-current={search === now ? "true" : undefined}>
            {view.name}
          </Link>
        );
      })}
      {saved.map((one) => (
        <span key={one.search} className="view-saved">
          <Link to={address(one.search)} className="view" aria-current={one.search === now ? "true" : undefined}>
            {one.name}
          </Link>
          {one.search === now && <CloseButton size="xs" aria-label={`Forget the filter ${one.name}`} onClick={() => remove(one.search)} />}
        </span>
      ))}
      {!known.includes(now) && <Save save={(name) => save(name, now)} full={saved.length >= savedFiltersMax} />}
    </nav>
  );
}

function Save({ save, full }: { save: (name: string) => void; full: boolean }) {
  const [name, setName] = useState("");
  const [open, setOpen] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    save(name.trim());
    setOpen(false);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus returnFocus shadow="md" width={260}>
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconBookmarkPlus size={14} aria-hidden />}
          onClick={() => setOpen((old) => !old)}
        >
          Save filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <Stack gap="xs">
            <TextInput
              size="xs"
              label="Name of the filter"
              description={full ? `Of ${savedFiltersMax} the oldest goes.` : "Kept in this browser, for you."}
              maxLength={40}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              data-autofocus
            />
            <Button type="submit" size="xs" disabled={!name.trim()}>
              Save
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
