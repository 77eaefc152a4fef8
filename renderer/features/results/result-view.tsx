// The result of a completed task, drawn by the view of its type.
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { ReactNode } from 'react';
import type { Task } from '../../../contracts/task.ts';
import { TASK_TYPES } from '../../../contracts/task-types.ts';
import type { TaskStatus } from '../../../contracts/task-status.ts';
import { isFinalStatus } from '../../../contracts/task-status.ts';
import { EmptyNotice } from '../../components/empty-notice.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { useTaskResult } from '../tasks/api/tasks.ts';
import { BulkModulusView } from './bulk-modulus-view.tsx';
import { HeatCapacityView } from './heat-capacity-view.tsx';
import { InteractionEnergyView } from './interaction-energy-view.tsx';
import { OptimizationView } from './optimization-view.tsx';
import { SinglePointView } from './single-point-view.tsx';
import { StabilityView } from './stability-view.tsx';

interface ResultViewProps {
  task: Task;
  status: TaskStatus;
  theme: 'light' | 'dark';
}

export function ResultView({ task, status, theme }: ResultViewProps) {
  const { t } = useTranslation();
  const isReady = status === 'COMPLETED';
  const answer = useTaskResult(task.task_id, isReady);
  if (!isReady) return <EmptyNotice>{isFinalStatus(status) ? t('result.absent') : t('result.pending')}</EmptyNotice>;
  if (answer.isPending) return <EmptyNotice>{t('app.loading')}</EmptyNotice>;
  if (answer.isError) return <FailureNotice error={answer.error} onRetry={() => void answer.refetch()} />;
  const { result } = answer.data;
  switch (task.task_type) {
    case 'optimization':
      return parsed(TASK_TYPES.optimization.result, result, (r) => <OptimizationView result={r} />);
    case 'single-point-energy':
      return parsed(TASK_TYPES['single-point-energy'].result, result, (r) => <SinglePointView result={r} />);
    case 'stability':
      return parsed(TASK_TYPES.stability.result, result, (r) => <StabilityView result={r} theme={theme} />);
    case 'bulk-modulus':
      return parsed(TASK_TYPES['bulk-modulus'].result, result, (r) => <BulkModulusView result={r} theme={theme} />);
    case 'heat-capacity':
      return parsed(TASK_TYPES['heat-capacity'].result, result, (r) => <HeatCapacityView result={r} theme={theme} />);
    case 'interaction-energy':
      return parsed(TASK_TYPES['interaction-energy'].result, result, (r) => (
        <InteractionEnergyView result={r} theme={theme} />
      ));
  }
}

function parsed<T>(schema: z.ZodType<T>, result: unknown, draw: (result: T) => ReactNode): ReactNode {
  const answer = schema.safeParse(result);
  return answer.success ? draw(answer.data) : <FailureNotice error={answer.error} />;
}
