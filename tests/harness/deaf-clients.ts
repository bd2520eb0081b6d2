import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { FaultStack } from './fault-stack.js';

/** Connections to the API that say some words and never read what they get. */
export function makeDeafClients(stack: FaultStack) {
  const sockets = new Set<Socket>();

  async function say(words: string): Promise<Socket> {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => {});
    socket.pause();
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(words);
    return socket;
  }

  /** How many of these the API still has open, by the kernel's table: they themselves read nothing, not even an end. */
  function held(these: readonly Socket[]): number {
    const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
    const here = `0100007F:${hex(Number(new URL(stack.url).port))}`;
    const open = new Set(
      readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => local === here && state === '01')
        .map(([, , remote]) => remote),
    );
    return these.filter(({ localPort }) => open.has(`0100007F:${hex(localPort ?? 0)}`)).length;
  }

  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { say, held, close };
}

export const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n`;
