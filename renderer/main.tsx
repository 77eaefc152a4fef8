import './zod-without-eval.ts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiFailure } from './api/failure.ts';
import { openSession } from './api/session.ts';
import { App } from './app/app.tsx';
import { ErrorScreen } from './app/error-screen.tsx';
import { chosenLanguage, usePreferences } from './app/preferences.ts';
import { startTranslation } from './locales/i18n.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 3 && error instanceof ApiFailure && error.isTransient,
      refetchOnWindowFocus: false,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

await Promise.all([openSession(), startTranslation(chosenLanguage(usePreferences.getState().language))]);

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root element.');
createRoot(root).render(
  <StrictMode>
    <ErrorScreen>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </ErrorScreen>
  </StrictMode>,
);
