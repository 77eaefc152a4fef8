// Plays the trajectory of a task: a slider, play and pause, the time of the frame.
import { useEffect, useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../components/button.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { formatNumber } from '../../lib/format.ts';
import { FrameStore, readPageOf } from './frame-store.ts';
import type { TrajectoryFrame } from './frame-store.ts';
import './trajectory-player.css';

const FRAME_MS = 80;
const READ_AHEAD = 10;
const FS_PER_PS = 1000;

interface TrajectoryPlayerProps {
  taskId: string;
  onFrame: (frame: TrajectoryFrame) => void;
}

export function TrajectoryPlayer({ taskId, onFrame }: TrajectoryPlayerProps) {
  const { t } = useTranslation();
  const store = useMemo(() => new FrameStore(readPageOf(taskId)), [taskId]);
  const count = useQuery({
    queryKey: ['trajectory', taskId],
    queryFn: async () => (await readPageOf(taskId)(0, 1)).n_frames,
    // Most types keep none.
    retry: false,
    staleTime: Infinity,
  });
  const [index, setIndex] = useState<number | null>(null);
  const [shown, setShown] = useState<TrajectoryFrame | null>(null);
  const [isPlaying, setIsPlaying] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const nFrames = count.data ?? 0;

  useEffect(() => {
    if (index === null) return undefined;
    let isCurrent = true;
    store
      .frame(index)
      .then((frame) => {
        if (!isCurrent || frame === null) return;
        setShown(frame);
        onFrame(frame);
        store.prefetch((index + READ_AHEAD) % Math.max(1, nFrames));
      })
      .catch((error: unknown) => {
        if (!isCurrent) return;
        setIsPlaying(false);
        setFailure(error);
      });
    return () => {
      isCurrent = false;
    };
  }, [index, nFrames, onFrame, store]);

  useEffect(() => {
    // The next one is asked for when this one is on screen: a slow service plays slowly, and skips nothing.
    if (!isPlaying || (shown !== null && shown.index !== index)) return undefined;
    const timer = setTimeout(() => {
      setIndex(index === null || index + 1 >= nFrames ? 0 : index + 1);
    }, FRAME_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [index, isPlaying, nFrames, shown]);

  if (nFrames < 2) return null;
  return (
    <div className="trajectory-player" role="group" aria-label={t('trajectory.title')}>
      <IconButton
        icon={isPlaying ? 'pause' : 'play'}
        label={isPlaying ? t('trajectory.pause') : t('trajectory.play')}
        onClick={() => {
          setIsPlaying(!isPlaying);
        }}
      />
      <input
        type="range"
        min={0}
        max={nFrames - 1}
        value={index ?? nFrames - 1}
        aria-label={t('trajectory.frame')}
        onChange={(event) => {
          setIsPlaying(false);
          setIndex(Number(event.target.value));
        }}
      />
      <span className="trajectory-time">
        {shown === null
          ? t('trajectory.frames', { count: nFrames })
          : `${formatNumber(shown.time_fs / FS_PER_PS, 3)} ps`}
      </span>
      {failure !== null && <FailureNotice error={failure} />}
    </div>
  );
}
