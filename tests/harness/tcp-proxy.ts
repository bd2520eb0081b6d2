import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '@spillway/stack';

/** What the line does with bytes of one direction: passes them, late by so many milliseconds, or lets them vanish. */
type Way = number | 'vanish';

/** A network between a process and Redis that a test can break: silently, one-way, slowly, or with resets. */
export async function startTcpProxy(target: number) {
  const port = await freePort();
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  const ways: { there: Way; back: Way } = { there: 0, back: 0 };

  /** Bytes come out in order, each as late as the line was when it came in. */
  const lead = (from: Socket, to: Socket, way: 'there' | 'back') => {
    let line = Promise.resolve();
    from.on('data', (bytes) => {
      const late = ways[way];
      if (late === 'vanish') return;
      const out = new Promise((resolve) => setTimeout(resolve, late));
      line = line.then(async () => {
        if (late > 0) await out;
        to.write(bytes);
      });
    });
    from.on('error', () => {});
    from.on('close', () => to.destroy());
  };

  const server = createServer((client) => {
    // While the line is cut a connection is neither made nor refused.
    if (ways.there === 'vanish' || ways.back === 'vanish') {
      client.on('error', () => {});
      waiting.add(client);
      client.on('close', () => waiting.delete(client));
      return;
    }
    const onward = connect(target, '127.0.0.1');
    const pair = [client, onward] as const;
    pairs.add(pair);
    for (const socket of pair) socket.on('close', () => pairs.delete(pair));
    lead(client, onward, 'there');
    lead(onward, client, 'back');
  });
  const waiting = new Set<Socket>();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    port,
    /** Nothing passes, and nobody is told. */
    cut: () => Object.assign(ways, { there: 'vanish', back: 'vanish' }),
    /** What is asked arrives; no answer comes back. */
    loseAnswers: () => Object.assign(ways, { there: 0, back: 'vanish' }),
    slow: (ms: number) => Object.assign(ways, { there: ms, back: ms }),
    /** As it was. What had been connected over a cut line is reset, for bytes are missing from it. */
    heal(): void {
      const whole = ways.there !== 'vanish' && ways.back !== 'vanish';
      Object.assign(ways, { there: 0, back: 0 });
      if (!whole) this.reset();
    },
    reset(): void {
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
      for (const socket of waiting) socket.resetAndDestroy();
    },
    connections: () => pairs.size,
    async stop(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      this.reset();
      await closed;
    },
  };
}
export type TcpProxy = Awaited<ReturnType<typeof startTcpProxy>>;
