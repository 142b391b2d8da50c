import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Development only: `MCPPROXY_URL` and `MCPPROXY_API_KEY` name the core to stand before.
const core = process.env.MCPPROXY_URL ?? "http://127.0.0.1:8080";
const key = process.env.MCPPROXY_API_KEY;
// The core takes no request of another origin, and this server's is another one.
const proxy = { target: core, changeOrigin: true, headers: { origin: core, ...(key ? { "X-API-Key": key } : {}) } };

export default defineConfig({
  base: "./",
  plugins: [react(), tailwindcss()],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { host: "127.0.0.1", port: 5199, strictPort: true, proxy: { "/api": proxy } },
  preview: { host: "127.0.0.1", port: 5198, strictPort: true, proxy: { "/api": proxy } },
});
