import { expect, test } from 'vitest';
import { inheritedEnvironment } from './inherited-environment.ts';

test('keys_stay_here_and_thread_settings_travel', () => {
  const own = { PATH: '/bin', MOFSIM_API_KEY: 'secret', AWS_SECRET_ACCESS_KEY: 'secret', OMP_WAIT_POLICY: 'passive' };
  expect(inheritedEnvironment(own)).toEqual({ PATH: '/bin', OMP_WAIT_POLICY: 'passive' });
});
