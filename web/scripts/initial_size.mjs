// Prints what a first visit of each page loads of script, gzipped, and fails above the limit. Runs after each build.
// A visit loads what index.html names, then the page's own part with all that it imports; charts come later, when they are drawn.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const maxBytes = 250 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** The chunks that a chunk needs before it runs, itself among them. */
function needed(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const other of manifest[name].imports ?? []) needed(other, found);
  return found;
}
const gzipped = new Map();
function bytesOf(name) {
  const { file } = manifest[name];
  if (!gzipped.has(file)) gzipped.set(file, file.endsWith(".js") ? gzipSync(readFileSync(new URL(file, dist))).length : 0);
  return gzipped.get(file);
}

const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
const pages = (manifest[entry].dynamicImports ?? []).filter((name) => name.startsWith("src/pages/"));
if (pages.length < 10) throw new Error(`only ${pages.length} pages are loaded by themselves; remedy: pages are lazy in src/App.tsx`);
const base = needed(entry);
const sizes = pages
  .map((page) => ({ page, bytes: [...needed(page, new Set(base))].reduce((sum, name) => sum + bytesOf(name), 0) }))
  .sort((left, right) => right.bytes - left.bytes);
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
console.log(`first load, script gzipped: ${kb([...base].reduce((sum, name) => sum + bytesOf(name), 0))} before a page`);
for (const { page, bytes } of sizes.slice(0, 3)) console.log(`  ${kb(bytes)} with ${page}`);
const chart = Object.keys(manifest).find((name) => name.endsWith("components/Chart.tsx"));
if (!chart) throw new Error("the chart library is not loaded by itself");
console.log(
  `  ${kb([...needed(chart)].filter((name) => !base.has(name)).reduce((sum, name) => sum + bytesOf(name), 0))} more when a chart is drawn`,
);
const heavy = sizes.filter(({ bytes }) => bytes > maxBytes);
console.log(`limit ${kb(maxBytes)}: ${heavy.length === 0 ? "kept by all pages" : heavy.map(({ page }) => page).join(", ") + " above it"}`);
if (heavy.length > 0) process.exit(1);
