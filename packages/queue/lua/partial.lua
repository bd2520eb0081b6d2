-- ARGV: T, ID, planId, prefix, JSON. What can be said from the first `prefix` parts; only ever moves on.
local T, ID, prefix = ARGV[1], ARGV[2], tonumber(ARGV[4])
local job = tkey(T, 'job', ID)
local h = redis.call('HMGET', job, 'state', 'planId', 'partialPrefix')
if not live(h[1]) or h[2] ~= ARGV[3] or prefix <= tonumber(h[3] or 0) then return 0 end
redis.call('HSET', job, 'partial', ARGV[5], 'partialPrefix', prefix)
publish(T, ID, 'running')
return 1
