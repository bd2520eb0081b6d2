-- ARGV: most jobs to take, milliseconds until others may take them unless they are driven, milliseconds of silence after which a process is dead,
--       milliseconds that a job waits for workers of its core.
-- First the dead: each of their tasks becomes a suspect and its job due. A Redis that was away makes everybody look dead, so
-- after a gap between claims nobody is declared so for a while. Then the jobs that are due now: { tenant.id, … }, with
-- `.epoch` behind when no worker of its core has lived for too long.
local t, dead = now(), tonumber(ARGV[3])
local tick = tonumber(redis.call('GET', P .. ':tick') or t)
if t - tick > dead / 2 then redis.call('SET', P .. ':grace', t + dead) end
redis.call('SET', P .. ':tick', t)
if t > tonumber(redis.call('GET', P .. ':grace') or 0) then
  for _, inc in ipairs(redis.call('ZRANGEBYSCORE', P .. ':hb', '-inf', t - dead)) do
    for _, task in ipairs(redis.call('HKEYS', P .. ':fl:' .. inc)) do
      local T, ID, epoch, step = partsOf(task)
      local h = redis.call('HMGET', tkey(T, 'job', ID), 'state', 'epoch')
      if live(h[1]) and h[2] == epoch then
        due(T, ID, t) -- also when the step was done: what follows it may have died with its process
        if redis.call('ZSCORE', tkey(T, 'open', ID), step) then
          local deaths = suspect(T, ID, step)
          if deaths >= 7 then -- two in company, five alone
            convict(T, ID, -1, cjson.encode({ code = 'poison', message = 'step ' .. step .. ' was being computed by each of ' .. deaths .. ' processes that died, and came no further' }), '0')
          end
        end
      end
    end
    redis.call('DEL', P .. ':fl:' .. inc)
    redis.call('ZREM', P .. ':hb', inc)
    redis.call('HDEL', P .. ':procs', inc)
  end
end

-- Priorities end at 2,097,151: long before, every tag goes down by V and the waiting tasks are offered anew.
local V = tonumber(redis.call('HGET', P .. ':tags', 'V') or 0)
if V > 1000000 then
  local tags = redis.call('HGETALL', P .. ':tags')
  for i = 1, #tags, 2 do redis.call('HSET', P .. ':tags', tags[i], math.max(1, tonumber(tags[i + 1]) - V)) end
  local queues = {}
  for _, member in ipairs(redis.call('ZRANGE', P .. ':due', 0, -1)) do
    local T, ID = string.match(member, '^([^.]+)%.(.+)$')
    local open = tkey(T, 'open', ID)
    for _, step in ipairs(redis.call('ZRANGE', open, 0, -1)) do
      redis.call('ZADD', open, math.max(1, tonumber(redis.call('ZSCORE', open, step)) - V), step)
    end
    queues[redis.call('HGET', tkey(T, 'job', ID), 'queue') or ''] = true
    redis.call('ZADD', P .. ':due', t, member)
  end
  for queue in pairs(queues) do
    for _, kind in ipairs({ 'work.', 'solo.' }) do
      local base = P .. ':' .. kind .. queue .. ':'
      for _, task in ipairs(redis.call('ZRANGE', base .. 'prioritized', 0, -1)) do redis.call('DEL', base .. task) end
      redis.call('DEL', base .. 'prioritized')
    end
  end
end

local claimed = redis.call('ZRANGEBYSCORE', P .. ':due', '-inf', t, 'LIMIT', 0, tonumber(ARGV[1]))
local slots, rehome, reply = slotsByQueue(), tonumber(ARGV[4]), {}
for _, member in ipairs(claimed) do
  local T, ID = string.match(member, '^([^.]+)%.(.+)$')
  local job = tkey(T, 'job', ID)
  local h = redis.call('HMGET', job, 'queue', 'homeless', 'epoch')
  local again = tonumber(ARGV[2])
  if not h[1] then
    reply[#reply + 1] = member -- lost: `release` takes it off
  elseif slots[h[1]] then
    if h[2] then redis.call('HDEL', job, 'homeless') end
    reply[#reply + 1] = member
  else
    if not h[2] then redis.call('HSET', job, 'homeless', t) end
    if h[2] and t - tonumber(h[2]) >= rehome then
      reply[#reply + 1] = member .. '.' .. h[3]
      again = 1000 -- until one claims it that can take it over
    else
      reply[#reply + 1] = member
    end
  end
  redis.call('ZADD', P .. ':due', t + again, member)
end
return reply
