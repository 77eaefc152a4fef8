// What one evaluation of a MACE model asks of a GPU, launch by launch, counted from the model's shape alone.

/** A path (l1, l2, l3) of a convolution: degrees of the sender's features, of the harmonics, of the message. */
export type Path = readonly [number, number, number];

export interface LayerWork {
  channels: number;
  paths: readonly Path[];
  /** Degrees of what goes along the edges, of the message, of the output. */
  edgeDegree: number;
  messageDegree: number;
  outputDegree: number;
  isFirst: boolean;
  /** A map from the layer's input to its output, one matrix for each element. */
  hasResidual: boolean;
  hasDensity: boolean;
  /** Of the symmetric contraction: docs/mace-dense.md. */
  contraction: { monomials: number; terms: number; heads: number };
}

export interface MaceWork {
  layers: readonly LayerWork[];
  neighbors: number;
  bytesPerNumber: 4 | 8;
}

/** Of one atom. Each multiplication and each addition is one operation. */
export interface LaunchWork {
  name: string;
  launches: number;
  operations: number;
  /** Bytes that threads ask the caches for. */
  askedBytes: number;
  /** Bytes that must come from or go to memory: every array once. */
  leastBytes: number;
}

const components = (degree: number): number => 2 * degree + 1;
const rows = (degree: number): number => (degree + 1) ** 2;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Rows of the radial table that a function is interpolated from. */
const tableRows = 6;
/** Places of an edge beside its gradient: neighbor, distance, unit vector, vector. */
const edgeBytes = (bytesPerNumber: number): number => 4 + 4 * bytesPerNumber + 24;

/** channels.hpp */
const channelsOfThread = (bytesPerNumber: number): number => (bytesPerNumber === 4 ? 4 : 1);

/** Channels per row, rows, and how often the output is read as well as written. */
interface Map {
  rows: number;
  from: number;
  to: number;
  adds: boolean;
}

const tileRows = 64;
const tileColumns = 64;

/** Of all degrees: one launch. */
function linear(name: string, maps: readonly Map[], bytes: number): LaunchWork {
  return {
    name,
    launches: maps.length > 0 ? 1 : 0,
    operations: sum(maps.map((map) => 2 * map.rows * map.from * map.to)),
    askedBytes: sum(
      maps.map(
        (map) =>
          bytes *
          map.rows *
          (map.from * Math.ceil(map.to / tileColumns) + (map.from * map.to) / tileRows + map.to * (map.adds ? 2 : 1)),
      ),
    ),
    leastBytes: sum(maps.map((map) => bytes * map.rows * (map.from + map.to * (map.adds ? 2 : 1)))),
  };
}

const turned = (maps: readonly Map[], adds: boolean): Map[] =>
  maps.map((map) => ({ rows: map.rows, from: map.to, to: map.from, adds }));

function convolution(layer: LayerWork, work: MaceWork, isAdjoint: boolean): LaunchWork {
  const { bytesPerNumber: bytes, neighbors } = work;
  const { channels, paths } = layer;
  const couplings = sum(paths.map(([l1, , l3]) => components(l1) * components(l3)));
  const ofSender = sum(paths.map(([l1]) => components(l1)));
  const ofMessage = sum(paths.map(([, , l3]) => components(l3)));
  const interpolations = paths.length * tableRows;
  const table = interpolations * channels * bytes;
  // Adjoint: for every coupling the value, a product of feature and gradient, and, for all channels of a thread together,
  // three components of the gradient; the radial function and its slope.
  const fma = isAdjoint
    ? (2 + 3 / channelsOfThread(bytes)) * couplings +
      3 * ofSender +
      2 * interpolations +
      4 * (paths.length / channelsOfThread(bytes))
    : couplings + ofSender + interpolations;
  const setUp = sum(paths.map(([l1, l2, l3]) => components(l1) * components(l2) * components(l3)));
  const gathered = (isAdjoint ? ofMessage : ofSender) * channels * bytes;
  const own = ofMessage * channels * bytes;
  const ofFeatures = layer.isFirst ? 0 : rows(layer.edgeDegree) * channels * bytes;
  return {
    name: isAdjoint ? 'convolution, adjoint' : 'convolution',
    launches: 1,
    operations: 2 * neighbors * (fma * channels + (isAdjoint ? 4 : 1) * setUp),
    askedBytes: neighbors * (table + gathered + edgeBytes(bytes)) + (isAdjoint ? 3 * ofFeatures : own),
    leastBytes: own + (isAdjoint ? 2 : 1) * ofFeatures + neighbors * (edgeBytes(bytes) + (isAdjoint ? 6 * bytes : 0)),
  };
}

/** Atoms that share the loads of the coefficients: contraction.cu */
const atomsOfWarp = (bytesPerNumber: number): number => 16 / bytesPerNumber;

function contraction(layer: LayerWork, bytes: number, isAdjoint: boolean): LaunchWork {
  const { monomials, terms, heads } = layer.contraction;
  const perChannel = isAdjoint ? 2 * monomials + 2 * terms + 6 * heads : monomials + terms + 2 * heads;
  const message = rows(layer.messageDegree) * layer.channels * bytes;
  const output = rows(layer.outputDegree) * layer.channels * bytes;
  return {
    name: isAdjoint ? 'contraction, adjoint' : 'contraction',
    launches: 1,
    operations: 2 * perChannel * layer.channels,
    askedBytes: (isAdjoint ? 2 : 1) * message + output + (monomials * layer.channels * bytes) / atomsOfWarp(bytes),
    leastBytes: (isAdjoint ? 2 : 1) * message + output,
  };
}

function pass(name: string, launches: number, numbers: number, bytes: number): LaunchWork {
  return {
    name,
    launches,
    operations: numbers,
    askedBytes: numbers * bytes,
    leastBytes: numbers * bytes,
  };
}

/** The maps of a layer, by what they do. */
function mapsOf(layer: LayerWork): { up: Map[]; message: Map[]; product: Map[]; residual: Map[] } {
  const { channels } = layer;
  const square = (degree: number): Map => ({ rows: components(degree), from: channels, to: channels, adds: false });
  const degrees = (most: number): number[] => Array.from({ length: most + 1 }, (_, degree) => degree);
  const into = (degree: number): number => layer.paths.filter(([, , l3]) => l3 === degree).length;
  return {
    up: layer.isFirst ? [] : degrees(layer.edgeDegree).map(square),
    message: degrees(layer.messageDegree).map((l) => ({ ...square(l), from: into(l) * channels })),
    product: degrees(layer.outputDegree).map(square),
    residual:
      layer.isFirst || !layer.hasResidual ? [] : degrees(layer.outputDegree).map((l) => ({ ...square(l), adds: true })),
  };
}

function forward(layer: LayerWork, work: MaceWork): LaunchWork[] {
  const bytes = work.bytesPerNumber;
  const maps = mapsOf(layer);
  const message = rows(layer.messageDegree) * layer.channels;
  return [
    linear('up', maps.up, bytes),
    convolution(layer, work, false),
    linear('message', maps.message, bytes),
    pass('divide by density', layer.hasDensity ? 1 : 0, layer.hasDensity ? 2 * message : 0, bytes),
    contraction(layer, bytes, false),
    linear('product', maps.product, bytes),
    linear('residual', maps.residual, bytes),
  ];
}

function adjoint(layer: LayerWork, work: MaceWork): LaunchWork[] {
  const bytes = work.bytesPerNumber;
  const maps = mapsOf(layer);
  const message = rows(layer.messageDegree) * layer.channels;
  const ofFeatures = layer.isFirst ? 0 : rows(layer.edgeDegree) * layer.channels;
  const behind = [...turned(maps.product, false), ...turned(maps.residual, true)];
  return [
    linear('product and residual, adjoint', behind, bytes),
    contraction(layer, bytes, true),
    pass('density, adjoint', layer.hasDensity ? 1 : 0, layer.hasDensity ? 3 * message : 0, bytes),
    linear('message, adjoint', turned(maps.message, false), bytes),
    pass('zeros for the senders', layer.isFirst ? 0 : 1, ofFeatures, bytes),
    convolution(layer, work, true),
    linear('up, adjoint', turned(maps.up, true), bytes),
  ];
}

/** Every launch of energies, forces and stress, in order; those that a layer does not have are left out. */
export function launchesOf(work: MaceWork): LaunchWork[] {
  const bytes = work.bytesPerNumber;
  const edge = edgeBytes(bytes);
  const named = (layer: number, launches: LaunchWork[]): LaunchWork[] =>
    launches.map((launch) => ({ ...launch, name: `layer ${String(layer)}: ${launch.name}` }));
  const edges = (name: string, launches: number, bytesOfEdge: number): LaunchWork => ({
    ...pass(name, launches, 0, bytes),
    operations: 60 * work.neighbors,
    askedBytes: bytesOfEdge * work.neighbors,
    leastBytes: bytesOfEdge * work.neighbors,
  });
  return [
    edges('neighbor list, nothing moved far', 5, 1),
    edges('edges', 1, 8 + edge + 3 * bytes),
    ...work.layers.flatMap((layer, index) => named(index, forward(layer, work))),
    pass('readouts, repulsion, energies', 6, 4 * (work.layers[0]?.channels ?? 0), bytes),
    pass('readouts, adjoint', 5, 4 * (work.layers[0]?.channels ?? 0), bytes),
    ...work.layers
      .map((layer, index) => named(index, adjoint(layer, work)))
      .reverse()
      .flat(),
    edges('repulsion, adjoint', 1, 28 + 6 * bytes),
    edges('forces', 1, 8 + 6 * bytes),
    edges('virials', 2, 24 + 3 * bytes),
  ].filter(({ launches }) => launches > 0);
}

/** MACE-MPA-0 medium: 128x0e + 128x1o, harmonics up to l = 3, blocks with a density. */
export function mpa0(neighbors: number, bytesPerNumber: 4 | 8): MaceWork {
  const shape = { channels: 128, messageDegree: 3, hasDensity: true };
  const first: LayerWork = {
    ...shape,
    paths: [
      [0, 0, 0],
      [0, 1, 1],
      [0, 2, 2],
      [0, 3, 3],
    ],
    edgeDegree: 0,
    outputDegree: 1,
    isFirst: true,
    hasResidual: false,
    contraction: { monomials: 410, terms: 169, heads: 75 },
  };
  const second: LayerWork = {
    ...shape,
    paths: [
      [0, 0, 0],
      [1, 1, 0],
      [0, 1, 1],
      [1, 0, 1],
      [1, 2, 1],
      [0, 2, 2],
      [1, 1, 2],
      [1, 3, 2],
      [0, 3, 3],
      [1, 2, 3],
    ],
    edgeDegree: 1,
    outputDegree: 0,
    isFirst: false,
    hasResidual: true,
    contraction: { monomials: 94, terms: 43, heads: 43 },
  };
  return { layers: [first, second], neighbors, bytesPerNumber };
}

/** Threads of a block and the shared memory that it asks for when it is launched, of MACE-MPA-0 medium. */
export function blockOf(kernel: string, bytesPerNumber: 4 | 8): { threads: number; askedSharedBytes: number } {
  const tabulated = 12 * bytesPerNumber + 16;
  const directed = 4 * bytesPerNumber;
  const lanes = 128 / channelsOfThread(bytesPerNumber);
  const columns = (harmonicsAndOutputs: number): number =>
    (harmonicsAndOutputs * atomsOfWarp(bytesPerNumber) + 16) * 32 * bytesPerNumber;
  if (kernel.startsWith('multiply')) return { threads: 256, askedSharedBytes: 0 };
  if (kernel.startsWith('value')) return { threads: 32, askedSharedBytes: columns(16 + 4) };
  if (kernel.startsWith('adjoint')) return { threads: 32, askedSharedBytes: columns(2 * 16 + 4) };
  if (kernel.includes('Value')) {
    return { threads: lanes, askedSharedBytes: 32 * (tabulated + bytesPerNumber + 28 * bytesPerNumber) };
  }
  const teams = Math.min(4, 128 / lanes);
  const ofSenders = teams > 1 ? teams * 4 * 128 * bytesPerNumber : 0;
  return { threads: lanes * teams, askedSharedBytes: 8 * (tabulated + directed * (16 + 21 + lanes)) + ofSenders };
}
