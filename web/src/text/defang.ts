/** Make a URL or host harmless to read and to copy: it cannot be clicked or auto-linked. */
export function defang(url: string): string {
  return url
    .replace(/^(\s*)h(tt)p(s?):/i, (_all, space: string, _tt: string, s: string) => `${space}hxxp${s}:`)
    .replace(/^(\s*)ftp:/i, "$1fxp:")
    .replace(
      /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)/i,
      (_all, scheme: string | undefined, host: string) => (scheme ?? "") + host.replaceAll(".", "[.]").replaceAll("@", "[@]"),
    );
}

/** Defang every web address within a text. */
export function defangText(text: string): string {
  return text.replace(/\b(?:https?|ftp):\/\/[^\s<>"]+/gi, defang);
}

/** Show control and bidirectional override characters, which can make text read differently from what it is. */
export function revealInvisible(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}
