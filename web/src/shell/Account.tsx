import { Menu, Text, UnstyledButton } from "@mantine/core";
import { useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSelector, IconShieldLock, IconSun } from "@tabler/icons-react";
import { Link } from "react-router";

import { offers } from "../api/offered";
import { type Session, useSignOut } from "../api/session";
import { Initials } from "../components/Initials";

const schemes = [
  { scheme: "light", label: "Light colours", icon: IconSun },
  { scheme: "dark", label: "Dark colours", icon: IconMoon },
  { scheme: "auto", label: "Colours of this device", icon: IconDeviceDesktop },
] as const;

/** Who is signed in, the colours, the keyboard's help, and the way out. */
export function Account({ session, showShortcuts }: { session: Session; showShortcuts: () => void }) {
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="top-start" width={232} returnFocus>
      <Menu.Target>
        <UnstyledButton className="account">
          <span className="only-read">Account of </span>
          <Initials of={session.email} size={26} />
          <span className="account-who">
            <span>{session.email}</span>
            <span className="account-role">{session.operator ? "operator" : session.role}</span>
          </span>
          <IconSelector size={15} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs" truncate>
            {session.email}
          </Text>
        </Menu.Label>
        {schemes.map(({ scheme, label, icon: Icon }) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={16} aria-hidden />}
            rightSection={colorScheme === scheme ? <Text size="xs">on</Text> : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {offers("list_sessions") && (
          <Menu.Item component={Link} to="/sessions" leftSection={<IconShieldLock size={16} aria-hidden />}>
            Password and sessions
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconKeyboard size={16} aria-hidden />}
          rightSection={<kbd>?</kbd>}
          onClick={showShortcuts}
          visibleFrom="sm"
        >
          Keyboard
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
