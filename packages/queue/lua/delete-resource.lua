-- ARGV: T, kind, hash. Hidden at once, removed with its last pin. Returns 'gone' | 'hidden' | 'none'.
local T, kind, hash = ARGV[1], ARGV[2], ARGV[3]
local data = tkey(T, 'data', hash)
local had = redis.call('HMGET', data, 'kind', 'hidden')
if had[1] ~= kind or had[2] == '1' then return 'none' end
if redis.call('SCARD', tkey(T, 'pins', hash)) == 0 then
  dropResource(T, hash)
  return 'gone'
end
redis.call('HSET', data, 'hidden', '1')
redis.call('ZREM', P .. ':t:' .. T .. ':' .. kind, hash)
return 'hidden'
