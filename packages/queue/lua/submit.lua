-- ARGV: T, ID, owner, idempotency key or '', fingerprint, seconds to remember it, max centiseconds, max bytes, max jobs,
--       retry '1' or '0', webhook or '', then the fields of a new job (kind, queue, analysis, spec, reads, upload, cost, bytes, arithmetic, trace,
--       keepResult, keepParts, keepFailed) as name, value, …
-- Returns { outcome, … }: new | attached | ended <state> | mismatch | gone <hash> | webhooks <limit> | over <what> <held> <wanted> <limit> | final
local T, ID, owner, idem, fingerprint = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if idem ~= '' then
  local record = tkey(T, 'idem', idem)
  local had = redis.call('HGET', record, 'fingerprint')
  if had and had ~= fingerprint then return { 'mismatch' } end
  redis.call('HSET', record, 'fingerprint', fingerprint, 'id', ID)
  redis.call('EXPIRE', record, ARGV[6])
end

local fields, new = {}, {}
for i = 12, #ARGV do fields[#fields + 1] = ARGV[i] end
for i = 1, #fields, 2 do new[fields[i]] = fields[i + 1] end

local job = tkey(T, 'job', ID)
local old = redis.call('HMGET', job, 'state', 'final', 'epoch', 'keepResult')
local retry = ARGV[10] == '1'
local hooks, hook = tkey(T, 'hooks', ID), owner .. ' ' .. ARGV[11]
if live(old[1]) then
  if ARGV[11] ~= '' then
    if redis.call('SCARD', hooks) >= 16 and redis.call('SISMEMBER', hooks, hook) == 0 then return { 'webhooks', '16' } end
    redis.call('SADD', hooks, hook)
  end
  redis.call('SADD', tkey(T, 'owners', ID), owner)
  if new.upload ~= '' and new.upload ~= redis.call('HGET', job, 'upload') then redis.call('DEL', tkey(T, 'up', new.upload)) end
  return { 'attached', old[1] }
end
if old[1] == 'succeeded' then
  local result = tkey(T, 'res', ID .. ':' .. old[3])
  if new.kind == 'ingest' then
    -- the dataset it made may have been deleted since: then the file is read again
    local made = redis.call('HGET', job, 'result')
    if there(T, made) then
      redis.call('DEL', tkey(T, 'up', new.upload))
      return { 'ended', old[1] }
    end
  elseif redis.call('EXISTS', result) == 1 then
    redis.call('EXPIRE', job, old[4])
    redis.call('EXPIRE', result, old[4])
    return { 'ended', old[1] }
  end
end
if old[1] == 'failed' and old[2] == '1' then
  if new.upload ~= '' then redis.call('DEL', tkey(T, 'up', new.upload)) end
  return { retry and 'final' or 'ended', old[1] }
end

local gone
eachHash(new.reads, function(hash)
  if not there(T, hash) then gone = gone or hash end
end)
if gone then return { 'gone', gone } end

local use = P .. ':t:' .. T .. ':use'
local held = redis.call('HMGET', use, 'centiseconds', 'bytes', 'jobs')
local wanted = { tonumber(new.cost), tonumber(new.bytes), 1 }
local names = { 'cpuSeconds', 'bytes', 'jobs' }
for i = 1, 3 do
  local limit = tonumber(ARGV[6 + i])
  if tonumber(held[i] or 0) + wanted[i] > limit then
    return { 'over', names[i], held[i] or '0', tostring(wanted[i]), ARGV[6 + i] }
  end
end
redis.call('HINCRBY', use, 'centiseconds', wanted[1])
redis.call('HINCRBY', use, 'bytes', wanted[2])
redis.call('HINCRBY', use, 'jobs', 1)

-- A new life. The epoch is a global counter: an id that expired and came back must not repeat the task ids of its past.
local epoch = redis.call('INCR', P .. ':epoch')
local t = now()
if old[3] then redis.call('DEL', tkey(T, 'res', ID .. ':' .. old[3])) end
local seq = redis.call('HGET', job, 'seq') or '0' -- goes on, so that watchers of the past life see the new one as later
redis.call('DEL', job, tkey(T, 'owners', ID), tkey(T, 'open', ID), tkey(T, 'sus', ID))
redis.call('HSET', job, 'state', 'queued', 'epoch', epoch, 'createdAt', t, 'seq', seq, unpack(fields))
redis.call('SADD', tkey(T, 'owners', ID), owner)
if ARGV[11] ~= '' then redis.call('SADD', hooks, hook) end
eachHash(new.reads, function(hash) redis.call('SADD', tkey(T, 'pins', hash), ID) end)
if new.upload ~= '' then redis.call('PERSIST', tkey(T, 'up', new.upload)) end
if new.kind == 'analysis' then redis.call('ZADD', P .. ':t:' .. T .. ':jobs', t, ID) end
count('jobs_accepted_total|kind=' .. new.kind)
due(T, ID, t + 1000) -- whoever submits it drives it at once; if it dies before, others do
publish(T, ID, 'queued')
return { 'new', 'queued' }
