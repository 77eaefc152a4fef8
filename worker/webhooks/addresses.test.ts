import { describe, expect, test } from 'vitest';
import { createAllowList, kindOfAddress } from './addresses.ts';

describe('addresses', () => {
  test.each([
    ['public', ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1']],
    ['private', ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', 'fd12::1', '::ffff:a00:1']],
    [
      'forbidden',
      [
        ...['0.0.0.0', '::', '169.254.169.254', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '100.100.100.200'],
        ...['fd00:ec2::254', 'FD00:EC2:0::254', '224.0.0.1', '239.255.255.255', '255.255.255.255', '240.0.0.1'],
        ...['fe80::1', 'febf::1', 'ff02::1', '64:ff9b::a9fe:a9fe', '2002:7f00:1::', '2001::1', '::127.0.0.1'],
        ...['192.0.0.192', '168.63.129.16', 'fec0::1', '100::1'],
      ],
    ],
  ] as const)('%s', (kind, addresses) => {
    for (const address of addresses) expect([address, kindOfAddress(address)]).toEqual([address, kind]);
  });
});

describe('the allow-list', () => {
  const list = createAllowList(['lab-server.local', '192.168.1.0/24', 'fd12::/16', '10.0.0.5']);

  test('holds_names_addresses_and_ranges', () => {
    expect(list.contains('LAB-server.local', '172.16.0.1')).toBe(true);
    expect(list.contains('lab-server.local.', '172.16.0.1')).toBe(true);
    expect(list.contains('other', '192.168.1.77')).toBe(true);
    expect(list.contains('other', '::ffff:192.168.1.77')).toBe(true);
    expect(list.contains('other', 'fd12:3::1')).toBe(true);
    expect(list.contains('other', '10.0.0.5')).toBe(true);
  });

  test('holds_nothing_else', () => {
    for (const address of ['192.168.2.1', '10.0.0.6', 'fd13::1']) expect(list.contains('other', address)).toBe(false);
    expect(list.contains('not-lab-server.local', '192.168.2.1')).toBe(false);
  });

  test.each(['10.0.0.0/99', '10.0.0.0/x', 'nonsense/8', 'two words', '*', 'http://lab'])('refuses_%s', (entry) => {
    expect(() => createAllowList([entry])).toThrow(entry);
  });
});
