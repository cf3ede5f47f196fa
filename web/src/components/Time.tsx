import { Text, type TextProps } from "@mantine/core";

import { ago, fullTime } from "../text/time";

/** A time as "3 hours ago", with the full time as its title. */
export function Time({ at, ...rest }: { at: string } & TextProps) {
  return (
    <Text component="time" dateTime={at} title={fullTime(at)} {...rest}>
      {ago(at)}
    </Text>
  );
}
