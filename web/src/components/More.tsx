import { Button } from "@mantine/core";

/** The button behind the last row of a list that has more pages. */
export function More({
  list,
  what,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  what: string;
}) {
  if (!list.hasNextPage) return null;
  return (
    <Button
      variant="default"
      size="xs"
      loading={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
      style={{ justifySelf: "center" }}
    >
      Show more {what}
    </Button>
  );
}
