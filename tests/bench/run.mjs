// `npm run bench`: builds and runs the benchmark, with the arguments given.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { status, error } = spawnSync("go", ["run", "./tests/bench", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
if (error) {
  console.error(`go: ${error.message}. Install Go 1.26 or newer: https://go.dev/dl`);
}
process.exit(status ?? 1);
