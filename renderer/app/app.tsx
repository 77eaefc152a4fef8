// The window: what is around every screen, and which screen it is.
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { currentToken, desktopBridge, subscribeToken } from '../api/session.ts';
import { useServiceEvents } from '../api/use-service-events.ts';
import { FailureNotice } from '../components/failure-notice.tsx';
import { isModelFile } from '../features/models/model-file.ts';
import { useImportModel } from '../features/models/api/models.ts';
import { QueueBar } from '../features/queue/queue-bar.tsx';
import { FileDrop } from '../features/structures/components/file-drop.tsx';
import { OpenFileButton } from '../features/structures/components/open-file-button.tsx';
import { StructureList } from '../features/structures/components/structure-list.tsx';
import { useOpenFiles } from '../features/structures/open-files.ts';
import { useUploadStructure } from '../features/structures/api/upload-structure.ts';
import { TaskList } from '../features/tasks/components/task-list.tsx';
import { BatchScreen } from './batch-screen.tsx';
import { CampaignScreen } from './campaign-screen.tsx';
import { CampaignsScreen } from './campaigns-screen.tsx';
import { FilesScreen } from './files-screen.tsx';
import { KeyEntry } from './key-entry.tsx';
import { usePreferences } from './preferences.ts';
import { goTo, useRoute } from './route.ts';
import { ModelsScreen } from './models-screen.tsx';
import { SettingsScreen } from './settings-screen.tsx';
import { StructureScreen } from './structure-screen.tsx';
import { TaskScreen } from './task-screen.tsx';
import { TopBar } from './top-bar.tsx';
import { useAppearance } from './use-appearance.ts';
import { WelcomeScreen } from './welcome-screen.tsx';

export function App() {
  const { theme, language } = useAppearance();
  const token = useSyncExternalStore(subscribeToken, currentToken);
  if (token === null) return <KeyEntry />;
  return <Workspace theme={theme} language={language} />;
}

function Workspace({ theme, language }: ReturnType<typeof useAppearance>) {
  const { t } = useTranslation();
  const route = useRoute();
  useServiceEvents();
  const upload = useUploadStructure();
  const { recent_files, rememberFile, forgetFile } = usePreferences();
  const openTogether = useOpenFiles((state) => state.open);
  const { mutate } = upload;
  const model = useImportModel();
  const { mutate: importModel } = model;

  const openFiles = useCallback(
    (files: readonly File[]) => {
      const [file] = files;
      if (file === undefined) return;
      if (isModelFile(file.name)) {
        importModel(file);
        goTo({ screen: 'models' });
        return;
      }
      if (files.length > 1) {
        void openTogether(files);
        // A campaign that is being put together takes them, too.
        if (route.screen !== 'campaigns') goTo({ screen: 'files' });
        return;
      }
      mutate(file, {
        onSuccess: ({ file_id, filename, formula, n_atoms }) => {
          rememberFile({ file_id, filename, formula, n_atoms });
          goTo({ screen: 'structure', source: { source: 'upload', file_id } });
        },
      });
    },
    [importModel, mutate, openTogether, rememberFile, route.screen],
  );

  useEffect(
    () =>
      desktopBridge()?.onOpenFile(({ name, bytes }) => {
        openFiles([new File([bytes], name)]);
      }),
    [openFiles],
  );

  const uploadName = upload.variables?.name ?? '';
  return (
    <div className="workspace">
      <TopBar language={language} />
      <nav className="side">
        <section className="side-structures" aria-label={t('app.structures')}>
          <header>
            <h2>{t('app.structures')}</h2>
            <OpenFileButton
              onOpen={openFiles}
              isBusy={upload.isPending}
              text={upload.isPending ? t('app.loading') : t('structures.open')}
            />
          </header>
          <StructureList
            opened={recent_files}
            selected={route.screen === 'structure' ? route.source : null}
            onSelect={(source) => {
              goTo({ screen: 'structure', source });
            }}
            onForget={forgetFile}
          />
        </section>
        <section className="side-tasks" aria-label={t('app.tasks')}>
          <QueueBar />
          <TaskList
            selected={route.screen === 'task' ? route.taskId : null}
            onSelect={(taskId) => {
              goTo({ screen: 'task', taskId });
            }}
          />
        </section>
      </nav>
      {renderScreen()}
      {upload.isError && (
        <div className="toast">
          <FailureNotice
            title={t('structures.openFailed', { name: uploadName })}
            error={upload.error}
            onDismiss={() => {
              upload.reset();
            }}
          />
        </div>
      )}
      <FileDrop onDrop={openFiles} />
    </div>
  );

  function renderScreen() {
    switch (route.screen) {
      case 'welcome':
        return <WelcomeScreen onOpen={openFiles} isOpening={upload.isPending} />;
      case 'structure':
        return <StructureScreen source={route.source} theme={theme} />;
      case 'task':
        return <TaskScreen key={route.taskId} taskId={route.taskId} theme={theme} />;
      case 'batch':
        return <BatchScreen key={route.batchId} batchId={route.batchId} />;
      case 'campaigns':
        return <CampaignsScreen />;
      case 'campaign':
        return <CampaignScreen key={route.campaignId} campaignId={route.campaignId} theme={theme} />;
      case 'files':
        return <FilesScreen />;
      case 'models':
        return <ModelsScreen importing={model} onOpen={openFiles} />;
      case 'settings':
        return <SettingsScreen />;
    }
  }
}
