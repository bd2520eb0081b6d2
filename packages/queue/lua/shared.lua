-- Shared by every script: put before it when it is loaded. KEYS[1] is the prefix with its hash tag; every key a script
-- touches begins with it, so all lie in one slot.
local P = KEYS[1]

local function now()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function tkey(T, kind, name)
  return P .. ':t:' .. T .. ':' .. kind .. ':' .. name
end

local function live(state)
  return state == 'queued' or state == 'planning' or state == 'running'
end

-- What of a job moves, as one text of lines, so that a poll reads one field; `toRecord` in job-records.ts takes it apart, in this order. To be called after
-- every change of one of them.
local function show(T, ID)
  local job = tkey(T, 'job', ID)
  local values = redis.call('HMGET', job, 'epoch', 'createdAt', 'state', 'seq', 'shards', 'stopAt', 'prefix', 'units', 'unit', 'unitsDone', 'partial',
    'startedAt', 'endedAt', 'failure', 'final', 'result', 'resultBytes', 'recomputed', 'retried', 'hooksPending', 'hooksDelivered', 'hooksGivenUp',
    'hookProblem')
  for i = 1, #values do values[i] = values[i] or '' end
  redis.call('HSET', job, 'shown', table.concat(values, '\n'))
end

-- A hint to whoever watches; the hash is the truth. Every change of a job goes through here, so seq orders what is seen.
local function publish(T, ID, state)
  local seq = redis.call('HINCRBY', tkey(T, 'job', ID), 'seq', 1)
  show(T, ID)
  redis.call('PUBLISH', P .. ':events', T .. '.' .. ID .. '.' .. seq .. '.' .. state)
end

-- One more of the service's totals; the name says its labels too: `name|label=value|…`.
local function count(name)
  redis.call('HINCRBY', P .. ':totals', name, 1)
end

local function due(T, ID, at)
  redis.call('ZADD', P .. ':due', at, T .. '.' .. ID)
end

-- A resource is a dataset or weights: immutable bytes under their hash, pinned by the jobs that read them.
local function dropResource(T, hash)
  local kind = redis.call('HGET', tkey(T, 'data', hash), 'kind')
  redis.call('UNLINK', tkey(T, 'data', hash), tkey(T, 'blob', hash), tkey(T, 'pins', hash))
  if kind then redis.call('ZREM', P .. ':t:' .. T .. ':' .. kind, hash) end
end

local function there(T, hash)
  local data = tkey(T, 'data', hash)
  return redis.call('EXISTS', data) == 1 and redis.call('HGET', data, 'hidden') ~= '1'
end

-- Calls f with each hash of a list: hashes with commas between.
local function eachHash(list, f)
  for hash in string.gmatch(list, '[^,]+') do f(hash) end
end

-- One message for every address that was to be told of the end. What is in the outbox is sent until it has arrived or is given up.
local function announce(T, ID, epoch, to, t)
  local hooks = tkey(T, 'hooks', ID)
  local seen, n = {}, 0
  for _, hook in ipairs(redis.call('SMEMBERS', hooks)) do
    local url = string.match(hook, '^%S+ (.+)$')
    if not seen[url] then
      seen[url], n = true, n + 1
      local message = T .. '.' .. ID .. '.' .. epoch .. '.' .. n
      redis.call('HSET', P .. ':message:' .. message, 'url', url, 'state', to, 'endedAt', t, 'attempts', 0)
      redis.call('ZADD', P .. ':outbox', t, message)
    end
  end
  if n == 0 then return end
  redis.call('HSET', tkey(T, 'job', ID), 'hooksPending', n)
  redis.call('DEL', hooks)
end

-- The only way a job ends. The caller has seen that it is live (and of the right epoch): the first one wins.
-- `fields` are set with the state. What a job owns gets its expiry here and nowhere else.
local function finish(T, ID, to, fields)
  local job = tkey(T, 'job', ID)
  local h = redis.call('HMGET', job, 'cost', 'bytes', 'reads', 'planId', 'epoch', 'upload', 'keepResult', 'keepParts', 'keepFailed', 'kind')
  local t = now()
  redis.call('HSET', job, 'state', to, 'endedAt', t)
  announce(T, ID, h[5], to, t)
  if fields and #fields > 0 then redis.call('HSET', job, unpack(fields)) end

  local use = P .. ':t:' .. T .. ':use'
  if redis.call('HINCRBY', use, 'jobs', -1) <= 0 then
    redis.call('DEL', use)
  else
    redis.call('HINCRBY', use, 'centiseconds', -tonumber(h[1]))
    redis.call('HINCRBY', use, 'bytes', -tonumber(h[2]))
  end

  eachHash(h[3], function(hash)
    local pins = tkey(T, 'pins', hash)
    redis.call('SREM', pins, ID)
    if redis.call('SCARD', pins) == 0 and redis.call('HGET', tkey(T, 'data', hash), 'hidden') == '1' then dropResource(T, hash) end
  end)
  if h[6] ~= '' then redis.call('UNLINK', tkey(T, 'up', h[6])) end

  local keep = (to == 'failed') and h[9] or h[8]
  redis.call('DEL', tkey(T, 'open', ID), tkey(T, 'sus', ID), tkey(T, 'owners', ID))
  redis.call('EXPIRE', job, h[7])
  if h[4] then
    redis.call('EXPIRE', tkey(T, 'parts', ID .. ':' .. h[4]), keep)
    redis.call('EXPIRE', tkey(T, 'ctx', ID .. ':' .. h[4]), keep)
  end
  local result = tkey(T, 'res', ID .. ':' .. h[5])
  if to == 'succeeded' then redis.call('EXPIRE', result, h[7]) else redis.call('UNLINK', result) end

  redis.call('ZREM', P .. ':due', T .. '.' .. ID)
  if redis.call('EXISTS', P .. ':due') == 0 then redis.call('DEL', P .. ':tags') end -- idle: tags start again from 0
  count('jobs_ended_total|kind=' .. h[10] .. '|outcome=' .. to)
  publish(T, ID, to)
end

-- The smallest checkpoint that the ordered prefix has reached and at which nobody has yet asked whether to stop; nil when there
-- is none, or stopping has been decided. Until it is answered nothing is combined: else who is faster would decide the result.
local function question(checkpoints, checked, stopAt, prefix)
  if stopAt or not checkpoints then return nil end
  for _, c in ipairs(cjson.decode(checkpoints)) do
    if c > tonumber(prefix) then return nil end
    if c > tonumber(checked or 0) then return c end
  end
  return nil
end

-- Ends the job if a shard of it has failed, the parts below that shard are all there, and no checkpoint among them may still say
-- that the job stops before it. So neither who is faster nor what fails first decides how a job ends.
local function failIfLost(T, ID)
  local h = redis.call('HMGET', tkey(T, 'job', ID), 'failedAt', 'prefix', 'checkpoints', 'checked', 'stopAt')
  local failedAt, prefix = tonumber(h[1]), tonumber(h[2] or 0)
  if not failedAt or prefix < failedAt then return false end
  if failedAt >= 0 and question(h[3], h[4], h[5], math.min(prefix, failedAt)) then return false end
  finish(T, ID, 'failed', {})
  return true
end

-- A shard (≥ 0), or the plan, a check or the combining (−1), has failed for good. Of several failing shards the lowest is
-- reported: no chunk above it is opened, and the job ends when every shard below it is there. Returns whether it has ended.
local function convict(T, ID, shard, failure, final)
  local job = tkey(T, 'job', ID)
  local h = redis.call('HMGET', job, 'failedAt', 'stopAt')
  if h[2] and shard >= tonumber(h[2]) then return false end -- stopped before it
  if not h[1] or shard < tonumber(h[1]) then
    redis.call('HSET', job, 'failedAt', shard, 'failure', failure, 'final', final)
  end
  return failIfLost(T, ID)
end

-- Start-time fair queueing over tenants: a chunk starts at max(V, what its tenant has been charged); V is the tag of the
-- last chunk that began. Costs are whole tenths of a CPU second, for BullMQ's priorities are integers.
local function charge(T, cost)
  local tags = P .. ':tags'
  local h = redis.call('HMGET', tags, 'V', 'f:' .. T)
  local start = math.max(tonumber(h[1] or 1), tonumber(h[2] or 1))
  redis.call('HSET', tags, 'f:' .. T, start + math.max(1, cost))
  return start
end

-- A process has died with this step in hand. Returns how many have since it last came on: what kills, kills at the same shard
-- again, so a chunk that has recorded one meanwhile has only been where processes died.
local function suspect(T, ID, step)
  local sus, missing, k = tkey(T, 'sus', ID), 0, tonumber(step)
  redis.call('HINCRBY', sus, 's:' .. step, 1)
  if k then
    local h = redis.call('HMGET', tkey(T, 'job', ID), 'planId', 'shards', 'chunk')
    for s = k * tonumber(h[3]), math.min(tonumber(h[2]), (k + 1) * tonumber(h[3])) - 1 do
      missing = missing + 1 - redis.call('HEXISTS', tkey(T, 'parts', ID .. ':' .. h[1]), s)
    end
  end
  if redis.call('HGET', sus, 'm:' .. step) == tostring(missing) then return redis.call('HINCRBY', sus, 'p:' .. step, 1) end
  redis.call('HSET', sus, 'm:' .. step, missing, 'p:' .. step, 1)
  return 1
end

-- Is this step to be done alone, where it can harm nothing else?
local function alone(T, ID, step)
  return tonumber(redis.call('HGET', tkey(T, 'sus', ID), 'p:' .. step) or 0) >= 2
end

-- The id of the task that does a step: it carries the deaths, so that a dead process' task never blocks its successor.
local function taskOf(T, ID, epoch, step)
  local deaths = tonumber(redis.call('HGET', tkey(T, 'sus', ID), 's:' .. step) or 0)
  local task = T .. '.' .. ID .. '.' .. epoch .. '.' .. step
  return deaths > 0 and task .. 'x' .. deaths or task
end

-- The core versions that living processes compute for, with their slots.
local function slotsByQueue()
  local slots = {}
  for _, inc in ipairs(redis.call('ZRANGE', P .. ':hb', 0, -1)) do
    local queue, n = string.match(redis.call('HGET', P .. ':procs', inc) or '', '^(.*)|(%d+)$')
    if queue then slots[queue] = (slots[queue] or 0) + tonumber(n) end
  end
  return slots
end

-- tenant, job, epoch, step and deaths of a task's id.
local function partsOf(task)
  local T, ID, epoch, step, deaths = string.match(task, '^([^.]+)%.([^.]+)%.(%d+)%.(.-)x(%d+)$')
  if T then return T, ID, epoch, step, tonumber(deaths) end
  T, ID, epoch, step = string.match(task, '^([^.]+)%.([^.]+)%.(%d+)%.([a-z]*%d*)$')
  return T, ID, epoch, step, 0
end
