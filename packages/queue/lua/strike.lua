-- ARGV: T, ID, epoch, step, shard (−1 for plan, check and combine), kind, limit, failure (JSON), final '1' or '0'.
-- Something failed, by its own doing. `limit` strikes of one kind against one step convict it. Returns 'failed' | 'convicted' |
-- 'again' | 'no'.
local T, ID, step = ARGV[1], ARGV[2], ARGV[4]
local job = tkey(T, 'job', ID)
local h = redis.call('HMGET', job, 'state', 'epoch')
if not live(h[1]) or h[2] ~= ARGV[3] then return 'no' end
local strikes = redis.call('HINCRBY', tkey(T, 'sus', ID), 'c:' .. step .. ':' .. ARGV[6], 1)
if strikes < tonumber(ARGV[7]) then
  redis.call('HINCRBY', job, 'retried', 1)
  show(T, ID)
  due(T, ID, now())
  return 'again'
end
redis.call('ZREM', tkey(T, 'open', ID), step)
if convict(T, ID, tonumber(ARGV[5]), ARGV[8], ARGV[9]) then return 'failed' end
due(T, ID, now())
return 'convicted'
