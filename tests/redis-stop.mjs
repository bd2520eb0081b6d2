export { stopTestRedis as default } from './redis.mjs';
