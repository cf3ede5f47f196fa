import { ActionIcon, AppShell, Burger, Group, Menu, NavLink as MenuLink, Text, UnstyledButton } from "@mantine/core";
import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconAlertTriangle,
  IconBuilding,
  IconChevronDown,
  IconLogout,
  IconMoon,
  IconPlugConnected,
  IconRuler2,
  IconSun,
} from "@tabler/icons-react";
import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { Link, useLocation, useNavigationType } from "react-router";

import { type Session, useSignOut } from "../api/session";
import { Loading } from "../components/States";
import { Boundary } from "./Boundary";

const ofCompany = [
  { to: "/alerts", label: "Alerts", icon: IconAlertTriangle },
  { to: "/connections", label: "Connections", icon: IconPlugConnected },
  { to: "/rules", label: "Rules", icon: IconRuler2 },
];
const ofOperator = [{ to: "/tenants", label: "Companies", icon: IconBuilding }];

/** What stands around every page: company, navigation, colours, sign out. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const [open, { toggle, close }] = useDisclosure();
  const { pathname, state } = useLocation();
  useFreshStart(pathname, (state as { from?: string } | null)?.from === undefined);
  const pages = [...(session.tenant_id ? ofCompany : []), ...(session.operator ? ofOperator : [])];
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={open ? "Close the menu" : "Open the menu"} />
            <img src="/letterlock.svg" alt="" width={28} height={28} />
            <Text fw={700} visibleFrom="sm">
              Letterlock
            </Text>
            {session.tenant_name && (
              <>
                <Text c="dimmed" visibleFrom="sm" aria-hidden>
                  /
                </Text>
                <Text fw={500} truncate maw={260}>
                  {session.tenant_name}
                </Text>
              </>
            )}
          </Group>
          <Group gap={4} wrap="nowrap">
            <ColorScheme />
            <Account session={session} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Main">
        {pages.map(({ to, label, icon: Icon }) => {
          const here = pathname === to || pathname.startsWith(to + "/");
          return (
            <MenuLink
              key={to}
              component={Link}
              to={to}
              label={label}
              active={here}
              aria-current={here ? "page" : undefined}
              leftSection={<Icon size={18} />}
              onClick={close}
              className="menu-link"
            />
          );
        })}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className="content">
        <Boundary key={pathname}>
          <Suspense fallback={<Loading what="the page" />}>{children}</Suspense>
        </Boundary>
      </AppShell.Main>
    </AppShell>
  );
}

/** A new page begins at its top, and the keyboard and screen readers begin there too; going back is the browser's matter, and a
 * list that knows where one comes `from` puts the focus itself. */
function useFreshStart(pathname: string, atTop: boolean): void {
  const type = useNavigationType();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    if (type === "POP" || !atTop) return;
    window.scrollTo(0, 0);
    document.getElementById("content")?.focus({ preventScroll: true });
  }, [pathname, type, atTop]);
}

function Account({ session }: { session: Session }) {
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className="account" aria-label={`Account of ${session.email}`}>
          <Text size="sm" visibleFrom="sm" truncate maw={240}>
            {session.email}
          </Text>
          <Text size="sm" hiddenFrom="sm">
            Account
          </Text>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs" truncate>
            {session.email}
          </Text>
          <Text size="xs">{session.operator ? "operator" : session.role}</Text>
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  const label = `Switch to ${other} colours`;
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" onClick={() => setColorScheme(other)} aria-label={label} title={label}>
      {scheme === "dark" ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
