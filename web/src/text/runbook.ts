export interface Runbook {
  /** The paragraph "What to do"; the whole text where there is none. */
  todo: string;
  /** Everything else. */
  rest: string;
}

/** Part a rule's runbook: its paragraphs begin with "**Heading.**", its first line repeats the rule's title. */
export function partRunbook(markdown: string): Runbook {
  const paragraphs = markdown
    .replace(/^#[^\n]*\n/, "")
    .trim()
    .split(/\n{2,}/);
  const isTodo = (paragraph: string) => /^\*\*What to do\.?\*\*/i.test(paragraph);
  const todo = paragraphs.filter(isTodo).map((paragraph) => paragraph.replace(/^\*\*[^*]+\*\*\s*/, ""));
  if (todo.length === 0) return { todo: paragraphs.join("\n\n"), rest: "" };
  return { todo: todo.join("\n\n"), rest: paragraphs.filter((paragraph) => !isTodo(paragraph)).join("\n\n") };
}
