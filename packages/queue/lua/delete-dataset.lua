-- ARGV: T, hash. Hidden at once, removed with its last pin. Returns 'gone' | 'hidden' | 'none'.
local T, hash = ARGV[1], ARGV[2]
local data = tkey(T, 'data', hash)
if redis.call('EXISTS', data) == 0 or redis.call('HGET', data, 'hidden') == '1' then return 'none' end
if redis.call('SCARD', tkey(T, 'pins', hash)) == 0 then
  dropDataset(T, hash)
  return 'gone'
end
redis.call('HSET', data, 'hidden', '1')
redis.call('ZREM', P .. ':t:' .. T .. ':datasets', hash)
return 'hidden'
