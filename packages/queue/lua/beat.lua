-- ARGV: incarnation, queue, slots. This process lives and computes for this queue.
redis.call('ZADD', P .. ':hb', now(), ARGV[1])
redis.call('HSET', P .. ':procs', ARGV[1], ARGV[2] .. '|' .. ARGV[3])
return 1
