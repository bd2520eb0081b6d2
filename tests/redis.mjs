import { startRedis } from '@spillway/stack';

let redis;

/**
 * Every run of jest has a Redis of its own, on a free port and in a temporary folder; tests find it in
 * SPILLWAY_TEST_REDIS. A REDIS_URL is somebody's data: tests cannot even see it.
 * (Not TypeScript: jest turns the setup it compiles into CommonJS, which cannot import the packages.)
 */
export default async function setup() {
  delete process.env.REDIS_URL;
  redis = await startRedis();
  process.env.SPILLWAY_TEST_REDIS = redis.url;
}

export const stopTestRedis = async () => redis?.stop();
