// A failure as the user meets it: what happened, the code, what to do next.
import { useTranslation } from 'react-i18next';
import { ERROR_CODES } from '../../contracts/error-code.ts';
import type { ErrorCode } from '../../contracts/error-code.ts';
import { ApiFailure } from '../api/failure.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

function isKnownCode(code: number | null): code is ErrorCode {
  return code !== null && Object.hasOwn(ERROR_CODES, code);
}

/** What `details` tell a person: the sentence when there is one, else the facts as `name: value` lines. */
function detailLines(details: Readonly<Record<string, unknown>>): string[] {
  if (typeof details.message === 'string') return [details.message];
  return Object.entries(details).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (value === null || value === undefined) return [];
    return [`${name}: ${text}`];
  });
}

interface FailureNoticeProps {
  error: unknown;
  title?: string;
  onRetry?: () => void;
  onDismiss?: () => void;
}

export function FailureNotice({ error, title, onRetry, onDismiss }: FailureNoticeProps) {
  const { t, i18n } = useTranslation();
  const { headline, lines } = describe();
  return (
    <div className="notice notice-failed" role="alert">
      <Icon name="warning" />
      <div className="notice-body">
        <strong>{title ?? headline}</strong>
        {title !== undefined && <p>{headline}</p>}
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {error instanceof ApiFailure && error.code !== null && (
          <p className="notice-code">{t('failure.code', { code: error.code })}</p>
        )}
        {(onRetry !== undefined || onDismiss !== undefined) && (
          <div className="notice-actions">
            {onRetry !== undefined && <Button onClick={onRetry}>{t('app.retry')}</Button>}
            {onDismiss !== undefined && (
              <Button look="quiet" onClick={onDismiss}>
                {t('app.dismiss')}
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  );

  function describe(): { headline: string; lines: string[] } {
    if (!(error instanceof ApiFailure)) {
      const said = error instanceof Error ? [error.message] : [];
      return { headline: t('failure.unexpected'), lines: [...said, t('failure.unexpectedNext')] };
    }
    switch (error.kind) {
      case 'unreachable':
        return { headline: t('failure.unreachable'), lines: [t('failure.unreachableNext')] };
      case 'unreadable':
        return { headline: t('failure.unreadable'), lines: [t('failure.unreadableNext'), error.message] };
      case 'refused': {
        const entry = isKnownCode(error.code) ? ERROR_CODES[error.code] : null;
        const sentence = entry === null ? error.message : i18n.language === 'zh' ? entry.zh : entry.en;
        return { headline: sentence, lines: detailLines(error.details) };
      }
    }
  }
}
