import { useCallback, useState } from "react";

/** Which rows of a list are chosen, by id. */
export function useSelection() {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (id: string) =>
      setChosen((old) => {
        const next = new Set(old);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );
  const set = useCallback((ids: string[]) => setChosen(new Set(ids)), []);
  return { chosen, toggle, set, clear: useCallback(() => setChosen(new Set()), []) };
}
