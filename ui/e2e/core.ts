// A real core on a folder of its own, and a page that came in by the browser's door.
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = process.env.MCPPROXY_BIN ?? join(root, "target/debug/mcpproxy");
const KEY = "e2e-key-of-the-window-0123456789";

export interface Wanted {
  servers?: Record<string, unknown>;
  config?: Record<string, unknown>;
  /** Files under the home folder, by path. */
  home?: Record<string, string>;
}

export class Core {
  private constructor(
    readonly folder: string,
    readonly address: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(wanted: Wanted = {}): Promise<Core> {
    if (!existsSync(program)) throw new Error(`There is no program at ${program}. Build it, or name one in MCPPROXY_BIN.`);
    const folder = mkdtempSync(join(tmpdir(), "mcpproxy-ui-"));
    chmodSync(folder, 0o700);
    const data = join(folder, ".mcpproxy");
    mkdirSync(data, { mode: 0o700 });
    for (const [path, text] of Object.entries(wanted.home ?? {})) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const listen = `127.0.0.1:${await freePort()}`;
    const config = join(data, "mcp_config.json");
    const text = {
      listen,
      api_key: KEY,
      require_mcp_auth: true,
      docker_isolation: { enabled: true },
      ...wanted.config,
      mcpServers: wanted.servers ?? {},
    };
    writeFileSync(config, JSON.stringify(text, null, 2), { mode: 0o600 });
    const child = spawn(program, ["serve", "--config", config, "--data-dir", data, "--log-dir", join(folder, "logs"), "--listen", listen], {
      env: {
        ...process.env,
        HOME: folder,
        XDG_CONFIG_HOME: join(folder, ".config"),
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        MCPPROXY_API_KEY: undefined,
      },
      stdio: "ignore",
    });
    const core = new Core(folder, `http://${listen}`, child);
    for (let left = 150; ; left -= 1) {
      if (
        await fetch(`${core.address}/healthz`).then(
          (answer) => answer.ok,
          () => false,
        )
      )
        return core;
      if (left === 0 || child.exitCode !== null) throw new Error(`the core did not start (exit code ${child.exitCode})`);
      await new Promise((next) => setTimeout(next, 100));
    }
  }

  async api<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.address}${path}`, {
      method,
      headers: { "X-API-Key": KEY, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const frame = (await answer.json()) as { success: boolean; data: T; error?: string };
    if (!frame.success) throw new Error(`${method} ${path}: ${frame.error}`);
    return frame.data;
  }

  server(name: string): Promise<{ state: string; placement: string; container_id?: string; connected: boolean; state_text: string }> {
    return this.api("GET", `/api/v1/servers/${encodeURIComponent(name)}`);
  }

  async ready(...names: string[]): Promise<void> {
    for (const name of names) {
      await expect
        .poll(async () => (await this.server(name)).state_text, { timeout: 150_000, message: `${name} is ready` })
        .toMatch(/^Ready/);
    }
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  /** Opens the pages as `mcpproxy open` does. */
  async open(page: Page, path = "/servers"): Promise<void> {
    if (process.env.UI_FROM_DIST) await fromDist(page, this.address);
    // The browser drops its requests whenever a container's network appears, so the way in may need another try.
    await expect(async () => {
      const { url } = await this.api<{ url: string }>("POST", "/api/v1/ui/code");
      await page.goto(url);
      await expect(page.getByRole("navigation", { name: "Sections" }).or(page.getByText("1 of 3"))).toBeVisible({ timeout: 5_000 });
      // The first address leads on by itself; a wish before that would be overtaken.
      await expect(page).toHaveURL(/#\/(servers|welcome)$/, { timeout: 5_000 });
    }).toPass({ timeout: 40_000 });
    if (path === "/") return;
    await this.go(page, path);
  }

  async go(page: Page, path: string): Promise<void> {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#${path}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill("SIGTERM");
      await new Promise((done) => this.child.once("exit", done));
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** While the pages are worked on: those of dist/ in place of those in the program, with the program's own headers. */
async function fromDist(page: Page, address: string): Promise<void> {
  const policy = (await fetch(`${address}/ui/`)).headers.get("content-security-policy") ?? "";
  const dist = fileURLToPath(new URL("../dist/", import.meta.url));
  await page.route(
    (url) => url.pathname.startsWith("/ui/") && url.pathname !== "/ui/session",
    (route) => {
      const path = new URL(route.request().url()).pathname.slice("/ui/".length) || "index.html";
      return route.fulfill({ path: join(dist, path), headers: { "content-security-policy": policy } });
    },
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** Servers that need little: one from npm, one from PyPI, one that is off, one that fails. */
export const SERVERS = {
  everything: { command: "npx", args: ["-y", "@modelcontextprotocol/server-everything"] },
  time: { command: "uvx", args: ["mcp-server-time"] },
  github: {
    command: "npx",
    args: ["-y", "@modelcontextprotocol/server-github"],
    env: { GITHUB_TOKEN: "ghp_abcdefghijklmnopqrstuvwxyz0123456789" },
    enabled: false,
  },
  notes: { command: "npx", args: ["-y", "@acme-does-not-exist/mcp"] },
};

/** A server of a few lines that needs no package: quick in a container, and as quick on the host. */
export const ECHO = { command: "node", args: [fileURLToPath(new URL("echo-server.js", import.meta.url))] };

/** Pages in which nothing may go wrong: no error, no violation of the content policy, and a frozen prototype as in the window. */
export const test = base.extend<{ strict: undefined }>({
  strict: [
    async ({ page }, use) => {
      const wrong: string[] = [];
      page.on("pageerror", (error) => wrong.push(`page: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() === "error" && !/status of (409|404|401|403|400|503)|net::ERR/.test(message.text()))
          wrong.push(`console: ${message.text()}`);
      });
      await page.addInitScript(() => {
        Object.freeze(Object.prototype);
        document.addEventListener("securitypolicyviolation", (event) =>
          console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
        );
      });
      await use(undefined);
      expect(wrong, "nothing went wrong in the page").toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };
