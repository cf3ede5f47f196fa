import { Text, type TextProps } from "@mantine/core";
import { useSyncExternalStore } from "react";

import { ago, fullTime } from "../text/time";

// One clock for all times on screen.
const everyMs = 30_000;
const subscribe = (changed: () => void) => {
  const timer = setInterval(changed, everyMs);
  return () => clearInterval(timer);
};
const tick = () => Math.floor(Date.now() / everyMs);

/** A time as "3 hours ago", with the full time as its title. */
export function Time({ at, ...rest }: { at: string } & TextProps) {
  useSyncExternalStore(subscribe, tick);
  return (
    <Text component="time" dateTime={at} title={fullTime(at)} {...rest}>
      {ago(at)}
    </Text>
  );
}
