import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The server puts a fresh nonce where this stands, in every answer.
const NONCE = '{{nonce}}';

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  // Its manifest names no entry for a bundler.
  resolve: { alias: { '@xterm/headless': '@xterm/headless/lib-headless/xterm-headless.mjs' } },
  html: { cspNonce: NONCE },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    sourcemap: false,
    rollupOptions: {
      output: {
        // What changes only with a dependency keeps its name, and its place in caches.
        manualChunks: {
          base: ['react', 'react-dom/client', '@tanstack/react-query', '@tanstack/react-router'],
        },
      },
    },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
