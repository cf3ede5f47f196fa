import { describe, expect, it } from "vitest";

import { defang, revealInvisible } from "./defang";

describe("defang", () => {
  it("breaks scheme and host, and leaves the path readable", () => {
    expect(defang("https://pay.example.com/a.html?b=c.d")).toBe("hxxps://pay[.]example[.]com/a.html?b=c.d");
    expect(defang("HTTP://user@evil.example/x")).toBe("hxxp://user[@]evil[.]example/x");
  });
  it("breaks a bare host", () => expect(defang("evil.example/path")).toBe("evil[.]example/path"));
  it("leaves text without a dot alone", () => expect(defang("localhost")).toBe("localhost"));
});

describe("revealInvisible", () => {
  it("shows a right-to-left override", () => expect(revealInvisible("invoice\u202efdp.exe")).toBe("invoice⟨U+202E⟩fdp.exe"));
  it("keeps ordinary text, line breaks and tabs", () => expect(revealInvisible("Zoë\n\tpays")).toBe("Zoë\n\tpays"));
});
