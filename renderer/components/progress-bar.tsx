/** @param percent 0..100; null while nothing is known, which shows a moving band */
export function ProgressBar({ percent, label }: { percent: number | null; label: string }) {
  return (
    <div
      className={percent === null ? 'progress-bar is-unknown' : 'progress-bar'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent === null ? undefined : Math.round(percent)}
    >
      <div style={{ transform: `scaleX(${(percent ?? 30) / 100})` }} />
    </div>
  );
}
