// Prints what a first visit loads before anything shows, gzipped, and fails above the limit. Runs after each build.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const maxBytes = 250 * 1024;
const dist = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", dist), "utf8");
const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path);
if (scripts.length === 0) throw new Error("dist/index.html names no script");
const bytes = scripts.reduce((sum, path) => sum + gzipSync(readFileSync(new URL(path, dist))).length, 0);
console.log(`initial script: ${(bytes / 1024).toFixed(1)} KB gzipped of at most ${maxBytes / 1024} KB (${scripts.length} files)`);
if (bytes > maxBytes) process.exit(1);
