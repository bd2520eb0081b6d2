-- ARGV: T, ID, planId, then field, bytes, …  Writes what shards will read, before the plan is committed. Expires by itself
-- unless committed; a second planner of the same plan leaves the committed one alone.
local T, ID, plan = ARGV[1], ARGV[2], ARGV[3]
if redis.call('HGET', tkey(T, 'job', ID), 'planId') == plan then return 0 end
local ctx = tkey(T, 'ctx', ID .. ':' .. plan)
for i = 4, #ARGV, 2 do redis.call('HSET', ctx, ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', ctx, 3600)
return 1
