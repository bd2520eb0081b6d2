import './kill-at-call.mjs';

await import('./toy-api.mjs');
