import { ActionIcon, AppShell, Burger, Button, Group, NavLink as MantineNavLink, Text, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconLogout, IconMoon, IconPlugConnected, IconRuler2, IconSun } from "@tabler/icons-react";
import { Navigate, NavLink, Route, Routes } from "react-router";

import { useSession, useSignOut } from "./api/session";
import { Failed, Loading } from "./components/States";
import { AlertPage } from "./pages/AlertPage";
import { Alerts } from "./pages/Alerts";
import { Connections } from "./pages/Connections";
import { Rules } from "./pages/Rules";
import { SignIn } from "./pages/SignIn";

const pages = [
  { to: "/alerts", label: "Alerts", icon: IconAlertTriangle },
  { to: "/connections", label: "Connections", icon: IconPlugConnected },
  { to: "/rules", label: "Rules", icon: IconRuler2 },
];

export function App() {
  const session = useSession();
  if (session.isPending) return <Loading what="Letterlock" />;
  if (session.isError) return <Failed error={session.error} retry={() => void session.refetch()} />;
  if (session.data === null) return <SignIn />;
  return <Console email={session.data.email} company={session.data.tenant_name ?? "Letterlock"} />;
}

function Console({ email, company }: { email: string; company: string }) {
  const [open, { toggle, close }] = useDisclosure();
  const signOut = useSignOut();
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !open } }} padding="lg">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={open ? "Close the menu" : "Open the menu"} />
            <img src="/letterlock.svg" alt="" width={28} height={28} />
            <Text fw={700} visibleFrom="sm">
              Letterlock
            </Text>
            <Text c="dimmed" truncate maw={220}>
              {company}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" c="dimmed" visibleFrom="sm">
              {email}
            </Text>
            <ColorScheme />
            <Button size="xs" variant="subtle" color="gray" leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
              Sign out
            </Button>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" component="nav" aria-label="Main">
        {pages.map(({ to, label, icon: Icon }) => (
          <NavLink key={to} to={to} className="row-link" onClick={close}>
            {({ isActive }) => <MantineNavLink component="span" active={isActive} label={label} leftSection={<Icon size={18} />} style={{ borderRadius: 8 }} />}
          </NavLink>
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Routes>
          <Route path="/" element={<Navigate to="/alerts" replace />} />
          <Route path="/alerts" element={<Alerts />} />
          <Route path="/alerts/:alertId" element={<AlertPage />} />
          <Route path="/connections" element={<Connections />} />
          <Route path="/rules" element={<Rules />} />
          <Route path="*" element={<Navigate to="/alerts" replace />} />
        </Routes>
      </AppShell.Main>
    </AppShell>
  );
}

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon variant="subtle" color="gray" onClick={() => setColorScheme(other)} aria-label={`Switch to ${other} colours`}>
      {scheme === "dark" ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
