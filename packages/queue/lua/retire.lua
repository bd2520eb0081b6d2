-- ARGV: incarnation. A process leaves in good order: what it had in hand is nobody's fault and due at once.
local inc = ARGV[1]
for _, task in ipairs(redis.call('HKEYS', P .. ':fl:' .. inc)) do
  local T, ID = string.match(task, '^([^.]+)%.([^.]+)%.')
  if live(redis.call('HGET', tkey(T, 'job', ID), 'state')) then due(T, ID, now()) end
end
redis.call('DEL', P .. ':fl:' .. inc)
redis.call('ZREM', P .. ':hb', inc)
redis.call('HDEL', P .. ':procs', inc)
return 1
