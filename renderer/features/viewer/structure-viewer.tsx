// The 3D view with its tools. The scene is a class; this component forwards structure, frame and settings to it.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { FrameEvent } from '../../../contracts/event.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { saveBlob } from '../../api/client.ts';
import { IconButton } from '../../components/button.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { VIEW_STYLES } from './appearance.ts';
import { CrystalScene, NoWebGlError } from './crystal-scene.ts';
import type { EnergySurface } from './crystal-scene.ts';
import { MAX_BONDED_ATOMS, MAX_DRAWN_ATOMS } from './plan-drawing.ts';
import { useViewerSettings } from './viewer-settings.ts';
import './structure-viewer.css';

interface StructureViewerProps {
  /** The view is kept as long as this stays the same. */
  subjectId: string;
  name: string;
  structure: Structure;
  /** Where the atoms of a running task are now. */
  frame: Pick<FrameEvent, 'positions' | 'cell'> | null;
  /** Drawn besides the structure; null for none. */
  surface?: EnergySurface | null;
  /** What is shown, in words; null when that needs none. */
  caption: string | null;
  theme: 'light' | 'dark';
}

const MAX_REPEATS = 3;
const AXES = ['a', 'b', 'c'] as const;

export function StructureViewer({
  subjectId,
  name,
  structure,
  frame,
  surface = null,
  caption,
  theme,
}: StructureViewerProps) {
  const { t } = useTranslation();
  const host = useRef<HTMLDivElement>(null);
  const [scene] = useState(() => new CrystalScene());
  const state = useSyncExternalStore(scene.subscribe, scene.getState);
  const screenshot = useMutation({
    mutationFn: async () => {
      saveBlob(await scene.screenshot(), `${name}.png`);
    },
  });
  const failure = state.phase === 'failed' ? state.error : screenshot.error;
  const report = state.phase === 'ready' ? state.report : null;
  const [chosen, setChosen] = useState<{ subjectId: string; repeats: Vector3 }>({ subjectId, repeats: [1, 1, 1] });
  const { style, show_boundary_atoms, show_cell, is_orthographic, change } = useViewerSettings();
  const repeats = useMemo<Vector3>(
    () => (chosen.subjectId === subjectId ? chosen.repeats : [1, 1, 1]),
    [chosen, subjectId],
  );

  useEffect(() => {
    if (host.current !== null) scene.mount(host.current);
    return () => {
      scene.dispose();
    };
  }, [scene]);

  useEffect(() => {
    scene.show(
      { id: subjectId, structure },
      { style, repeats, show_boundary_atoms, show_cell, is_orthographic, theme },
    );
  }, [scene, subjectId, structure, style, repeats, show_boundary_atoms, show_cell, is_orthographic, theme]);

  useEffect(() => {
    if (frame !== null) scene.move(frame.positions, frame.cell);
  }, [scene, frame, structure]);

  useEffect(() => {
    scene.showSurface(surface);
  }, [scene, surface]);

  const isPeriodic = structure.cell !== null;
  return (
    <div className="structure-viewer">
      <div className="viewer-canvas" ref={host} role="img" aria-label={t('viewer.label', { name })} />
      {failure !== null && (
        <div className="viewer-failure">
          {failure instanceof NoWebGlError ? (
            <div className="notice" role="status">
              <div className="notice-body">
                <strong>{t('viewer.noWebGl')}</strong>
                <p>{t('viewer.noWebGlText')}</p>
              </div>
            </div>
          ) : (
            <FailureNotice title={t('viewer.drawFailed')} error={failure} />
          )}
        </div>
      )}
      {state.phase !== 'failed' && (
        <>
          <div className="viewer-tools" role="toolbar" aria-label={t('viewer.style')}>
            <Segmented
              label={t('viewer.style')}
              value={style}
              choices={VIEW_STYLES.map((value) => ({ value, text: t(`viewer.styles.${value}`) }))}
              onChange={(value) => {
                change({ style: value });
              }}
            />
            {isPeriodic && (
              <>
                <Toggle
                  text={t('viewer.boundary')}
                  help={t('viewer.boundaryHelp')}
                  isOn={show_boundary_atoms}
                  onChange={(isOn) => {
                    change({ show_boundary_atoms: isOn });
                  }}
                />
                <Toggle
                  text={t('viewer.cell')}
                  help={t('viewer.cellHelp')}
                  isOn={show_cell}
                  onChange={(isOn) => {
                    change({ show_cell: isOn });
                  }}
                />
              </>
            )}
            <Toggle
              text={t('viewer.orthographic')}
              help={t('viewer.orthographicHelp')}
              isOn={is_orthographic}
              onChange={(isOn) => {
                change({ is_orthographic: isOn });
              }}
            />
          </div>
          <div className="viewer-views" role="toolbar" aria-label={t('viewer.reset')}>
            {isPeriodic &&
              AXES.map((axis) => (
                <button
                  key={axis}
                  type="button"
                  className="icon-button"
                  data-axis={axis}
                  aria-label={t('viewer.along', { axis })}
                  title={t('viewer.along', { axis })}
                  onClick={() => {
                    scene.lookAlong(axis);
                  }}
                >
                  {axis}
                </button>
              ))}
            <IconButton
              icon="reset"
              label={t('viewer.reset')}
              onClick={() => {
                scene.resetView();
              }}
            />
            <IconButton
              icon="camera"
              label={t('viewer.screenshot')}
              onClick={() => {
                screenshot.mutate();
              }}
            />
          </div>
          <div className="viewer-corner">
            {isPeriodic && (
              <span className="viewer-repeats" role="group" aria-label={t('viewer.supercell')}>
                {t('viewer.supercell')}
                {AXES.map((axis, k) => (
                  <label key={axis} data-axis={axis} title={t('viewer.repeats', { axis })}>
                    {axis}
                    <select
                      aria-label={t('viewer.repeats', { axis })}
                      value={repeats[k]}
                      onChange={(event) => {
                        const next: Vector3 = [...repeats];
                        next[k] = Number(event.target.value);
                        setChosen({ subjectId, repeats: next });
                      }}
                    >
                      {Array.from({ length: MAX_REPEATS }, (_, n) => (
                        <option key={n}>{n + 1}</option>
                      ))}
                    </select>
                  </label>
                ))}
              </span>
            )}
            <div className="viewer-notes" aria-live="polite" data-drawn-atoms={report?.n_drawn_atoms}>
              {caption !== null && <span>{caption}</span>}
              {report?.notes.map((note) => (
                <span key={note}>
                  {t(`viewer.notes.${note}`, {
                    limit: (note === 'bonds_left_out' ? MAX_BONDED_ATOMS : MAX_DRAWN_ATOMS).toLocaleString('en'),
                    repeats: report.repeats.join(' × '),
                  })}
                </span>
              ))}
            </div>
          </div>
        </>
      )}
    </div>
  );
}

function Toggle({
  text,
  help,
  isOn,
  onChange,
}: {
  text: string;
  help: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <button
      type="button"
      className="viewer-toggle"
      aria-pressed={isOn}
      title={help}
      onClick={() => {
        onChange(!isOn);
      }}
    >
      {text}
    </button>
  );
}
