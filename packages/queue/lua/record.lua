-- ARGV: T, ID, planId, shard, part (bytes), units of the shard, milliseconds between partial results or 0.
-- First write wins. Returns { outcome, prefix, target, say }: ok | had | differs | no; `say` is 1 for whoever is to say what can be said so far:
-- of all workers one, once in so many milliseconds.
local T, ID, plan, k = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local job = tkey(T, 'job', ID)
local h = redis.call('HMGET', job, 'state', 'planId', 'shards', 'chunk', 'prefix', 'stopAt', 'saidAt')
if not live(h[1]) or h[2] ~= plan or k >= tonumber(h[3]) then return { 'no', 0, 0, 0 } end
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
  show(T, ID)
  return { outcome, prefix, target, 0 }
end
redis.call('HINCRBY', job, 'done', 1)
redis.call('HINCRBY', job, 'unitsDone', ARGV[6])
while redis.call('HEXISTS', parts, prefix) == 1 do prefix = prefix + 1 end
local t, say = now(), 0
redis.call('HSET', job, 'prefix', prefix, 'movedAt', t)
if tonumber(ARGV[7]) > 0 and prefix > 0 and prefix < target and t - tonumber(h[7] or 0) >= tonumber(ARGV[7]) then
  redis.call('HSET', job, 'saidAt', t)
  say = 1
end

local c = math.floor(k / tonumber(h[4]))
local whole = true
for s = c * tonumber(h[4]), math.min(tonumber(h[3]), (c + 1) * tonumber(h[4])) - 1 do
  if redis.call('HEXISTS', parts, s) == 0 then whole = false end
end
if whole then redis.call('ZREM', tkey(T, 'open', ID), c) end

if not failIfLost(T, ID) then publish(T, ID, 'running') end
return { 'ok', prefix, target, say }
