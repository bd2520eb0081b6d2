import './kill-at-call.mjs';

await import('./toy-worker.mjs');
