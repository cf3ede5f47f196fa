import { expect, test } from "vitest";

import { KeyMap, type Shortcut } from "./keys";

function keyboard() {
  const ran: string[] = [];
  const map = new KeyMap();
  const shortcut = (keys: string, name = keys): Shortcut => ({ keys, does: name, run: () => ran.push(name) });
  return { ran, map, shortcut };
}

test("a key runs what it means, another one nothing", () => {
  const { ran, map, shortcut } = keyboard();
  map.add("list", () => [shortcut("j")]);
  expect(map.press("j", 0)).toBe(true);
  expect(map.press("q", 1)).toBe(false);
  expect(ran).toEqual(["j"]);
});

test("a sequence is one shortcut, and its second key alone is another", () => {
  const { ran, map, shortcut } = keyboard();
  map.add("everywhere", () => [shortcut("g a")]);
  map.add("alert", () => [shortcut("a")]);
  map.press("g", 0);
  map.press("a", 500);
  map.press("a", 600);
  expect(ran).toEqual(["g a", "a"]);
});

test("a sequence that takes too long is two keys", () => {
  const { ran, map, shortcut } = keyboard();
  map.add("everywhere", () => [shortcut("g a")]);
  map.press("g", 0);
  expect(map.press("a", 5_000)).toBe(false);
  expect(ran).toEqual([]);
});

test("what was added last goes first, and goes away again", () => {
  const { ran, map, shortcut } = keyboard();
  map.add("page", () => [shortcut("u", "page")]);
  const remove = map.add("panel", () => [shortcut("u", "panel")]);
  map.press("u", 0);
  remove();
  map.press("u", 1);
  expect(ran).toEqual(["panel", "page"]);
  expect(map.groups().map(({ group }) => group)).toEqual(["page"]);
});
