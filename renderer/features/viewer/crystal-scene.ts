// The 3D scene: owns the 3Dmol viewer and everything in it. React only forwards structure and settings.
// 3Dmol finds no bonds and replicates nothing here; it draws the atoms and bonds of a DrawingPlan.
import { createViewer, VolumeData } from '3dmol';
import type { AtomSpec, AtomStyleSpec, GLModel, GLViewer } from '3dmol';
import { z } from 'zod';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { atomLook, AXIS_COLORS, elementColor, SCENE_PALETTES } from './appearance.ts';
import type { ScenePalette, ViewStyle } from './appearance.ts';
import { cellEdges } from './cell-edges.ts';
import type { EdgeKind } from './cell-edges.ts';
import { findBonds } from './find-bonds.ts';
import type { PeriodicBond } from './find-bonds.ts';
import { isLarge, placeDrawing, planDrawing } from './plan-drawing.ts';
import type { DrawingNote, DrawingPlan } from './plan-drawing.ts';
import { rotationTowards } from './view-rotation.ts';

export interface SceneSettings {
  readonly style: ViewStyle;
  readonly repeats: Vector3;
  readonly show_boundary_atoms: boolean;
  readonly show_cell: boolean;
  readonly is_orthographic: boolean;
  readonly theme: 'light' | 'dark';
}

/** What is looked at; the view is kept as long as `id` stays, also when a task replaces its structure by the final one. */
export interface SceneSubject {
  readonly id: string;
  readonly structure: Structure;
}

export interface SceneReport {
  readonly n_drawn_atoms: number;
  readonly n_drawn_bonds: number;
  readonly repeats: Vector3;
  readonly notes: readonly DrawingNote[];
}

/** The browser gives no WebGL context: no driver, a blocked GPU, a policy. */
export class NoWebGlError extends Error {
  constructor(cause: unknown) {
    super('WebGL is not available', { cause });
    this.name = 'NoWebGlError';
  }
}

export type SceneState =
  | { readonly phase: 'unmounted' }
  | { readonly phase: 'ready'; readonly report: SceneReport | null }
  | { readonly phase: 'failed'; readonly error: Error };

/** Where an energy on a grid equals a level. */
export interface EnergySurface {
  /** Text of a Gaussian cube file. */
  readonly cube: string;
  readonly level_eV: number;
}

interface Placement {
  readonly positions: readonly Vector3[];
  readonly cell: Cell | null;
}

interface Shown {
  readonly subject: SceneSubject;
  readonly structure: Structure;
  readonly bonds: readonly PeriodicBond[];
  readonly plan: DrawingPlan;
  readonly settings: SceneSettings;
  readonly model: GLModel;
  readonly atoms: AtomSpec[];
  placement: Placement;
}

/** 3Dmol types its view as `any[]`. */
const viewSchema = z.array(z.number()).min(8);

const SOFTWARE_RENDERERS = /swiftshader|llvmpipe|softpipe|basic render/i;

const FIELD_OF_VIEW_DEGREES = 20;

/** A frame glides to its place in this time; longer would lag behind a fast relaxation. */
const GLIDE_MS = 140;
/** Above this many drawn atoms a frame is shown at once: rebuilding the geometry takes longer than a screen refresh. */
const MAX_GLIDING_ATOMS = 3_000;
const SURFACE_OPACITY = 0.62;
/** zoomTo fits the atoms; the corners of a slanted cell reach a little further. */
const ZOOM_AFTER_FIT = 0.94;

export class CrystalScene {
  private viewer: GLViewer | null = null;
  private container: HTMLElement | null = null;
  private shown: Shown | null = null;
  private animation: number | null = null;
  private surface: { readonly spec: EnergySurface; readonly data: VolumeData } | null = null;
  private state: SceneState = { phase: 'unmounted' };
  private readonly listeners = new Set<() => void>();

  readonly getState = (): SceneState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** A scene that cannot be drawn says so in its state; everything else of it then does nothing. */
  mount(container: HTMLElement): void {
    this.attempt(() => {
      this.createViewer(container);
      this.setState({ phase: 'ready', report: null });
    });
  }

  /** Draws a structure, or the same one with other settings. */
  show(subject: SceneSubject, settings: SceneSettings): void {
    if (this.viewer === null) return;
    this.attempt(() => {
      this.setState({ phase: 'ready', report: this.draw(subject, settings) });
    });
  }

  private createViewer(container: HTMLElement): void {
    const renderer = webGlRenderer();
    if (renderer === null) throw new NoWebGlError(null);
    this.container = container;
    // Drawn by the CPU, multisampling costs ten times the rest of a frame.
    const antialias = !SOFTWARE_RENDERERS.test(renderer);
    try {
      this.viewer = createViewer(container, { antialias, backgroundAlpha: 1 });
    } catch (cause) {
      throw new NoWebGlError(cause);
    }
    this.viewer.setZoomLimits(4, 2_000);
    this.viewer.setCameraParameters({ fov: FIELD_OF_VIEW_DEGREES });
  }

  private draw(subject: SceneSubject, settings: SceneSettings): SceneReport {
    const viewer = this.requireViewer();
    const { structure } = subject;
    const previous = this.shown;
    const isSame = previous?.structure === structure;
    this.stopAnimation();

    const bonds = isSame ? previous.bonds : isLarge(structure) ? [] : findBonds(structure);
    const plan = planDrawing(structure, bonds, settings);
    const placement: Placement = isSame ? previous.placement : { positions: structure.positions, cell: structure.cell };

    viewer.setBackgroundColor(SCENE_PALETTES[settings.theme].background, 1);
    viewer.setProjection(settings.is_orthographic ? 'orthographic' : 'perspective');
    viewer.removeAllModels();
    const model = viewer.addModel();
    model.addAtoms(describeAtoms(structure, plan, placement, settings.style));
    this.shown = { subject, structure, bonds, plan, settings, model, atoms: model.selectedAtoms({}), placement };
    this.drawShapes(placement.cell, plan.repeats, settings);
    const isNewSubject = previous?.subject.id !== subject.id;
    const hasOtherExtent = previous?.plan.repeats.some((n, axis) => n !== plan.repeats[axis]) ?? true;
    if (isNewSubject || hasOtherExtent) this.frameView(isNewSubject);
    else if (previous.settings.is_orthographic !== settings.is_orthographic) {
      viewer.zoom(settings.is_orthographic ? this.parallelZoom() : 1 / this.parallelZoom());
    }
    viewer.render();
    return {
      n_drawn_atoms: plan.atoms.length,
      n_drawn_bonds: plan.bonds.length,
      repeats: plan.repeats,
      notes: plan.notes,
    };
  }

  /** Moves the atoms that are shown; the drawing keeps its bonds and images. */
  move(positions: readonly Vector3[], cell: Cell | null): void {
    const shown = this.shown;
    if (shown?.structure.positions.length !== positions.length) return;
    this.stopAnimation();
    const from = shown.placement;
    const to: Placement = { positions, cell };
    if (shown.atoms.length > MAX_GLIDING_ATOMS) {
      this.place(to, true);
      return;
    }
    const start = performance.now();
    const step = (now: number): void => {
      const share = Math.min(1, (now - start) / GLIDE_MS);
      this.place(share === 1 ? to : between(from, to, share), share === 1);
      this.animation = share < 1 ? requestAnimationFrame(step) : null;
    };
    this.animation = requestAnimationFrame(step);
  }

  /** Draws a surface of equal energy besides the structure; null takes it away. */
  showSurface(spec: EnergySurface | null): void {
    if (this.viewer === null) return;
    this.attempt(() => {
      const data = this.surface?.spec.cube === spec?.cube ? this.surface?.data : undefined;
      this.surface = spec === null ? null : { spec, data: data ?? new VolumeData(spec.cube, 'cube') };
      const shown = this.shown;
      if (shown === null) return;
      this.drawShapes(shown.placement.cell, shown.plan.repeats, shown.settings);
      this.requireViewer().render();
    });
  }

  resetView(): void {
    if (this.viewer === null) return;
    this.frameView(true);
    this.requireViewer().render();
  }

  /** Looks along one of the lattice vectors. */
  lookAlong(axis: 'a' | 'b' | 'c'): void {
    const viewer = this.requireViewer();
    const cell = this.shown?.placement.cell;
    if (cell === null || cell === undefined) return;
    const direction = cell[axis === 'a' ? 0 : axis === 'b' ? 1 : 2];
    const up = cell[axis === 'c' ? 1 : 2];
    viewer.setView([...viewPosition(viewer), ...rotationTowards(direction, up)]);
    this.frameView(false);
    viewer.render();
  }

  screenshot(): Promise<Blob> {
    const viewer = this.requireViewer();
    viewer.render();
    return new Promise((resolve, reject) => {
      viewer.getCanvas().toBlob((blob) => {
        if (blob === null) reject(new Error('The browser could not encode the picture.'));
        else resolve(blob);
      }, 'image/png');
    });
  }

  dispose(): void {
    this.stopAnimation();
    const context = this.viewer?.getRenderer().getContext();
    this.viewer?.clear();
    context?.getExtension('WEBGL_lose_context')?.loseContext();
    this.container?.replaceChildren();
    this.viewer = null;
    this.container = null;
    this.shown = null;
    this.surface = null;
    this.setState({ phase: 'unmounted' });
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.setState({ phase: 'failed', error: cause instanceof Error ? cause : new Error(String(cause)) });
    }
  }

  private setState(state: SceneState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  /** @param isResting false while gliding: the cell's edges and letters are then left as they are */
  private place(placement: Placement, isResting: boolean): void {
    const shown = this.shown;
    if (shown === null) return;
    const viewer = this.requireViewer();
    shown.placement = placement;
    const { atoms, stubEnds } = placeDrawing(shown.plan, placement.positions, placement.cell);
    [...atoms, ...stubEnds].forEach((position, i) => {
      const atom = shown.atoms[i];
      if (atom === undefined) return;
      [atom.x, atom.y, atom.z] = position;
    });
    // An empty addition marks the model's geometry as stale; the atoms themselves were moved in place.
    shown.model.addAtoms([]);
    if (isResting) this.drawShapes(placement.cell, shown.plan.repeats, shown.settings);
    viewer.render();
  }

  private drawShapes(cell: Cell | null, repeats: Vector3, settings: SceneSettings): void {
    const viewer = this.requireViewer();
    viewer.removeAllShapes();
    viewer.removeAllLabels();
    this.drawCell(cell, repeats, settings);
    if (this.surface === null) return;
    const { spec, data } = this.surface;
    const color = SCENE_PALETTES[settings.theme].surface;
    viewer.addIsosurface(data, { isoval: spec.level_eV, color, opacity: SURFACE_OPACITY, smoothness: 1 });
  }

  private drawCell(cell: Cell | null, repeats: Vector3, settings: SceneSettings): void {
    const viewer = this.requireViewer();
    if (cell === null || !settings.show_cell) return;
    const palette = SCENE_PALETTES[settings.theme];
    for (const { kind, start, end } of cellEdges(cell, repeats)) {
      viewer.addLine({ start: toPoint(start), end: toPoint(end), color: edgeColor(kind, palette), linewidth: 1.5 });
      if (kind === 'a' || kind === 'b' || kind === 'c') {
        viewer.addLabel(kind, {
          position: toPoint(beyond(start, end)),
          fontColor: AXIS_COLORS[kind],
          backgroundOpacity: 0,
          fontSize: 15,
          alignment: 'center',
          inFront: false,
        });
      }
    }
  }

  /** @param fromFront turn back to the first orientation as well */
  private frameView(fromFront: boolean): void {
    const viewer = this.requireViewer();
    if (fromFront) {
      viewer.setView([...viewPosition(viewer), 0, 0, 0, 1]);
      viewer.rotate(-14, 'y');
      viewer.rotate(10, 'x');
    }
    viewer.zoomTo();
    viewer.zoom(ZOOM_AFTER_FIT * (this.shown?.settings.is_orthographic === true ? this.parallelZoom() : 1));
  }

  /** 3Dmol spans the parallel view by the whole angle and across, the perspective one by half of it and upwards. */
  private parallelZoom(): number {
    const { width, height } = this.requireViewer().getCanvas();
    const angle = (FIELD_OF_VIEW_DEGREES * Math.PI) / 180;
    return (Math.tan(angle) / Math.tan(angle / 2)) * (height / width);
  }

  private stopAnimation(): void {
    if (this.animation !== null) cancelAnimationFrame(this.animation);
    this.animation = null;
  }

  private requireViewer(): GLViewer {
    if (this.viewer === null) throw new Error('The scene is not mounted.');
    return this.viewer;
  }
}

/** The first four numbers of 3Dmol's view: where the model is, and how near. The other four turn it. */
function viewPosition(viewer: GLViewer): number[] {
  return viewSchema.parse(viewer.getView()).slice(0, 4);
}

/** The name of what draws, or null when there is no WebGL at all. */
function webGlRenderer(): string | null {
  const context = document.createElement('canvas').getContext('webgl2');
  if (context === null) return null;
  const name: unknown = context.getParameter(context.RENDERER);
  const extension = context.getExtension('WEBGL_debug_renderer_info');
  const unmasked: unknown = extension === null ? null : context.getParameter(extension.UNMASKED_RENDERER_WEBGL);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return [name, unmasked].filter((part) => typeof part === 'string').join(' ');
}

/** Drawn atoms first, then one invisible end per half bond, in the order of the plan. */
function describeAtoms(structure: Structure, plan: DrawingPlan, placement: Placement, style: ViewStyle): AtomSpec[] {
  const hasBonds = !plan.notes.includes('bonds_left_out');
  const styles = new Map<string, AtomStyleSpec>();
  const styleOf = (symbol: string): AtomStyleSpec => {
    const known = styles.get(symbol);
    if (known !== undefined) return known;
    const look = atomLook(symbol, style, hasBonds);
    const spec: AtomStyleSpec = {};
    if (look.sphere !== null) spec.sphere = { radius: look.sphere };
    if (look.stick !== null) spec.stick = { radius: look.stick };
    styles.set(symbol, spec);
    return spec;
  };

  const { atoms, stubEnds } = placeDrawing(plan, placement.positions, placement.cell);
  const specs = plan.atoms.map(({ i_atom }, i): AtomSpec => {
    const symbol = structure.symbols[i_atom] ?? 'X';
    return atomSpec(symbol, atoms[i], styleOf(symbol));
  });
  const joins = [...plan.bonds];
  plan.stubs.forEach(({ from }, i) => {
    const symbol = structure.symbols[plan.atoms[from]?.i_atom ?? 0] ?? 'X';
    const { stick } = styleOf(symbol);
    joins.push([from, specs.length]);
    specs.push(atomSpec(symbol, stubEnds[i], stick === undefined ? {} : { stick }));
  });
  for (const [i, j] of joins) {
    specs[i]?.bonds?.push(j);
    specs[j]?.bonds?.push(i);
  }
  return specs;
}

function atomSpec(symbol: string, position: Vector3 | undefined, style: AtomStyleSpec): AtomSpec {
  const [x, y, z] = position ?? [0, 0, 0];
  return { elem: symbol, x, y, z, color: elementColor(symbol), bonds: [], style };
}

function edgeColor(kind: EdgeKind, palette: ScenePalette): string {
  switch (kind) {
    case 'a':
    case 'b':
    case 'c':
      return AXIS_COLORS[kind];
    case 'cell':
      return palette.cell;
    case 'block':
      return palette.block;
  }
}

function toPoint([x, y, z]: Vector3): { x: number; y: number; z: number } {
  return { x, y, z };
}

/** A little further than the end of an axis, for its letter. */
function beyond(start: Vector3, end: Vector3): Vector3 {
  const length = Math.hypot(end[0] - start[0], end[1] - start[1], end[2] - start[2]);
  const share = 1 + 0.9 / length;
  return [0, 1, 2].map((k) => (start[k] ?? 0) + share * ((end[k] ?? 0) - (start[k] ?? 0))) as Vector3;
}

function between(from: Placement, to: Placement, share: number): Placement {
  const mix = (a: Vector3, b: Vector3): Vector3 => [
    a[0] + share * (b[0] - a[0]),
    a[1] + share * (b[1] - a[1]),
    a[2] + share * (b[2] - a[2]),
  ];
  const cell: Cell | null =
    from.cell === null || to.cell === null
      ? to.cell
      : [mix(from.cell[0], to.cell[0]), mix(from.cell[1], to.cell[1]), mix(from.cell[2], to.cell[2])];
  return { positions: to.positions.map((position, i) => mix(from.positions[i] ?? position, position)), cell };
}
