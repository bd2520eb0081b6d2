-- ARGV: T, ID, owner. Takes one owner away; the last one ends the job. Returns 'cancelled' | 'detached' | 'not_owner' | 'none' |
-- the state it ended in.
local T, ID = ARGV[1], ARGV[2]
local state = redis.call('HGET', tkey(T, 'job', ID), 'state')
if not state then return 'none' end
if not live(state) then return state end
local owners = tkey(T, 'owners', ID)
if redis.call('SREM', owners, ARGV[3]) == 0 then return 'not_owner' end
if redis.call('SCARD', owners) > 0 then
  -- who no longer wants the job does not want to be told of its end
  local hooks = tkey(T, 'hooks', ID)
  for _, hook in ipairs(redis.call('SMEMBERS', hooks)) do
    if string.match(hook, '^%S+') == ARGV[3] then redis.call('SREM', hooks, hook) end
  end
  return 'detached'
end
finish(T, ID, 'cancelled', {})
return 'cancelled'
