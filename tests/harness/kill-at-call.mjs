/**
 * Imported first by a program that is to be ended by SIGKILL at one of its own calls of Redis: SPILLWAY_TEST_KILL is `<call>:<before|after>`, where the
 * call is the name of a script (its first use) or a number (the n-th call of all). `before`: Redis never sees it; `after`: it
 * has been done and nobody knows.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

const lua = new URL('../../packages/queue/lua/', import.meta.url);
const text = (file) => readFileSync(new URL(file, lua), 'utf8');
const scripts = new Map(
  readdirSync(lua).map((file) => [
    createHash('sha1')
      .update(`${text('shared.lua')}\n${text(file)}`)
      .digest('hex'),
    file.replace('.lua', ''),
  ]),
);
const [call, when] = process.env.SPILLWAY_TEST_KILL.split(':');
const record = process.env.SPILLWAY_TEST_CALLS;

const die = () => process.kill(process.pid, 'SIGKILL');
let seen = 0;
const send = Redis.prototype.sendCommand;
Redis.prototype.sendCommand = function (command, stream) {
  const name = command.name === 'evalsha' ? (scripts.get(command.args[0]) ?? 'bullmq') : command.name;
  // What comes by the clock (the janitor's `set` and `scan`, too), and waiting for a task, is not part of any job's course.
  const aside = [
    'beat',
    'measure',
    'claim-due',
    'set',
    'scan',
    'sweep',
    'bzpopmin',
    'info',
    'client',
    'auth',
    'config',
    'script',
    'time',
  ];
  if (aside.includes(name)) {
    return send.call(this, command, stream);
  }
  seen++;
  if (record) appendFileSync(record, `${seen} ${name}\n`);
  if (call !== name && call !== String(seen)) return send.call(this, command, stream);
  if (when === 'before') die();
  command.promise.then(die, () => {});
  return send.call(this, command, stream);
};
