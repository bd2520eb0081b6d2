-- ARGV: T, ID. Everything kept of a job that has ended. Returns 'gone' | 'live' | 'none'.
local T, ID = ARGV[1], ARGV[2]
local job = tkey(T, 'job', ID)
local h = redis.call('HMGET', job, 'state', 'epoch', 'planId')
if not h[1] then return 'none' end
if live(h[1]) then return 'live' end
redis.call('UNLINK', job, tkey(T, 'res', ID .. ':' .. h[2]))
if h[3] then redis.call('UNLINK', tkey(T, 'parts', ID .. ':' .. h[3]), tkey(T, 'ctx', ID .. ':' .. h[3])) end
redis.call('ZREM', P .. ':t:' .. T .. ':jobs', ID)
return 'gone'
