import { Button, Checkbox, Popover, Radio, Stack } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";

export interface Choice {
  value: string;
  label: string;
}
interface FilterMenuProps {
  label: string;
  choices: Choice[];
}

const text = (label: string, chosen: Choice[]) => (chosen.length === 0 ? label : `${label}: ${chosen.map((one) => one.label).join(", ")}`);

function Frame({ label, active, children }: { label: string; active: boolean; children: React.ReactNode }) {
  return (
    <Popover position="bottom-start" trapFocus returnFocus shadow="md" width="max-content">
      <Popover.Target>
        <Button
          size="xs"
          variant={active ? "light" : "default"}
          fw={500}
          rightSection={<IconChevronDown size={13} aria-hidden />}
          className="filter-button"
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm" mah={340} style={{ overflowY: "auto" }}>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}

/** A filter of which several values may hold. */
export function FilterMenu({
  label,
  choices,
  chosen,
  onChange,
}: FilterMenuProps & { chosen: string[]; onChange: (values: string[]) => void }) {
  return (
    <Frame
      label={text(
        label,
        choices.filter(({ value }) => chosen.includes(value)),
      )}
      active={chosen.length > 0}
    >
      <Checkbox.Group value={chosen} onChange={onChange} aria-label={label}>
        <Stack gap={9}>
          {choices.map(({ value, label: name }) => (
            <Checkbox key={value} value={value} label={name} size="xs" />
          ))}
        </Stack>
      </Checkbox.Group>
    </Frame>
  );
}

/** A filter of which one value holds, or none. */
export function FilterChoice({
  label,
  any,
  choices,
  chosen,
  onChange,
}: FilterMenuProps & { any: string; chosen: string; onChange: (value: string) => void }) {
  return (
    <Frame
      label={text(
        label,
        choices.filter(({ value }) => value === chosen),
      )}
      active={chosen !== ""}
    >
      <Radio.Group value={chosen} onChange={onChange} aria-label={label}>
        <Stack gap={9}>
          {[{ value: "", label: any }, ...choices].map(({ value, label: name }) => (
            <Radio key={value} value={value} label={name} size="xs" />
          ))}
        </Stack>
      </Radio.Group>
    </Frame>
  );
}
