// Line icons, 16 x 16, drawn for this window.

const PATHS = {
  upload: 'M8 10.5V2.5M4.8 5.5 8 2.3l3.2 3.2M2.5 10.5v2.2c0 .5.4.8.8.8h9.4c.4 0 .8-.3.8-.8v-2.2',
  download: 'M8 2.3v8M4.8 7.3 8 10.5l3.2-3.2M2.5 10.5v2.2c0 .5.4.8.8.8h9.4c.4 0 .8-.3.8-.8v-2.2',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4l3.3 3.3',
  close: 'm4 4 8 8M12 4l-8 8',
  camera:
    'M2 5.2c0-.5.4-.9.9-.9h2l1-1.6h4.2l1 1.6h2c.5 0 .9.4.9.9v7.1c0 .5-.4.9-.9.9H2.9a.9.9 0 0 1-.9-.9ZM8 11a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 8 11Z',
  reset: 'M3 8a5 5 0 1 1 1.6 3.7M3 12.5V9.4h3.1',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13.3 9.6A5.6 5.6 0 0 1 6.4 2.7a5.6 5.6 0 1 0 6.9 6.9Z',
  auto: 'M8 2.2a5.8 5.8 0 1 0 0 11.6ZM8 2.2a5.8 5.8 0 0 1 0 11.6',
  chevron: 'm6 3.5 4.5 4.5L6 12.5',
  chip: 'M4.5 4.5h7v7h-7ZM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14',
  play: 'M5 3.2v9.6l7.5-4.8Z',
  stop: 'M4.2 4.2h7.6v7.6H4.2Z',
  back: 'M10 3.5 5.5 8l4.5 4.5',
  warning: 'M8 2.3 14.3 13H1.7ZM8 6.5v3.2M8 11.4v.1',
  trash: 'M3 4.5h10M6.2 4.5V2.8h3.6v1.7M4.4 4.5l.6 8.7h6l.6-8.7M6.8 7v3.8M9.2 7v3.8',
  pause: 'M5.2 3.5v9M10.8 3.5v9',
  gear: 'M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM8 1.8v1.7M8 12.5v1.7M1.8 8h1.7M12.5 8h1.7M3.6 3.6l1.2 1.2M11.2 11.2l1.2 1.2M3.6 12.4l1.2-1.2M11.2 4.8l1.2-1.2',
  bell: 'M4 11V7.2a4 4 0 0 1 8 0V11l1.2 1.3H2.8ZM6.8 14h2.4',
  key: 'M5.5 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM7.6 7.9 13 2.5M11 4.5l1.8 1.8',
  arrowDown: 'M8 3v9.5M4 8.7l4 4 4-4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
