-- ARGV: T, ID, full '1' or '0', milliseconds until the job is due again, and until then when this finds something to be sent.
-- What should be in the transport now and is not: { task, queue, priority, task, queue, priority, … }. A chunk gets its fair
-- tag once, when it is opened; `full` also offers what was opened before and has been lost on the way.
local T, ID, full = ARGV[1], ARGV[2], ARGV[3] == '1'
local job, open = tkey(T, 'job', ID), tkey(T, 'open', ID)
local h = redis.call('HMGET', job, 'state', 'epoch', 'planId', 'shards', 'chunk', 'chunkCost', 'next', 'prefix', 'stopAt', 'failedAt',
  'checkpoints', 'checked', 'queue')
local member = T .. '.' .. ID
if not live(h[1]) then
  redis.call('ZREM', P .. ':due', member)
  return {}
end
local t = now()
if full then due(T, ID, t + tonumber(ARGV[4])) else redis.call('ZADD', P .. ':due', 'NX', t + tonumber(ARGV[4]), member) end

local epoch, work = h[2], h[13]
local offers = {}
local incarnations = nil

-- Is the task where it will be done? In a list of BullMQ's with its record, or in some living process' hands.
local function present(queue, task)
  incarnations = incarnations or redis.call('ZRANGE', P .. ':hb', 0, -1)
  for _, inc in ipairs(incarnations) do
    if redis.call('HEXISTS', P .. ':fl:' .. inc, task) == 1 then return true end
  end
  local base = P .. ':' .. queue .. ':'
  local record = redis.call('EXISTS', base .. task) == 1
  local listed = redis.call('ZSCORE', base .. 'prioritized', task) or redis.call('LPOS', base .. 'active', task)
    or redis.call('LPOS', base .. 'wait', task)
  if record and listed then return true end
  -- half of it is lost: the rest would make BullMQ call the next one a duplicate
  redis.call('DEL', base .. task)
  redis.call('ZREM', base .. 'prioritized', task)
  redis.call('LREM', base .. 'active', 0, task)
  redis.call('LREM', base .. 'wait', 0, task)
  return false
end

local function offer(step, cost)
  local tag = redis.call('ZSCORE', open, step)
  local fresh = not tag
  if fresh then
    tag = charge(T, cost)
    redis.call('ZADD', open, tag, step)
  end
  if not fresh and not full then return end
  local task = taskOf(T, ID, epoch, step)
  local queue = (alone(T, ID, step) and 'solo.' or 'work.') .. work
  if fresh or not present(queue, task) then
    if full and #offers == 0 then due(T, ID, t + tonumber(ARGV[5])) end -- who asks may die before it has sent them
    offers[#offers + 1] = task
    offers[#offers + 1] = queue
    offers[#offers + 1] = math.max(1, math.min(2097151, math.floor(tonumber(tag))))
  end
end

if not h[3] then
  offer('plan', 1)
  return offers
end

local shards, chunk, prefix = tonumber(h[4]), tonumber(h[5]), tonumber(h[8])
local target = math.min(shards, tonumber(h[9] or shards), tonumber(h[10] or shards))
if failIfLost(T, ID) then return {} end
local ask = question(h[11], h[12], h[9], math.min(prefix, tonumber(h[10] or prefix)))
if ask then
  offer('check' .. ask, 1)
elseif not h[10] and prefix >= target then
  offer('combine', 1)
  return offers
end

-- A window of a few chunks for each slot that can compute them, so that the queue stays short and cancelling stays cheap.
local window = math.max(2, 2 * (slotsByQueue()[work] or 0))

local parts = tkey(T, 'parts', ID .. ':' .. h[3])
local next, cost = tonumber(h[7]), tonumber(h[6])
while redis.call('ZCARD', open) < window and next * chunk < target do
  local missing = false
  for k = next * chunk, math.min(shards, (next + 1) * chunk) - 1 do
    if redis.call('HEXISTS', parts, k) == 0 then missing = true end
  end
  if missing then offer(tostring(next), cost) end
  next = next + 1
end
if next > tonumber(h[7]) then redis.call('HSET', job, 'next', next) end
if full then
  for _, step in ipairs(redis.call('ZRANGE', open, 0, -1)) do
    local above = tonumber(step) and tonumber(step) * chunk >= target
    if step ~= 'combine' and step ~= 'plan' and not above then offer(step, cost) end
  end
end
return offers
