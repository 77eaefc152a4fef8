// What is on screen is the address: #/tasks/ID, #/batches/ID, #/structures/builtin/NAME (upload/ID, task/ID), #/files,
// #/campaigns, #/campaigns/ID, #/models, #/settings.
// A reload or a link shows the same.
import { useSyncExternalStore } from 'react';
import type { AddressedStructure } from '../features/structures/api/structure-geometry.ts';
import { campaignIdSchema } from '../../contracts/campaign.ts';
import { taskIdSchema } from '../../contracts/task.ts';

export type Route =
  | { readonly screen: 'welcome' }
  | { readonly screen: 'structure'; readonly source: AddressedStructure }
  | { readonly screen: 'task'; readonly taskId: string }
  | { readonly screen: 'batch'; readonly batchId: string }
  /** Files opened together; they are forgotten with the page. */
  | { readonly screen: 'files' }
  | { readonly screen: 'campaigns' }
  | { readonly screen: 'campaign'; readonly campaignId: string }
  | { readonly screen: 'models' }
  | { readonly screen: 'settings' };

const WELCOME: Route = { screen: 'welcome' };

export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, '').split('/').map(decodePart);
  const [section, first, second] = parts;
  if (section === 'tasks' && parts.length === 2 && taskIdSchema.safeParse(first).success) {
    return { screen: 'task', taskId: first ?? '' };
  }
  if (section === 'batches' && parts.length === 2 && /^[a-z0-9_]{1,64}$/.test(first ?? '')) {
    return { screen: 'batch', batchId: first ?? '' };
  }
  if (section === 'campaigns') {
    if (parts.length === 1) return { screen: 'campaigns' };
    if (parts.length === 2 && campaignIdSchema.safeParse(first).success) {
      return { screen: 'campaign', campaignId: first ?? '' };
    }
  }
  if (section === 'files' && parts.length === 1) return { screen: 'files' };
  if (section === 'models' && parts.length === 1) return { screen: 'models' };
  if (section === 'settings' && parts.length === 1) return { screen: 'settings' };
  if (section === 'structures' && parts.length === 3 && second !== undefined && second !== '') {
    if (first === 'builtin') return { screen: 'structure', source: { source: 'builtin', name: second } };
    if (first === 'upload') return { screen: 'structure', source: { source: 'upload', file_id: second } };
    if (first === 'task') return { screen: 'structure', source: { source: 'task', task_id: second } };
  }
  return WELCOME;
}

export function formatRoute(route: Route): string {
  switch (route.screen) {
    case 'welcome':
      return '#/';
    case 'task':
      return `#/tasks/${encodeURIComponent(route.taskId)}`;
    case 'structure':
      return `#/structures/${route.source.source}/${encodeURIComponent(idOf(route.source))}`;
    case 'batch':
      return `#/batches/${encodeURIComponent(route.batchId)}`;
    case 'campaigns':
      return '#/campaigns';
    case 'campaign':
      return `#/campaigns/${encodeURIComponent(route.campaignId)}`;
    case 'files':
      return '#/files';
    case 'models':
      return '#/models';
    case 'settings':
      return '#/settings';
  }
}

function idOf(source: AddressedStructure): string {
  switch (source.source) {
    case 'builtin':
      return source.name;
    case 'upload':
      return source.file_id;
    case 'task':
      return source.task_id;
  }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => {
    window.removeEventListener('hashchange', listener);
  };
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return parseRoute(hash);
}

export function goTo(route: Route): void {
  window.location.hash = formatRoute(route);
}
