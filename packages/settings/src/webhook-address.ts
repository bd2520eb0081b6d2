import { BlockList, isIP } from 'node:net';

const notPublic4 = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // between a provider and its customers
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local, and where clouds keep credentials
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3], // multicast, reserved, broadcast
] as const) {
  notPublic4.addSubnet(net, bits, 'ipv4');
}

/** What is given out of IPv6 to the world is below 2000::/3; inside it, what stands for something else. */
const given6 = new BlockList();
given6.addSubnet('2000::', 3, 'ipv6');
const notPublic6 = new BlockList();
for (const [net, bits] of [
  ['2001::', 23], // protocols, Teredo with an IPv4 address inside
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4, with an IPv4 address inside
  ['3fff::', 20],
] as const) {
  notPublic6.addSubnet(net, bits, 'ipv6');
}

/** Is this an address of the open internet: not private, loopback, link-local, of a provider's inside, mapped or reserved? */
export function isPublicAddress(address: string): boolean {
  const kind = isIP(address);
  if (kind === 4) return !notPublic4.check(address, 'ipv4');
  return kind === 6 && given6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}

/**
 * Why nothing may be sent to this address, in words; null when it may be tried. Names are not looked up here: whoever sends looks at
 * what they stand for at that moment.
 *
 * @param hosts the only ones allowed, whatever their addresses; undefined: every host with public addresses
 */
export function webhookProblem(address: string, hosts: readonly string[] | undefined): string | null {
  if (!URL.canParse(address)) return 'needs an address such as https://example.org/hook';
  const { protocol, hostname, username, password } = new URL(address);
  if (protocol !== 'https:') return `needs an address that begins with https://, got ${protocol}//`;
  if (username !== '' || password !== '') return 'needs an address without a user name or password in it';
  if (hosts) {
    return hosts.includes(hostname) ? null : `needs one of the hosts that this service sends to, and ${hostname} is none of them`;
  }
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal) !== 0 && !isPublicAddress(literal)) return `needs a public address, and ${hostname} is not one`;
  if (/(^|\.)localhost\.?$/.test(hostname)) return `needs a public address, and ${hostname} is not one`;
  return null;
}
