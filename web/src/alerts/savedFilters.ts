import { useLocalStorage } from "@mantine/hooks";

import { useSession } from "../api/session";

export interface SavedFilter {
  name: string;
  /** As it stands in the address. */
  search: string;
}

export const savedFiltersMax = 20;

function readSaved(text: string | undefined): SavedFilter[] {
  try {
    const parsed: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(parsed)) return [];
    return parsed.filter((one): one is SavedFilter => typeof one?.name === "string" && typeof one?.search === "string");
  } catch {
    return [];
  }
}

/** The filters that a person saved, in this browser; another person of this browser has others. */
export function useSavedFilters() {
  const session = useSession().data;
  const [saved, setSaved] = useLocalStorage<SavedFilter[]>({
    key: `letterlock.filters.${session?.tenant_id ?? ""}.${session?.email ?? ""}`,
    defaultValue: [],
    deserialize: readSaved,
    getInitialValueInEffect: false,
  });
  return {
    saved,
    save: (name: string, search: string) =>
      setSaved((old) => [...old.filter((one) => one.name !== name && one.search !== search), { name, search }].slice(-savedFiltersMax)),
    remove: (search: string) => setSaved((old) => old.filter((one) => one.search !== search)),
  };
}
