/** "JD" of "Jane Doe", "jane.doe@acme.example" or "jane-doe"; one letter of a single word. */
export function initials(name: string): string {
  const words = (name.split("@")[0] ?? "").split(/[\s._+-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...(word ?? "")][0]?.toUpperCase() ?? "").join("") || "?";
}
