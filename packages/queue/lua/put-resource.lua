-- ARGV: T, kind ('datasets' | 'weights': the list it stands in), hash, summary (JSON), bytes, name, preview (JSON). Makes a dataset or
-- weights of bytes that are there under their hash. Returns 0 when they are not.
local T, kind, hash = ARGV[1], ARGV[2], ARGV[3]
local data = tkey(T, 'data', hash)
if redis.call('HEXISTS', tkey(T, 'blob', hash), 'whole') == 0 then return 0 end
redis.call('PERSIST', tkey(T, 'blob', hash))
redis.call('HDEL', data, 'hidden')
redis.call('HSETNX', data, 'createdAt', now())
redis.call('HSET', data, 'kind', kind, 'summary', ARGV[4], 'bytes', ARGV[5], 'preview', ARGV[7])
if ARGV[6] ~= '' then redis.call('HSET', data, 'name', ARGV[6]) end
redis.call('ZADD', P .. ':t:' .. T .. ':' .. kind, redis.call('HGET', data, 'createdAt'), hash)
return 1
