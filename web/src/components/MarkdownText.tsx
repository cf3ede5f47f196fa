import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";

const Markdown = lazy(() => import("./Markdown"));

/** A runbook's text. It comes with the rule pack; still no HTML in it is rendered. */
export function MarkdownText({ text }: { text: string }) {
  return (
    <Suspense fallback={<Skeleton height={80} />}>
      <Markdown text={text} />
    </Suspense>
  );
}
