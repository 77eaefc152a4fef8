// Where a webhook may go: its URL, then every address that its name has at this moment. The connection is made to those
// addresses and not to the name, so that nothing can change between the check and the call.
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { kindOfAddress } from './addresses.ts';
import type { AllowList } from './addresses.ts';

export type RefusalReason =
  | 'invalid_url'
  | 'scheme_not_allowed'
  | 'credentials_in_url'
  | 'own_address'
  | 'forbidden_address'
  | 'private_address'
  | 'name_not_found';

/** The message says what to change and goes to the client. */
export class ReceiverRefused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReceiverRefused';
    this.reason = reason;
  }
}

export interface ReceiverRules {
  allowList: AllowList;
  /** The port of this service on loopback: a webhook must not call it. */
  ownPort: () => number;
  /** Every address of a name; rejects when it has none. */
  lookup: (hostname: string) => Promise<LookupAddress[]>;
}

export interface Receiver {
  url: URL;
  /** Every one of them may be called. */
  addresses: readonly LookupAddress[];
}

export const systemLookup: ReceiverRules['lookup'] = (hostname) => lookup(hostname, { all: true, order: 'verbatim' });

/** @throws ReceiverRefused */
export async function findReceiver(address: string, rules: ReceiverRules): Promise<Receiver> {
  const url = parseReceiverUrl(address);
  const addresses = await addressesOf(url, rules.lookup);
  // One bad address among several is enough: which of them is connected to is not for us to say.
  for (const { address: found } of addresses) assertAllowed(url, found, rules);
  return { url, addresses };
}

/** Scheme, host and port: what is slow or down is slow or down for all its paths. */
export function receiverOf(address: string): string {
  return new URL(address).origin;
}

/** @throws ReceiverRefused */
function parseReceiverUrl(address: string): URL {
  // Decimal, octal and hexadecimal forms of addresses become dotted ones here.
  const url = URL.parse(address);
  if (url === null) throw new ReceiverRefused('invalid_url', 'The address is not a valid URL.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ReceiverRefused('scheme_not_allowed', 'Only http and https addresses are called.');
  }
  if (url.username !== '' || url.password !== '') {
    const message = 'Take user name and password out of the address; use webhook_secret to know who calls.';
    throw new ReceiverRefused('credentials_in_url', message);
  }
  return url;
}

async function addressesOf(url: URL, find: ReceiverRules['lookup']): Promise<LookupAddress[]> {
  const literal = hostnameOf(url);
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family }];
  const found = await find(literal).catch((cause: unknown) => {
    throw new ReceiverRefused('name_not_found', `The name ${literal} cannot be resolved on this machine.`, { cause });
  });
  if (found.length === 0) throw new ReceiverRefused('name_not_found', `The name ${literal} has no address.`);
  return found;
}

function assertAllowed(url: URL, address: string, { allowList, ownPort }: ReceiverRules): void {
  const hostname = hostnameOf(url);
  const target = hostname === address ? address : `${hostname} (${address})`;
  switch (kindOfAddress(address)) {
    case 'public':
      return;
    case 'loopback':
      if (portOf(url) !== ownPort()) return;
      throw new ReceiverRefused('own_address', `${target} is this service itself.`);
    case 'private':
      if (allowList.contains(hostname, address)) return;
      throw new ReceiverRefused(
        'private_address',
        `${target} lies in a private network. The owner of this installation can allow it: webhook_allowed_hosts in ` +
          'config.json.',
      );
    case 'forbidden':
      throw new ReceiverRefused(
        'forbidden_address',
        `${target} is link-local, multicast, reserved or a metadata service.`,
      );
  }
}

function hostnameOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
