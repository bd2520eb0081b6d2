import { isPublicAddress, webhookProblem } from '@spillway/settings';
import fc from 'fast-check';

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::7f00:1',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'ff02::1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'localhost',
  '',
])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));

test.each(['1.1.1.1', '8.8.8.8', '100.63.255.255', '172.15.0.1', '172.32.0.1', '198.20.0.1', '2606:4700::1111', '2a00:1450::1'])(
  '%s is public',
  (address) => expect(isPublicAddress(address)).toBe(true),
);

test('however a private IPv4 address is written in an address, it is seen', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.constantFrom(10, 127), byte, byte, byte, (a, b, c, d) => {
      const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
      const spellings = [
        `${a}.${b}.${c}.${d}`,
        String(whole),
        `0x${whole.toString(16)}`,
        `0${a.toString(8)}.${b}.${c}.${d}`,
        `${a}.${whole & 0xffffff}`,
        `[::ffff:${a}.${b}.${c}.${d}]`,
      ];
      for (const host of spellings) expect(webhookProblem(`https://${host}/`, undefined)).toMatch(/public/);
    }),
  );
});

test('names are taken, but localhost', () => {
  expect(webhookProblem('https://example.org:8443/hook?a=b', undefined)).toBeNull();
  for (const name of ['localhost', 'LOCALHOST', 'a.localhost', 'localhost.']) {
    expect(webhookProblem(`https://${name}/`, undefined)).toMatch(/public/);
  }
});

test('a list of hosts is the only ones', () => {
  const hosts = ['hooks.internal', '[fd00::1]', '10.0.0.8'];
  for (const host of hosts) expect(webhookProblem(`https://${host}:8080/x`, hosts)).toBeNull();
  for (const host of ['example.org', 'hooks.internal.example.org', 'x.hooks.internal', '10.0.0.9', '[fd00::2]']) {
    expect(webhookProblem(`https://${host}/`, hosts)).toMatch(/none of them/);
  }
});
