import type { ReactNode } from 'react';

export function EmptyNotice({ children }: { children: ReactNode }) {
  return <p className="empty-notice">{children}</p>;
}
