import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

interface Paged {
  next_cursor?: string;
}
interface PagesOptions<Page extends Paged> {
  queryKey: readonly unknown[];
  /** Reads the page behind a cursor; the first page has none. */
  read: (cursor: { cursor?: string }) => Promise<Page>;
  pollMs?: number;
  enabled?: boolean;
}

/** A list that comes page by page. Polled only while one page is shown: reading all of many pages again costs too much. */
export function usePages<Page extends Paged>({ queryKey, read, pollMs, enabled }: PagesOptions<Page>) {
  return useInfiniteQuery({
    queryKey,
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam }) => read(pageParam ? { cursor: pageParam } : {}),
    getNextPageParam: (page: Page) => page.next_cursor,
    refetchInterval: (query) => (pollMs && (query.state.data?.pages.length ?? 1) === 1 ? pollMs : false),
    placeholderData: keepPreviousData,
  });
}
