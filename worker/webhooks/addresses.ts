// Which IP addresses a webhook may go to. Ranges: the IANA special-purpose registries (RFC 6890 and its updates) and the
// metadata services of clouds, which answer with credentials.
import { BlockList, SocketAddress, isIP } from 'node:net';

export type AddressKind = 'public' | 'loopback' | 'private' | 'forbidden';

/** Never, whatever the allow-list says: nobody's lab script listens there. */
const FORBIDDEN = rangesOf([
  '0.0.0.0/8', // this network; 0.0.0.0 reaches loopback on some systems
  '169.254.0.0/16', // link-local, metadata services among them
  '100.100.100.200/32', // metadata service inside the shared range
  '168.63.129.16/32', // platform address of a cloud, outside every special range
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
  'fd00:ec2::254/128', // metadata services inside the private range
  'fd20:ce::254/128',
  '2001::/23', // protocol assignments; Teredo embeds IPv4 addresses
  '2001:db8::/32',
  '2002::/16', // 6to4 embeds IPv4 addresses
  '3fff::/20',
]);
const LOOPBACK = rangesOf(['127.0.0.0/8', '::1/128']);
const PRIVATE = rangesOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']);
/** Of IPv6 only what is assigned for global use is public: the rest is link-local, multicast, translated or unknown. */
const PUBLIC_IPV6 = rangesOf(['2000::/3']);

/** @param address of IPv4 or IPv6, any spelling; an IPv4-mapped IPv6 address is what it maps to */
export function kindOfAddress(address: string): AddressKind {
  const plain = unmapped(address);
  if (contains(FORBIDDEN, plain)) return 'forbidden';
  if (contains(LOOPBACK, plain)) return 'loopback';
  if (contains(PRIVATE, plain)) return 'private';
  return isIP(plain) === 4 || contains(PUBLIC_IPV6, plain) ? 'public' : 'forbidden';
}

/** Names, addresses and ranges of the local network to which the owner of the installation lets webhooks go. */
export interface AllowList {
  contains(hostname: string, address: string): boolean;
}

/** @throws Error naming an entry that is neither a name, nor an address, nor a range */
export function createAllowList(entries: readonly string[]): AllowList {
  const names = new Set<string>();
  const ranges = new BlockList();
  for (const entry of entries) {
    const isRange = entry.includes('/') || isIP(entry) !== 0;
    if (isRange) addRange(ranges, entry);
    else if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(entry)) names.add(entry.toLowerCase());
    else throw new Error(`webhook_allowed_hosts: "${entry}" is no host name, address or range such as 192.168.1.0/24.`);
  }
  return {
    contains: (hostname, address) =>
      names.has(hostname.toLowerCase().replace(/\.$/, '')) || contains(ranges, unmapped(address)),
  };
}

function rangesOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return list;
}

function addRange(list: BlockList, range: string): void {
  const [network = '', length] = range.split('/');
  const family = isIP(network);
  const longest = family === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : Number(length);
  if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > longest) {
    throw new Error(`"${range}" is no range of addresses such as 192.168.1.0/24.`);
  }
  list.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function unmapped(address: string): string {
  if (isIP(address) !== 6) return address;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1] ?? canonical;
}
