// The bytes of a binary trajectory <-> header and frames. Pure; files are read in trajectory-reader.ts, written by mofkernel.
import { crc32 } from 'node:zlib';
import {
  TRAJECTORY_FORMAT_VERSION,
  trajectoryFrameSchema,
  trajectoryHeaderSchema,
} from '../../contracts/trajectory.ts';
import type { TrajectoryFrameScalars, TrajectoryHeader } from '../../contracts/trajectory.ts';
import { TrajectoryError } from './trajectory-error.ts';

export interface TrajectoryFrame extends TrajectoryFrameScalars {
  /** [n_atoms][3], A, not wrapped. */
  readonly positions: Float32Array;
}

/** Where things are in the file; follows from the number of atoms. */
export interface TrajectoryLayout {
  readonly nAtoms: number;
  readonly headerBytes: number;
  readonly frameBytes: number;
}

const MAGIC = Buffer.from([0x89, 0x4d, 0x4f, 0x46, 0x4a, 0x0d, 0x0a, 0x1a]);
/** Magic, version, sizes, pbc: what has to be read to know the length of the header. */
export const HEADER_START_BYTES = 28;
const FRAME_POSITIONS_OFFSET = 104;
const CHECKSUM_BYTES = 4;
const ALIGNMENT = 8;

function layoutOf(nAtoms: number): TrajectoryLayout {
  const used = HEADER_START_BYTES + nAtoms + CHECKSUM_BYTES;
  return {
    nAtoms,
    headerBytes: Math.ceil(used / ALIGNMENT) * ALIGNMENT,
    frameBytes: FRAME_POSITIONS_OFFSET + 12 * nAtoms + CHECKSUM_BYTES,
  };
}

/**
 * @param start the first HEADER_START_BYTES of the file, or all of a shorter one
 * @throws TrajectoryError
 */
export function parseLayout(start: Buffer): TrajectoryLayout {
  if (start.length < HEADER_START_BYTES || !start.subarray(0, MAGIC.length).equals(MAGIC))
    throw new TrajectoryError('not_a_trajectory', 'The file is no binary trajectory of mofkernel.');
  const version = start.readUInt32LE(8);
  if (version !== TRAJECTORY_FORMAT_VERSION) {
    throw new TrajectoryError(
      'unknown_version',
      `The trajectory has format ${version}; this program reads format ${TRAJECTORY_FORMAT_VERSION}.`,
    );
  }
  const layout = layoutOf(start.readUInt32LE(16));
  if (start.readUInt32LE(12) !== layout.headerBytes || start.readUInt32LE(20) !== layout.frameBytes)
    throw new TrajectoryError('damaged', 'The header of the trajectory contradicts itself.');
  return layout;
}

/**
 * @param bytes the first `layout.headerBytes` of the file
 * @throws TrajectoryError
 */
export function parseHeader(bytes: Buffer, layout: TrajectoryLayout): TrajectoryHeader {
  const pbc = [...bytes.subarray(24, 27)].map((flag) => flag === 1);
  const atomicNumbers = [...bytes.subarray(HEADER_START_BYTES, HEADER_START_BYTES + layout.nAtoms)];
  const parsed = trajectoryHeaderSchema.safeParse({ atomic_numbers: atomicNumbers, pbc });
  if (!isIntact(bytes, layout.headerBytes) || !parsed.success)
    throw new TrajectoryError('damaged', 'The header of the trajectory is damaged.');
  return parsed.data;
}

/** Has it its full length, and the checksum that it says? */
export function isIntact(bytes: Buffer, expectedBytes: number): boolean {
  const end = expectedBytes - CHECKSUM_BYTES;
  return bytes.length === expectedBytes && crc32(bytes.subarray(0, end)) === bytes.readUInt32LE(end);
}

/**
 * @param bytes `layout.frameBytes` of the file
 * @param frame its index, for the message
 * @throws TrajectoryError damaged
 */
export function parseFrame(bytes: Buffer, layout: TrajectoryLayout, frame: number): TrajectoryFrame {
  if (!isIntact(bytes, layout.frameBytes))
    throw new TrajectoryError('damaged', `Frame ${frame} of the trajectory is damaged.`);
  const double = (index: number): number => bytes.readDoubleLE(8 * index);
  const row = (index: number): number[] => [double(index), double(index + 1), double(index + 2)];
  const scalars = trajectoryFrameSchema.safeParse({
    step: Number(bytes.readBigInt64LE(0)),
    time_fs: double(1),
    potential_energy_eV: double(2),
    temperature_k: double(3),
    cell: [row(4), row(7), row(10)],
  });
  if (!scalars.success) throw new TrajectoryError('damaged', `Frame ${frame} of the trajectory makes no sense.`);
  // A copy, because floats need an aligned start; the kernel and all machines that run Node are little-endian.
  const positions = new Float32Array(3 * layout.nAtoms);
  new Uint8Array(positions.buffer).set(bytes.subarray(FRAME_POSITIONS_OFFSET, layout.frameBytes - CHECKSUM_BYTES));
  return { ...scalars.data, positions };
}
