-- ARGV: incarnation, queue, slots, then the tasks in hand. This process lives, computes for this queue, and has nothing else in hand:
-- a lost reply can leave a task here that nobody does.
local inc, held = ARGV[1], {}
redis.call('ZADD', P .. ':hb', now(), inc)
redis.call('HSET', P .. ':procs', inc, ARGV[2] .. '|' .. ARGV[3])
for i = 4, #ARGV do held[ARGV[i]] = true end
for _, task in ipairs(redis.call('HKEYS', P .. ':fl:' .. inc)) do
  if not held[task] then redis.call('HDEL', P .. ':fl:' .. inc, task) end
end
return 1
