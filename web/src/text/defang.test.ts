import { describe, expect, it } from "vitest";

import { defang, defangText, revealInvisible } from "./defang";

describe("defang", () => {
  it("breaks scheme and host, and leaves the path readable", () => {
    expect(defang("https://pay.example.com/a.html?b=c.d")).toBe("hxxps://pay[.]example[.]com/a.html?b=c.d");
    expect(defang("HTTP://user@evil.example/x")).toBe("hxxp://user[@]evil[.]example/x");
  });
  it("breaks a bare host", () => expect(defang("evil.example/path")).toBe("evil[.]example/path"));
  it("leaves text without a dot alone", () => expect(defang("localhost")).toBe("localhost"));
});

describe("defangText", () => {
  it("breaks the addresses in a text and nothing else", () =>
    expect(defangText("Pay at https://pay.example/x. Thank you.\n<HTTP://a.b>")).toBe(
      "Pay at hxxps://pay[.]example/x. Thank you.\n<hxxp://a[.]b>",
    ));
});

describe("revealInvisible", () => {
  it("shows a right-to-left override", () => expect(revealInvisible("invoice\u202efdp.exe")).toBe("invoice⟨U+202E⟩fdp.exe"));
  it("keeps ordinary text, line breaks and tabs", () => expect(revealInvisible("Zoë\n\tpays")).toBe("Zoë\n\tpays"));
});
