import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const proxy = { "/api/": process.env.LETTERLOCK_API_URL ?? "http://127.0.0.1:8080" };

export default defineConfig({
  plugins: [react()],
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0, manifest: true }, // no data: URLs, the Content-Security-Policy forbids them
  server: { proxy },
  preview: { proxy },
  test: { include: ["src/**/*.test.ts"] },
});
