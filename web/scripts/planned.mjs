// Writes src/api/planned.ts: the operations of the contract that the server does not answer yet (x-letterlock-status: planned).
// The console offers none of them. Runs before each type check and build.
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

const contract = parse(readFileSync(new URL("../../api/openapi.yaml", import.meta.url), "utf8"));
const planned = Object.values(contract.paths)
  .flatMap((path) => Object.values(path))
  .filter((operation) => operation?.["x-letterlock-status"] === "planned")
  .map(({ operationId }) => operationId)
  .sort();
writeFileSync(
  new URL("../src/api/planned.ts", import.meta.url),
  `// Written by scripts/planned.mjs from api/openapi.yaml.\nexport const planned: readonly string[] = ${JSON.stringify(planned)};\n`,
);
