import { post } from '@spillway/worker';
import { type Receiver, startReceiver } from '../harness/webhook-receiver.js';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver?.stop());

/** Names that stand for these addresses, and which of them were asked for. */
function namesFor(...addresses: string[]) {
  const asked: string[] = [];
  const lookUp = async (name: string) => {
    asked.push(name);
    return addresses.map((address) => ({ address }));
  };
  return { asked, lookUp };
}
const message = (host: string, hosts?: string[]) => ({
  url: `https://${host}:${receiver.port}/hook`,
  headers: {},
  body: '{}',
  hosts,
  timeoutMs: 1_000,
});

test.each([
  [['127.0.0.1']],
  [['169.254.169.254']],
  [['8.8.8.8', '10.0.0.1']], // one of them is enough
  [['::ffff:127.0.0.1']],
  [['2606:4700::1111', 'fd00::1']],
])('a name that stands for %s is not sent to, whatever it is called', async (addresses) => {
  const { asked, lookUp } = namesFor(...addresses);
  const posted = await post(message('example.org'), lookUp);
  expect(posted).toEqual({ refused: true, problem: 'example.org stands for an address that is not public' });
  expect(asked).toEqual(['example.org']);
  expect(receiver.received).toEqual([]);
});

test('the address that was looked at is the one connected to: the name is looked up once', async () => {
  const { asked, lookUp } = namesFor('127.0.0.1');
  // It is our receiver that answers: its certificate is not of this name, nor of an authority that is known here.
  expect(await post(message('hooks.internal', ['hooks.internal']), lookUp)).toEqual({
    refused: false,
    problem: expect.stringMatching(/^TLS: /),
  });
  expect(asked).toEqual(['hooks.internal']);
  expect(receiver.received).toEqual([]);
});

test('an address in place of a name is not looked up, and is held to the same rules', async () => {
  const { asked, lookUp } = namesFor('8.8.8.8');
  for (const host of ['127.0.0.1', '[::1]', '[fe80::1]', '0x7f000001']) {
    expect(await post(message(host), lookUp)).toMatchObject({ refused: true });
  }
  expect(asked).toEqual([]);
});

test('a look-up that never ends is let go', async () => {
  const posted = await post(message('example.org'), () => new Promise(() => {}));
  expect(posted).toEqual({ refused: false, problem: 'no answer within 1000 ms' });
});
