-- ARGV: queue, task, task, …  Takes away the tasks that no living job waits for and no worker has in hand. Returns how many.
local base, swept = P .. ':' .. ARGV[1] .. ':', 0
for i = 2, #ARGV do
  local task = ARGV[i]
  local T, ID, epoch, step = partsOf(task)
  local wanted = false
  if T then
    local h = redis.call('HMGET', tkey(T, 'job', ID), 'state', 'epoch', 'queue')
    local current = live(h[1]) and h[2] == epoch and redis.call('ZSCORE', tkey(T, 'open', ID), step) and taskOf(T, ID, epoch, step)
    wanted = current == task and (ARGV[1] == 'work.' .. h[3] or ARGV[1] == 'solo.' .. h[3])
  end
  if not wanted and redis.call('EXISTS', base .. task .. ':lock') == 0 then
    redis.call('DEL', base .. task)
    redis.call('ZREM', base .. 'prioritized', task)
    for _, list in ipairs({ 'wait', 'active' }) do redis.call('LREM', base .. list, 0, task) end
    redis.call('SREM', base .. 'stalled', task)
    swept = swept + 1
  end
end
if redis.call('EXISTS', base .. 'prioritized') == 0 then redis.call('DEL', base .. 'pc') end -- BullMQ's counter of priorities
return swept
