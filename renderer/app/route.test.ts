import { describe, expect, test } from 'vitest';
import { formatRoute, parseRoute } from './route.ts';
import type { Route } from './route.ts';

describe('route', () => {
  const routes: Route[] = [
    { screen: 'welcome' },
    { screen: 'task', taskId: 'task_0123456789ab' },
    { screen: 'structure', source: { source: 'builtin', name: 'MOF-5_primitive' } },
    { screen: 'campaigns' },
    { screen: 'campaign', campaignId: 'campaign_0123456789ab' },
    { screen: 'models' },
    { screen: 'structure', source: { source: 'upload', file_id: 'file_a/b c%' } },
  ];

  test.each(routes)('%j_survives_the_address_bar', (route) => {
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  test.each([
    '',
    '#',
    '#/',
    '#/tasks',
    '#/tasks/../../x',
    '#/structures/other/a',
    '#/structures/builtin/',
    '#%E0%A4%A',
  ])('%s_is_the_welcome_screen', (hash) => {
    expect(parseRoute(hash)).toEqual({ screen: 'welcome' });
  });
});
