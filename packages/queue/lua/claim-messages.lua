-- ARGV: most messages to take, milliseconds after which others may take them unless they are settled.
-- { message, attempt, url, state, endedAt, … }: who dies with them leaves them to others, and the attempt has been counted.
local t, reply = now(), {}
for _, message in ipairs(redis.call('ZRANGEBYSCORE', P .. ':outbox', '-inf', t, 'LIMIT', 0, tonumber(ARGV[1]))) do
  local key = P .. ':message:' .. message
  local h = redis.call('HMGET', key, 'url', 'state', 'endedAt')
  if not h[1] then
    redis.call('ZREM', P .. ':outbox', message)
  else
    redis.call('ZADD', P .. ':outbox', t + tonumber(ARGV[2]), message)
    for _, value in ipairs({ message, redis.call('HINCRBY', key, 'attempts', 1), h[1], h[2], h[3] }) do reply[#reply + 1] = value end
  end
end
return reply
