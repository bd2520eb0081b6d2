-- ARGV: incarnation, then the tasks that it gives back. A process leaves in good order: what it had in hand is nobody's fault and
-- due at once.
local inc = ARGV[1]
local tasks = redis.call('HKEYS', P .. ':fl:' .. inc)
for i = 2, #ARGV do tasks[#tasks + 1] = ARGV[i] end
for _, task in ipairs(tasks) do
  local T, ID = partsOf(task)
  if live(redis.call('HGET', tkey(T, 'job', ID), 'state')) then due(T, ID, now()) end
end
redis.call('DEL', P .. ':fl:' .. inc)
redis.call('ZREM', P .. ':hb', inc)
redis.call('HDEL', P .. ':procs', inc)
return 1
