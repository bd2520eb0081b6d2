-- ARGV: T, hash, summary (JSON), bytes, name. The bytes are there already (under their own hash): now they are a dataset.
local T, hash = ARGV[1], ARGV[2]
local data = tkey(T, 'data', hash)
redis.call('PERSIST', tkey(T, 'blob', hash))
redis.call('HDEL', data, 'hidden')
redis.call('HSETNX', data, 'createdAt', now())
redis.call('HSET', data, 'summary', ARGV[3], 'bytes', ARGV[4])
if ARGV[5] ~= '' then redis.call('HSET', data, 'name', ARGV[5]) end
redis.call('ZADD', P .. ':t:' .. T .. ':datasets', redis.call('HGET', data, 'createdAt'), hash)
return 1
