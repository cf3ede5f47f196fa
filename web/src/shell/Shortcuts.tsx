import { Modal, Text } from "@mantine/core";

import { useKnownShortcuts } from "./keys";

const shown: Record<string, string> = { Escape: "Esc", ArrowDown: "↓", ArrowUp: "↑" };

/** What the keyboard does on the page that is shown. */
export default function Shortcuts({ close }: { close: () => void }) {
  const groups = useKnownShortcuts();
  const names = [...new Set(groups.map(({ group }) => group))];
  return (
    <Modal opened onClose={close} title="Keyboard" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <div className="shortcut-groups">
        {names.map((name) => (
          <section key={name} aria-label={name}>
            <Text size="xs" fw={600} c="dimmed" mb={6}>
              {name}
            </Text>
            <dl className="shortcuts">
              {groups
                .filter(({ group }) => group === name)
                .flatMap(({ shortcuts }) => shortcuts)
                .map(({ keys, does }) => [
                  <dt key={`${keys} does`}>{does}</dt>,
                  <dd key={keys}>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{shown[key] ?? key}</kbd>
                    ))}
                  </dd>,
                ])}
              {name === "Everywhere" && (
                <>
                  <dt>Go to a page, or search alerts</dt>
                  <dd>
                    <kbd>Ctrl</kbd>
                    <kbd>K</kbd>
                  </dd>
                </>
              )}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
