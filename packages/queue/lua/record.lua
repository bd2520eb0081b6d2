-- ARGV: T, ID, planId, shard, part (bytes), units of the shard.
-- First write wins. Returns { outcome, prefix, target }: ok | had | differs | no.
local T, ID, plan, k = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local job = tkey(T, 'job', ID)
local h = redis.call('HMGET', job, 'state', 'planId', 'shards', 'chunk', 'prefix', 'stopAt')
if not live(h[1]) or h[2] ~= plan or k >= tonumber(h[3]) then return { 'no', 0, 0 } end
local parts = tkey(T, 'parts', ID .. ':' .. plan)
local target = tonumber(h[6] or h[3])
local prefix = tonumber(h[5])
if redis.call('HSETNX', parts, k, ARGV[5]) == 0 then
  local outcome = 'had'
  if redis.call('HGET', parts, k) ~= ARGV[5] then
    redis.call('HINCRBY', job, 'differed', 1)
    outcome = 'differs'
  end
  redis.call('HINCRBY', job, 'recomputed', 1)
  return { outcome, prefix, target }
end
redis.call('HINCRBY', job, 'done', 1)
redis.call('HINCRBY', job, 'unitsDone', ARGV[6])
while redis.call('HEXISTS', parts, prefix) == 1 do prefix = prefix + 1 end
redis.call('HSET', job, 'prefix', prefix, 'movedAt', now())

local c = math.floor(k / tonumber(h[4]))
local whole = true
for s = c * tonumber(h[4]), math.min(tonumber(h[3]), (c + 1) * tonumber(h[4])) - 1 do
  if redis.call('HEXISTS', parts, s) == 0 then whole = false end
end
if whole then redis.call('ZREM', tkey(T, 'open', ID), c) end

if not failIfLost(T, ID) then publish(T, ID, 'running') end
return { 'ok', prefix, target }
