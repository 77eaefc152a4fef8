// Log lines of a task, virtualised; follows the end until the reader scrolls up.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogLine } from '../../../contracts/log.ts';
import { EmptyNotice } from '../../components/empty-notice.tsx';
import { IconButton } from '../../components/button.tsx';
import { formatClock } from '../../lib/format.ts';
import './log-view.css';

const ROW_HEIGHT_PX = 18;
/** Nearer to the end than this counts as being there. */
const END_ZONE_PX = 24;
const GRAVE = new Set<LogLine['level']>(['WARNING', 'ERROR', 'CRITICAL']);

export function LogView({ lines, nDropped }: { lines: readonly LogLine[]; nDropped: number }) {
  const { t } = useTranslation();
  const scroll = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const [onlyGrave, setOnlyGrave] = useState(false);
  const shown = useMemo(() => (onlyGrave ? lines.filter(({ level }) => GRAVE.has(level)) : lines), [lines, onlyGrave]);
  // The React compiler is not used here, so what it could not memoize costs nothing.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 12,
  });

  useEffect(() => {
    if (isAtEnd && shown.length > 0) rows.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [rows, shown.length, isAtEnd]);

  if (lines.length === 0) return <EmptyNotice>{t('logs.none')}</EmptyNotice>;
  return (
    <div className="log-view">
      <label className="log-filter">
        <input
          type="checkbox"
          checked={onlyGrave}
          onChange={(event) => {
            setOnlyGrave(event.target.checked);
          }}
        />
        {t('logs.filter')}
      </label>
      {nDropped > 0 && <p className="log-dropped">{t('logs.dropped', { kept: lines.length, dropped: nDropped })}</p>}
      {shown.length === 0 && <EmptyNotice>{t('logs.noneFiltered')}</EmptyNotice>}
      <div
        ref={scroll}
        className="log-scroll"
        role="log"
        aria-label={t('tabs.log')}
        tabIndex={0}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          setIsAtEnd(scrollHeight - scrollTop - clientHeight < END_ZONE_PX);
        }}
      >
        <ol style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start, key }) => {
            const line = shown[index];
            if (line === undefined) return null;
            return (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                data-level={line.level}
                style={{ transform: `translateY(${start}px)` }}
              >
                <time dateTime={line.timestamp}>{formatClock(line.timestamp)}</time>
                <span>{line.message}</span>
              </li>
            );
          })}
        </ol>
      </div>
      {!isAtEnd && (
        <div className="log-follow">
          <IconButton
            icon="arrowDown"
            label={t('logs.follow')}
            onClick={() => {
              setIsAtEnd(true);
            }}
          />
        </div>
      )}
    </div>
  );
}
