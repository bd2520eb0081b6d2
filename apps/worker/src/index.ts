export { type Post, type Posted, post } from './webhooks/post.js';
export { startWorker, type WorkerOptions } from './worker.js';
