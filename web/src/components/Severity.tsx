import { Badge } from "@mantine/core";

const colors: Record<string, string> = { critical: "red.9", high: "red", medium: "orange", low: "gray" };

export function SeverityBadge({ severity }: { severity: string }) {
  return (
    <Badge color={colors[severity] ?? "gray"} variant={severity === "low" ? "light" : "filled"} size="sm" radius="sm" miw={68} autoContrast>
      {severity}
    </Badge>
  );
}

const statusColors: Record<string, string> = { open: "blue", in_progress: "violet", resolved: "teal", dismissed: "gray" };

/** The words on screen are the API's, with a space for the underscore. */
export const statusText = (status: string) => status.replace("_", " ");

export function StatusBadge({ status }: { status: string }) {
  return (
    <Badge color={statusColors[status] ?? "gray"} variant="light" size="sm" radius="sm">
      {statusText(status)}
    </Badge>
  );
}
