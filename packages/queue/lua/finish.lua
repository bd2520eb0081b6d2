-- ARGV: T, ID, epoch, then field, value, …  Ends a job as succeeded, when every part that it needs is there.
-- Returns 'ok' | 'no' | 'missing'.
local T, ID = ARGV[1], ARGV[2]
local h = redis.call('HMGET', tkey(T, 'job', ID), 'state', 'epoch', 'kind', 'shards', 'stopAt', 'prefix', 'failedAt', 'checkpoints', 'checked')
if not live(h[1]) or h[2] ~= ARGV[3] then return 'no' end
if h[3] == 'analysis' and (h[7] or not h[4] or tonumber(h[6]) < tonumber(h[5] or h[4])
  or question(h[8], h[9], h[5], h[6])) then return 'missing' end
local fields = {}
for i = 4, #ARGV do fields[#fields + 1] = ARGV[i] end
finish(T, ID, 'succeeded', fields)
return 'ok'
