-- ARGV: T, ID, epoch, core, spec (JSON) naming it. No worker of the job's core is left: it begins anew under another one, and what
-- the first has computed is dropped, for two cores never meet in one result. Returns 1 | 0.
local T, ID, core = ARGV[1], ARGV[2], ARGV[4]
local job = tkey(T, 'job', ID)
local h = redis.call('HMGET', job, 'state', 'epoch', 'planId', 'queue')
local slots = slotsByQueue()
if not live(h[1]) or h[2] ~= ARGV[3] or slots[h[4]] or not slots[core] then return 0 end
if h[3] then redis.call('UNLINK', tkey(T, 'parts', ID .. ':' .. h[3]), tkey(T, 'ctx', ID .. ':' .. h[3])) end
redis.call('UNLINK', tkey(T, 'res', ID .. ':' .. h[2]))
redis.call('DEL', tkey(T, 'open', ID), tkey(T, 'sus', ID))
redis.call('HDEL', job, 'planId', 'startedAt', 'shards', 'units', 'unit', 'chunk', 'chunkCost', 'checkpoints', 'checked', 'stopAt', 'next',
  'done', 'prefix', 'unitsDone', 'saidAt', 'partial', 'partialPrefix', 'failedAt', 'failure', 'final', 'homeless')
redis.call('HSET', job, 'state', 'queued', 'epoch', redis.call('INCR', P .. ':epoch'), 'queue', core, 'spec', ARGV[5])
due(T, ID, now())
publish(T, ID, 'queued')
return 1
