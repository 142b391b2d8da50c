// Fails when the built pages are larger than their budget, counted as a browser would receive them.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET = 250 * 1024;
const dist = fileURLToPath(new URL("../dist", import.meta.url));

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

let total = 0;
for (const path of files(dist)) {
  const bytes = gzipSync(readFileSync(path), { level: 9 }).length;
  total += bytes;
  console.log(`${String(bytes).padStart(8)}  ${path.slice(dist.length + 1)}`);
}
console.log(`${String(total).padStart(8)}  in all, of ${BUDGET}`);
if (total > BUDGET) {
  console.error("The pages are larger than their budget.");
  process.exit(1);
}
