-- ARGV: T, ID, epoch, then field, bytes, …  Refused unless the job lives in that epoch.
local T, ID = ARGV[1], ARGV[2]
local h = redis.call('HMGET', tkey(T, 'job', ID), 'state', 'epoch')
if not live(h[1]) or h[2] ~= ARGV[3] then return 0 end
local result = tkey(T, 'res', ID .. ':' .. ARGV[3])
for i = 4, #ARGV, 2 do redis.call('HSET', result, ARGV[i], ARGV[i + 1]) end
return 1
