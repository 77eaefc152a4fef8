import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { createAllowList } from './addresses.ts';
import { findReceiver } from './receiver.ts';
import type { ReceiverRules } from './receiver.ts';

const OWN_PORT = 8377;

const ipv4 = (address: string): LookupAddress => ({ address, family: 4 });
const ipv6 = (address: string): LookupAddress => ({ address, family: 6 });

/** A name server of its own; names that it does not know are not found. */
const NAMES: Readonly<Record<string, LookupAddress[]>> = {
  localhost: [ipv6('::1'), ipv4('127.0.0.1')],
  'public.example': [ipv4('93.184.215.14'), ipv6('2606:2800:21f::1')],
  'lab.local': [ipv4('192.168.1.20')],
  'both.example': [ipv4('93.184.215.14'), ipv4('169.254.169.254')],
  'sneaky.example': [ipv4('93.184.215.14'), ipv4('127.0.0.1')],
  'mapped.example': [ipv6('::ffff:169.254.169.254')],
  'nothing.example': [],
};

const rules = (allowed: readonly string[] = []): ReceiverRules => ({
  allowList: createAllowList(allowed),
  ownPort: () => OWN_PORT,
  lookup: async (name) => {
    const found = NAMES[name];
    if (found === undefined) throw new Error(`ENOTFOUND ${name}`);
    return found;
  },
});

describe('receivers', () => {
  test.each([
    'https://public.example/hook?token=1',
    'http://public.example:8080/',
    'http://127.0.0.1:9000/hook',
    'http://[::1]:9000/hook',
    'http://localhost:9000/hook',
    'http://2130706433:9000/hook',
    'https://8.8.8.8/',
  ])('%s_is_called', async (url) => {
    expect((await findReceiver(url, rules())).addresses.length).toBeGreaterThan(0);
  });

  test.each([
    [
      'scheme_not_allowed',
      ['ftp://public.example/', 'file:///etc/passwd', 'gopher://127.0.0.1:70/', 'data:text/plain,x'],
    ],
    ['invalid_url', ['nonsense', 'http://', 'http://[fe80::1%25eth0]/', 'http://1.2.3.4.5/']],
    ['credentials_in_url', ['http://user:pass@public.example/', 'http://127.0.0.1@public.example/']],
    [
      'forbidden_address',
      [
        ...[
          'http://169.254.169.254/latest/meta-data/',
          'http://2852039166/',
          'http://0xa9fea9fe/',
          'http://0251.0376.0251.0376/',
        ],
        ...[
          'http://[::ffff:169.254.169.254]/',
          'http://[::ffff:a9fe:a9fe]/',
          'http://[fd00:ec2::254]/',
          'http://[fe80::1]/',
        ],
        ...['http://0.0.0.0:9000/', 'http://0/', 'http://[::]:9000/', 'http://224.0.0.1/', 'http://[ff02::1]/'],
        ...['http://255.255.255.255/', 'http://[64:ff9b::7f00:1]/', 'http://mapped.example/', 'http://both.example/'],
      ],
    ],
    [
      'private_address',
      ['http://10.0.0.1/', 'http://172.20.1.1/', 'http://192.168.1.20/', 'http://[fd12::1]/', 'http://lab.local/'],
    ],
    [
      'own_address',
      [
        ...[`http://127.0.0.1:${OWN_PORT}/api/v1/keys`, `http://localhost:${OWN_PORT}/`, `http://[::1]:${OWN_PORT}/`],
        ...[
          `http://127.9.9.9:${OWN_PORT}/`,
          `http://sneaky.example:${OWN_PORT}/`,
          `http://[::ffff:127.0.0.1]:${OWN_PORT}/`,
        ],
      ],
    ],
    ['name_not_found', ['http://no-such-name.example/', 'http://nothing.example/']],
  ])('refused_as_%s', async (reason, urls) => {
    for (const url of urls) {
      await expect(findReceiver(url, rules()), url).rejects.toMatchObject({ name: 'ReceiverRefused', reason });
    }
  });

  test('the_allow_list_opens_the_local_network_and_nothing_worse', async () => {
    const open = rules(['lab.local', '10.0.0.0/8', '169.254.0.0/16', 'both.example', '0.0.0.0/0']);
    expect((await findReceiver('http://lab.local/', open)).addresses).toEqual([ipv4('192.168.1.20')]);
    expect((await findReceiver('http://10.1.2.3/', open)).addresses).toEqual([ipv4('10.1.2.3')]);
    for (const url of ['http://169.254.169.254/', 'http://both.example/', 'http://0.0.0.0/']) {
      await expect(findReceiver(url, open), url).rejects.toMatchObject({ reason: 'forbidden_address' });
    }
  });

  test('our_own_port_counts_when_it_is_the_default_of_the_scheme', async () => {
    const onPort80 = { ...rules(), ownPort: () => 80 };
    await expect(findReceiver('http://127.0.0.1/', onPort80)).rejects.toMatchObject({ reason: 'own_address' });
    await expect(findReceiver('https://127.0.0.1/', onPort80)).resolves.toBeDefined();
  });
});
