import { useEffect, useRef, useSyncExternalStore } from "react";

/** One thing that the keyboard does: "j", "?", or two keys one after the other, "g a". */
export interface Shortcut {
  keys: string;
  does: string;
  run: () => void;
}

const sequenceMs = 1_200;

/** Which shortcuts hold now, and what a pressed key means. What was added last goes first. Not bound to the browser. */
export class KeyMap {
  private layers: { group: string; shortcuts: () => Shortcut[] }[] = [];
  private before = { key: "", atMs: -Infinity };
  private listeners = new Set<() => void>();
  private known: { group: string; shortcuts: Shortcut[] }[] = [];

  /** Add shortcuts; the answer takes them away again. `shortcuts` is called at each key, so it may change what it returns. */
  add(group: string, shortcuts: () => Shortcut[]): () => void {
    const layer = { group, shortcuts };
    this.layers = [layer, ...this.layers];
    this.changed();
    return () => {
      this.layers = this.layers.filter((one) => one !== layer);
      this.changed();
    };
  }

  /** Run what the key means; false if it means nothing. A key that begins a sequence waits for the next one. */
  press(key: string, nowMs: number): boolean {
    const all = this.layers.flatMap((layer) => layer.shortcuts());
    const sequence = nowMs - this.before.atMs <= sequenceMs ? `${this.before.key} ${key}` : "";
    this.before = { key: "", atMs: -Infinity };
    const found = all.find(({ keys }) => keys === sequence) ?? all.find(({ keys }) => keys === key);
    if (found) {
      found.run();
      return true;
    }
    if (!all.some(({ keys }) => keys.startsWith(`${key} `))) return false;
    this.before = { key, atMs: nowMs };
    return true;
  }

  /** For the list that people can look at. */
  groups = () => this.known;
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private changed() {
    this.known = this.layers.map(({ group, shortcuts }) => ({ group, shortcuts: shortcuts() })).reverse();
    this.listeners.forEach((listener) => listener());
  }
}

const map = new KeyMap();

/** Fields take letters themselves; radios, check boxes and buttons do not. */
function takesLetters(element: EventTarget | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (element instanceof HTMLInputElement) return !["radio", "checkbox", "button"].includes(element.type);
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement || element.isContentEditable;
}

/** Listen to the keyboard; once, in the frame around all pages. A dialog or an open menu keeps its keys. */
export function useKeyboard(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || takesLetters(event.target)) return;
      if (document.querySelector("[role=dialog], [role=menu]")) return;
      if (map.press(event.key, event.timeStamp)) event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** Shortcuts that hold while the calling component is shown. */
export function useShortcuts(group: string, shortcuts: Shortcut[]): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => map.add(group, () => latest.current), [group]);
}

/** All shortcuts that hold now, by group. */
export const useKnownShortcuts = () => useSyncExternalStore(map.subscribe, map.groups);
