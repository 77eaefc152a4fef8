// How atoms look: radii per style, and the neutral colors that the elements lack in a light and a dark scene.
import { covalentRadius } from './covalent-radii.ts';

export const VIEW_STYLES = ['ball-and-stick', 'stick', 'space-filling'] as const;
export type ViewStyle = (typeof VIEW_STYLES)[number];

/** Radii in A; null = not drawn. */
export interface AtomLook {
  readonly sphere: number | null;
  readonly stick: number | null;
}

const STICK_RADIUS_A = 0.13;

/** @param hasBonds false for a structure too large for bonds: every style then shows atoms only, smaller ones */
export function atomLook(symbol: string, style: ViewStyle, hasBonds: boolean): AtomLook {
  const radius = covalentRadius(symbol);
  if (!hasBonds) return { sphere: style === 'space-filling' ? radius : 0.4 * radius, stick: null };
  switch (style) {
    case 'ball-and-stick':
      return { sphere: 0.14 + 0.26 * radius, stick: STICK_RADIUS_A };
    case 'stick':
      return { sphere: null, stick: 1.4 * STICK_RADIUS_A };
    case 'space-filling':
      return { sphere: 1.3 * radius, stick: null };
  }
}

export interface ScenePalette {
  readonly background: string;
  readonly cell: string;
  readonly block: string;
  readonly text: string;
  readonly surface: string;
}

export const SCENE_PALETTES: Readonly<Record<'light' | 'dark', ScenePalette>> = {
  light: { background: '#fbfaf7', cell: '#8a9097', block: '#c3c6c8', text: '#3b4248', surface: '#2f8f7d' },
  dark: { background: '#101416', cell: '#6c757c', block: '#3d4449', text: '#c4cbcf', surface: '#58c3ac' },
};

/** Axes a, b, c: red, green, blue, as every crystallographic program draws them. */
export const AXIS_COLORS = { a: '#d1483f', b: '#3f9a4f', c: '#3f74d1' } as const;

/** Close to Jmol's element colors, as the field reads them; toned so that they stand on a light and on a dark background. */
// prettier-ignore
const ELEMENT_COLORS: Readonly<Record<string, string>> = {
  H: '#e8e6e1', C: '#6f757a', N: '#3d5bd6', O: '#dd3b2f', F: '#7fc94a', P: '#ff8a1f', S: '#e3c22b', Cl: '#3fbf3f',
  Br: '#a5392c', I: '#8a2fa0', Si: '#d9b48a', B: '#f0a8a0', Li: '#a56be0', Na: '#9153e0', K: '#8442cf', Mg: '#6fc22f',
  Ca: '#4ec23a', Al: '#b09a9a', Ti: '#9aa3ac', V: '#8f94a6', Cr: '#7a8fc2', Mn: '#9277c2', Fe: '#d0692f', Co: '#e08296',
  Ni: '#4fb95a', Cu: '#c27c38', Zn: '#7d80b0', Zr: '#5fbcc2', Mo: '#54a9a9', Ru: '#3a8b8b', Ag: '#b8bcc2', Cd: '#d8c27a',
  In: '#a67573', La: '#62b8e0', Ce: '#d8d0a0', Eu: '#54cfa5', Gd: '#42cfa0', Tb: '#30c795', Dy: '#28bf8c', Yb: '#16a560',
  Hf: '#4da6d8', Pt: '#a8a8b8', Au: '#e0b82f', Hg: '#a8a8b8', Pb: '#575961', Bi: '#9e4fb5', U: '#3f8bd6',
};

export function elementColor(symbol: string): string {
  return ELEMENT_COLORS[symbol] ?? '#c06f9a';
}
