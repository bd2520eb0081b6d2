-- ARGV: T, hash, field, bytes, seconds. A part of a resource's bytes. They go by themselves unless `put-resource` claims them; those
-- of a resource are left alone, for they are the same.
local T, hash = ARGV[1], ARGV[2]
local blob = tkey(T, 'blob', hash)
if redis.call('EXISTS', tkey(T, 'data', hash)) == 1 and redis.call('HEXISTS', blob, 'whole') == 1 then return 0 end
redis.call('HSET', blob, ARGV[3], ARGV[4])
redis.call('EXPIRE', blob, ARGV[5])
return 1
