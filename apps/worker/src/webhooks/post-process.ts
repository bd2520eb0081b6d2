import { type Post, post } from './post.js';

/* Sends what its parent hands it, and knows nothing else: no Redis, no secret. It ends by itself when its parent does. */

process.on('disconnect', () => process.exit(0));
process.on('message', async ({ n, asked }: { n: number; asked: Post }) => {
  const posted = await post(asked);
  process.send?.({ n, posted });
});
