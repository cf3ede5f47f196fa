import MarkdownToJsx from "markdown-to-jsx/react";

/** No HTML in the text is rendered. Loaded by itself, when a page has such a text. */
export default function Markdown({ text }: { text: string }) {
  return (
    <MarkdownToJsx className="markdown" options={{ disableParsingRawHTML: true, forceWrapper: true, forceBlock: true }}>
      {text}
    </MarkdownToJsx>
  );
}
