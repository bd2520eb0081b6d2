-- ARGV: T, ID, epoch, step, deaths in the task's id, incarnation, solo '1' or '0', task, inline '1' or '0'.
-- May this process do this step? { 'stop' } (not wanted, or not here), { 'have' } (done already), or
-- { 'go', kind, spec, planId, what is missing (JSON), upload, centiseconds, trace }. `inline` opens a step that was not offered yet: whoever finishes
-- the step before may go on with it at once.
local T, ID, epoch, step, deaths, inc = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local job, open = tkey(T, 'job', ID), tkey(T, 'open', ID)
local h = redis.call('HMGET', job, 'state', 'epoch', 'planId', 'kind', 'spec', 'upload', 'shards', 'chunk', 'next', 'stopAt', 'prefix', 'failedAt', 'chunkCost', 'cost',
  'checkpoints', 'checked', 'trace')
if not live(h[1]) or h[2] ~= epoch then return { 'stop' } end
local died = tonumber(redis.call('HGET', tkey(T, 'sus', ID), 's:' .. step) or 0)
if deaths < died or (alone(T, ID, step) and ARGV[7] ~= '1') then return { 'stop' } end

local k = tonumber(step)
if ARGV[9] == '1' then
  if redis.call('ZSCORE', open, step) then return { 'stop' } end -- somebody else has it
  if k then
    if tonumber(h[9]) ~= k then return { 'stop' } end
    redis.call('HSET', job, 'next', k + 1)
  end
  redis.call('ZADD', open, charge(T, k and tonumber(h[13]) or 1), step)
end
local tag = redis.call('ZSCORE', open, step)
if not tag then return { 'have' } end

local todo = '[]'
if step == 'plan' then
  if h[3] then return { 'have' } end
  if h[1] == 'queued' then
    redis.call('HSET', job, 'state', 'planning')
    publish(T, ID, 'planning')
  end
elseif step == 'combine' then
  local target = tonumber(h[10] or h[7])
  if h[12] or tonumber(h[11]) < target or question(h[15], h[16], h[10], h[11]) then
    redis.call('ZREM', open, step)
    return { 'have' }
  end
  todo = '[' .. target .. ']'
elseif k then
  local parts = tkey(T, 'parts', ID .. ':' .. h[3])
  local shards, chunk = tonumber(h[7]), tonumber(h[8])
  local missing = {}
  for s = k * chunk, math.min(shards, (k + 1) * chunk) - 1 do
    if redis.call('HEXISTS', parts, s) == 0 then missing[#missing + 1] = s end
  end
  if #missing == 0 then
    redis.call('ZREM', open, step)
    return { 'have' }
  end
  todo = '[' .. table.concat(missing, ',') .. ']'
end

-- Only what came in its turn moves the line: a step that was fused to another, or runs alone, has jumped it.
local V = tonumber(redis.call('HGET', P .. ':tags', 'V') or 0)
if ARGV[9] ~= '1' and ARGV[7] ~= '1' and tonumber(tag) > V then redis.call('HSET', P .. ':tags', 'V', tag) end
redis.call('ZADD', P .. ':hb', now(), inc) -- lives: else nobody would look at what it has in flight
redis.call('HSET', P .. ':fl:' .. inc, ARGV[8], 1)
return { 'go', h[4], h[5], h[3] or '', todo, h[6], h[14], h[17] or '' }
