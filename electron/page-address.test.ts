import { describe, expect, test } from 'vitest';
import { isPageAddress, isPageMade } from './page-address.ts';

const PAGE = 'http://127.0.0.1:8377';

describe('addresses of our page', () => {
  test.each(['http://127.0.0.1:8377/', 'http://127.0.0.1:8377/#/tasks/task_1', 'http://127.0.0.1:8377/assets/a.js'])(
    '%s_is_ours',
    (address) => {
      expect(isPageAddress(address, PAGE)).toBe(true);
    },
  );

  test.each([
    'http://127.0.0.1:8378/',
    'http://127.0.0.1:8377.evil.example/',
    'http://127.0.0.1:8377@evil.example/',
    'http://user@127.0.0.1:8377/',
    'https://127.0.0.1:8377/',
    'http://localhost:8377/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'about:blank',
    '',
  ])('%s_is_not_ours', (address) => {
    expect(isPageAddress(address, PAGE)).toBe(false);
  });

  test('blobs_count_only_when_our_page_made_them', () => {
    expect(isPageMade('blob:http://127.0.0.1:8377/1b9d', PAGE)).toBe(true);
    expect(isPageMade('blob:https://evil.example/1b9d', PAGE)).toBe(false);
    expect(isPageMade('data:image/png;base64,AA==', PAGE)).toBe(true);
    expect(isPageMade('https://evil.example/', PAGE)).toBe(false);
  });
});
