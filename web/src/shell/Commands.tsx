import "@mantine/spotlight/styles.css";

import { Spotlight, spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { IconDeviceDesktop, IconLogout, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { Modal, useMantineColorScheme } from "@mantine/core";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";

import { offers } from "../api/offered";
import { useSignOut } from "../api/session";
import type { PlaceGroup } from "./places";

/** The field that leads anywhere: pages, commands, and after them alerts that hold the words. Opens each time that `asked` rises. */
export default function Commands({ groups, asked }: { groups: PlaceGroup[]; asked: number }) {
  const [query, setQuery] = useState("");
  useEffect(() => spotlight.open(), [asked]);
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const words = query.trim();
  const places = groups.flatMap((group) => group.places);
  const searches: SpotlightActionData[] =
    words && places.some(({ to }) => to === "/alerts") && offers("change_alerts")
      ? [
          {
            id: "search",
            label: `Search alerts for “${words}”`,
            keywords: words,
            leftSection: <IconSearch size={17} aria-hidden />,
            onClick: () => void navigate(`/alerts?${new URLSearchParams({ status: "all", search: words })}`),
          },
        ]
      : [];
  const icon = (Icon: typeof IconSun) => <Icon size={17} stroke={1.7} aria-hidden />;
  const pages: SpotlightActionData[] = places.map(({ to, label, icon: Icon, key }) => ({
    id: to,
    label,
    leftSection: icon(Icon),
    rightSection: (
      <span>
        <kbd>g</kbd> <kbd>{key}</kbd>
      </span>
    ),
    onClick: () => void navigate(to),
  }));
  const commands: SpotlightActionData[] = [
    { id: "light", label: "Light colours", leftSection: icon(IconSun), onClick: () => setColorScheme("light") },
    { id: "dark", label: "Dark colours", leftSection: icon(IconMoon), onClick: () => setColorScheme("dark") },
    { id: "auto", label: "Colours of this device", leftSection: icon(IconDeviceDesktop), onClick: () => setColorScheme("auto") },
    { id: "sign-out", label: "Sign out", leftSection: icon(IconLogout), onClick: () => signOut.mutate() },
  ];
  const found = [
    { group: "Pages", actions: pages },
    { group: "Commands", actions: commands },
    { group: "Alerts", actions: searches },
  ]
    .map(({ group, actions }) => ({
      group,
      actions: actions.filter(({ label, keywords }) => `${label} ${keywords ?? ""}`.toLowerCase().includes(words.toLowerCase())),
    }))
    .filter(({ actions }) => actions.length > 0);
  return (
    <Spotlight.Root shortcut={null} query={query} onQueryChange={setQuery} scrollable maxHeight={420}>
      <Modal.Title className="only-read">Go to a page, or search alerts</Modal.Title>
      <Spotlight.Search
        placeholder="Go to a page, search alerts…"
        aria-label="Go to a page, or search alerts"
        leftSection={<IconSearch size={17} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {found.map(({ group, actions }) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {actions.map(({ id, ...action }) => (
              <Spotlight.Action key={id} {...action} />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {found.length === 0 && <Spotlight.Empty>No page or command has this name</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
