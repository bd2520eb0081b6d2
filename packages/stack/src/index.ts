export { type Child, type ChildOptions, type Exit, exitInWords, startChild } from './child.js';
export { type FindRedisOptions, findRedisServer, type RedisServer } from './find-redis.js';
export { freePort, isFree } from './ports.js';
export { type PrivateRedis, requireUsableRedis, type StartRedisOptions, startRedis } from './redis.js';
export { askRedis, type Reply } from './resp.js';
export { type ServeOptions, type StartFromSettingsOptions, serve, startFromSettings } from './serve.js';
export { onStopRequest, type StopRequest } from './signals.js';
export { type Stack, type StackOptions, startStack } from './stack.js';
