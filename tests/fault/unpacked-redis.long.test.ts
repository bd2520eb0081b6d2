import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askRedis, findRedisServer, startRedis } from '@spillway/stack';

const debian = existsSync('/usr/bin/apt-get');

(debian ? test : test.skip)(
  "Debian's package runs unpacked, without being installed",
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'spillway-unpacked-'));
    try {
      const bin = join(work, 'bin'); // everything of /usr/bin but a Redis
      mkdirSync(bin);
      for (const name of readdirSync('/usr/bin'))
        if (!/^(redis|valkey)-/.test(name)) symlinkSync(join('/usr/bin', name), join(bin, name));
      const options = { env: { ...process.env, PATH: bin, SPILLWAY_REDIS_SERVER: '' }, dataDir: join(work, 'data') };
      const said: string[] = [];
      const server = await findRedisServer({ ...options, tell: (words) => said.push(words) });
      expect(server.path).toBe(join(work, 'data', 'redis-package', 'redis-server'));
      expect(said).toHaveLength(1);
      const redis = await startRedis({ server: server.path });
      expect(await askRedis(redis.url, [['PING']])).toEqual([{ ok: 'PONG' }]);
      await redis.stop();
      expect(await findRedisServer({ ...options, tell: (words) => said.push(words) })).toEqual(server);
      expect(said).toHaveLength(1); // found again, not fetched again
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
  300_000,
);
