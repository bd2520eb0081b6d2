-- ARGV: T, ID, epoch, planId, shards, units, unit, shards a chunk, tenths of a second a chunk, checkpoints (JSON),
--       units of each shard (JSON).
-- Write-once: the first plan of an epoch is the plan. Returns { 'ok' | 'had' | 'no' }.
local T, ID, epoch, plan = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local job = tkey(T, 'job', ID)
local h = redis.call('HMGET', job, 'state', 'epoch', 'planId')
if not live(h[1]) or h[2] ~= epoch then return { 'no' } end
if h[3] then return { 'had' } end
local ctx, parts = tkey(T, 'ctx', ID .. ':' .. plan), tkey(T, 'parts', ID .. ':' .. plan)
if redis.call('PERSIST', ctx) == 0 and redis.call('EXISTS', ctx) == 0 then return { 'no' } end
redis.call('PERSIST', parts)

-- Parts of an earlier epoch with the same plan are as good as new ones.
local done, prefix, unitsDone = 0, 0, 0
if redis.call('EXISTS', parts) == 1 then
  local units = cjson.decode(ARGV[11])
  for k = 0, #units - 1 do
    if redis.call('HEXISTS', parts, k) == 1 then
      done = done + 1
      unitsDone = unitsDone + units[k + 1]
      if prefix == k then prefix = k + 1 end
    end
  end
end
redis.call('HSET', job, 'state', 'running', 'planId', plan, 'startedAt', now(), 'shards', ARGV[5], 'units', ARGV[6], 'unit', ARGV[7],
  'chunk', ARGV[8], 'chunkCost', ARGV[9], 'checkpoints', ARGV[10], 'next', 0, 'done', done, 'prefix', prefix, 'unitsDone', unitsDone)
redis.call('ZREM', tkey(T, 'open', ID), 'plan')
publish(T, ID, 'running')
return { 'ok' }
