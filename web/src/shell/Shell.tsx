import "./shell.css";

import { AppShell, Burger, UnstyledButton } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useLocation, useNavigate, useNavigationType } from "react-router";

import { useAlertNews, useOpenCount } from "../api/alerts";
import type { Session } from "../api/session";
import { Loading } from "../components/States";
import { Account } from "./Account";
import { Boundary } from "./Boundary";
import { useKeyboard, useShortcuts } from "./keys";
import { Navigation } from "./Navigation";
import { placesOf } from "./places";

const Commands = lazy(() => import("./Commands"));
const Shortcuts = lazy(() => import("./Shortcuts"));

/** What stands around every page: company, navigation, commands, account. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const [open, { toggle, close }] = useDisclosure();
  const [help, { open: showHelp, close: closeHelp }] = useDisclosure();
  const [asked, setAsked] = useState(0);
  const navigate = useNavigate();
  const { pathname, state } = useLocation();
  useFreshStart(pathname, (state as { from?: string } | null)?.from === undefined);
  const groups = placesOf(session);
  useAlertNews(session.tenant_id !== undefined);
  const openAlerts = useOpenCount(session.tenant_id !== undefined);

  useKeyboard();
  const command = () => setAsked((before) => before + 1);
  useHotkeys([["mod+K", command]], []);
  useShortcuts("Everywhere", [
    ...groups
      .flatMap(({ places }) => places)
      .map(({ to, label, key }) => ({ keys: `g ${key}`, does: `Go to ${label}`, run: () => void navigate(to) })),
    { keys: "?", does: "Show this list", run: showHelp },
  ]);

  return (
    <AppShell
      layout="alt"
      header={{ height: { base: 50, sm: 0 } }}
      navbar={{ width: 228, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding={0}
      transitionDuration={150}
    >
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <AppShell.Header hiddenFrom="sm" className="top-bar">
        <Burger opened={open} onClick={toggle} size="sm" aria-label={open ? "Close the menu" : "Open the menu"} aria-expanded={open} />
        <img src="/letterlock.svg" alt="" width={22} height={22} />
        <span className="top-bar-name">{session.tenant_name ?? "Letterlock"}</span>
        <UnstyledButton className="top-bar-search" onClick={command} aria-label="Go to a page, or search alerts">
          <IconSearch size={19} aria-hidden />
        </UnstyledButton>
      </AppShell.Header>
      <AppShell.Navbar className="side" aria-label="Main">
        <div className="side-head">
          <img src="/letterlock.svg" alt="" width={26} height={26} />
          <span className="side-names">
            <span className="side-product">Letterlock</span>
            <span className="side-tenant">{session.tenant_name ?? "this installation"}</span>
          </span>
          <Burger opened onClick={close} hiddenFrom="sm" size="sm" aria-label="Close the menu" ml="auto" />
        </div>
        <UnstyledButton className="side-search" onClick={command} visibleFrom="sm">
          <IconSearch size={15} aria-hidden />
          <span>Search</span>
          <kbd>Ctrl K</kbd>
        </UnstyledButton>
        <div className="side-places">
          <Navigation groups={groups} counts={{ "/alerts": openAlerts }} onGo={close} />
        </div>
        <Account session={session} showShortcuts={showHelp} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className="content">
        <Boundary key={pathname}>
          <Suspense fallback={<Loading what="the page" />}>{children}</Suspense>
        </Boundary>
      </AppShell.Main>
      <Suspense>
        {asked > 0 && <Commands groups={groups} asked={asked} />}
        {help && <Shortcuts close={closeHelp} />}
      </Suspense>
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
