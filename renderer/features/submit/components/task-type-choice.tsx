// Which kind of task: two columns of buttons of which one is chosen; those that cannot be computed here say why.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { taskTypeSchema } from '../../../../contracts/task-types.ts';
import type { TaskType } from '../../../../contracts/task-types.ts';
import { useUnavailableTaskTypes } from '../api/task-types.ts';
import './task-type-choice.css';

export function TaskTypeChoice({ value, onChange }: { value: TaskType; onChange: (taskType: TaskType) => void }) {
  const { t } = useTranslation();
  const name = useId();
  const unavailable = useUnavailableTaskTypes();
  return (
    <fieldset className="task-type-choice" aria-label={t('submit.taskType')}>
      {taskTypeSchema.options.map((taskType) => {
        const reason = unavailable.get(taskType);
        return (
          <label
            key={taskType}
            className={taskType === value ? 'is-chosen' : undefined}
            data-unavailable={reason === undefined ? undefined : true}
            title={reason === undefined ? undefined : `${t('submit.notHere')} ${reason}`}
          >
            <input
              type="radio"
              name={name}
              value={taskType}
              checked={taskType === value}
              disabled={reason !== undefined}
              onChange={() => {
                onChange(taskType);
              }}
            />
            <span>{t(`taskTypes.${taskType}`)}</span>
          </label>
        );
      })}
    </fieldset>
  );
}
