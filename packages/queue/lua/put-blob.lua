-- ARGV: T, hash, field, bytes, seconds. A part of a dataset's bytes, which go by themselves unless `put-dataset` claims them; what is
-- claimed already is left alone, for it is the same. Returns 1 | 0.
local T, hash = ARGV[1], ARGV[2]
if redis.call('EXISTS', tkey(T, 'data', hash)) == 1 then return 0 end
redis.call('HSET', tkey(T, 'blob', hash), ARGV[3], ARGV[4])
redis.call('EXPIRE', tkey(T, 'blob', hash), ARGV[5])
return 1
