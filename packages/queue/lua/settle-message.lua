-- ARGV: message, attempt, 'delivered' | 'again' | 'given_up', milliseconds until it is tried again, what went wrong in words.
-- Returns 1, or 0 when it is settled already, or somebody else is trying it now.
local message, outcome = ARGV[1], ARGV[3]
local key = P .. ':message:' .. message
local attempts = redis.call('HGET', key, 'attempts')
if not attempts or (outcome ~= 'delivered' and attempts ~= ARGV[2]) then return 0 end
count('webhooks_total|outcome=' .. outcome)
if outcome == 'again' then
  redis.call('ZADD', P .. ':outbox', now() + tonumber(ARGV[4]), message)
  return 1
end
redis.call('ZREM', P .. ':outbox', message)
redis.call('DEL', key)
local T, ID, epoch = string.match(message, '^([^.]+)%.([^.]+)%.(%d+)%.')
local job = tkey(T, 'job', ID)
if redis.call('HGET', job, 'epoch') == epoch then
  redis.call('HINCRBY', job, 'hooksPending', -1)
  redis.call('HINCRBY', job, outcome == 'delivered' and 'hooksDelivered' or 'hooksGivenUp', 1)
  if outcome == 'given_up' then redis.call('HSET', job, 'hookProblem', ARGV[5]) end
  show(T, ID)
end
return 1
