// What is left when a component throws: the reason and a way on, instead of a white page.
import { Component } from 'react';
import type { ReactNode } from 'react';
import { FailureNotice } from '../components/failure-notice.tsx';

interface ErrorScreenState {
  readonly error: Error | null;
}

export class ErrorScreen extends Component<{ children: ReactNode }, ErrorScreenState> {
  override state: ErrorScreenState = { error: null };

  static getDerivedStateFromError(error: Error): ErrorScreenState {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <main className="key-entry">
        <FailureNotice
          error={this.state.error}
          onRetry={() => {
            window.location.reload();
          }}
        />
      </main>
    );
  }
}
