-- ARGV: T, ID, epoch, checkpoint, enough '1' or '0'. The answer at a checkpoint of the ordered prefix.
local T, ID, c = ARGV[1], ARGV[2], tonumber(ARGV[4])
local job = tkey(T, 'job', ID)
local h = redis.call('HMGET', job, 'state', 'epoch', 'stopAt', 'checked', 'failedAt')
if not live(h[1]) or h[2] ~= ARGV[3] then return 0 end
if ARGV[5] == '1' then
  if not h[3] or c < tonumber(h[3]) then redis.call('HSET', job, 'stopAt', c) end
  if h[5] and tonumber(h[5]) >= c then redis.call('HDEL', job, 'failedAt', 'failure', 'final') end -- the job stops before what failed
elseif c > tonumber(h[4] or 0) then
  redis.call('HSET', job, 'checked', c)
end
redis.call('ZREM', tkey(T, 'open', ID), 'check' .. ARGV[4])
if not failIfLost(T, ID) then publish(T, ID, 'running') end
return 1
