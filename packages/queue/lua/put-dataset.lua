-- ARGV: T, hash, summary (JSON), bytes, name, preview (JSON). Makes a dataset of bytes that are there under their hash.
-- Returns 0 when they are not.
local T, hash = ARGV[1], ARGV[2]
local data = tkey(T, 'data', hash)
if redis.call('HEXISTS', tkey(T, 'blob', hash), 'whole') == 0 then return 0 end
redis.call('PERSIST', tkey(T, 'blob', hash))
redis.call('HDEL', data, 'hidden')
redis.call('HSETNX', data, 'createdAt', now())
redis.call('HSET', data, 'summary', ARGV[3], 'bytes', ARGV[4], 'preview', ARGV[6])
if ARGV[5] ~= '' then redis.call('HSET', data, 'name', ARGV[5]) end
redis.call('ZADD', P .. ':t:' .. T .. ':datasets', redis.call('HGET', data, 'createdAt'), hash)
return 1
