// Is an address one of our page's? Compared by origin, never by prefix: http://127.0.0.1:80.evil.example is another host.

export function isPageAddress(address: string, pageUrl: string): boolean {
  const [asked, own] = [address, pageUrl].map((text) => (URL.canParse(text) ? new URL(text) : null));
  if (asked === undefined || asked === null || own === undefined || own === null) return false;
  return asked.protocol === 'http:' && asked.origin === own.origin && asked.username === '' && asked.password === '';
}

/** Addresses that the page itself makes for pictures and downloads. */
export function isPageMade(address: string, pageUrl: string): boolean {
  if (address.startsWith('data:')) return true;
  return address.startsWith('blob:') && isPageAddress(address.slice('blob:'.length), pageUrl);
}
