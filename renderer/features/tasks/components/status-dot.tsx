import type { TaskStatus } from '../../../../contracts/task-status.ts';

/** Shape and color both tell the state, so that it reads without color too. */
export function StatusDot({ status }: { status: TaskStatus }) {
  return (
    <svg className="status-dot" data-status={status} viewBox="0 0 12 12" aria-hidden="true">
      {shapeOf(status)}
    </svg>
  );
}

function shapeOf(status: TaskStatus) {
  switch (status) {
    case 'COMPLETED':
      return <path d="M2.2 6.4 5 9.1l4.9-6" />;
    case 'FAILED':
    case 'TIMEOUT':
      return <path d="m3 3 6 6M9 3 3 9" />;
    case 'CANCELLED':
      return <path d="M2.5 6h7" />;
    case 'PENDING':
    case 'QUEUED':
      return <circle cx="6" cy="6" r="3.6" />;
    case 'ASSIGNED':
    case 'RUNNING':
      return <path d="M6 2.2a3.8 3.8 0 1 1-3.8 3.8" />;
  }
}
