-- ARGV: incarnation, counters (JSON: name → what it has come to since the process began), gauges (JSON), milliseconds to keep both.
-- The service's totals grow by what this process' counters have grown by since its last report: a report that is repeated adds nothing,
-- and what a process has counted outlives it.
local mine = P .. ':meter:' .. ARGV[1]
for name, value in pairs(cjson.decode(ARGV[2])) do
  local more = value - tonumber(redis.call('HGET', mine, name) or 0)
  if more > 0 then
    redis.call('HINCRBYFLOAT', P .. ':totals', name, string.format('%.17g', more))
    redis.call('HSET', mine, name, string.format('%.17g', value))
  end
end
redis.call('HSET', mine, 'gauges', ARGV[3])
redis.call('PEXPIRE', mine, ARGV[4])
return 1
