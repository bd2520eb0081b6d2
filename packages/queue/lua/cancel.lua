-- ARGV: T, ID, owner. Takes one owner away; the last one ends the job. Returns 'cancelled' | 'detached' | 'not_owner' | 'none' |
-- the state it ended in.
local T, ID = ARGV[1], ARGV[2]
local state = redis.call('HGET', tkey(T, 'job', ID), 'state')
if not state then return 'none' end
if not live(state) then return state end
local owners = tkey(T, 'owners', ID)
if redis.call('SREM', owners, ARGV[3]) == 0 then return 'not_owner' end
if redis.call('SCARD', owners) > 0 then return 'detached' end
finish(T, ID, 'cancelled', {})
return 'cancelled'
