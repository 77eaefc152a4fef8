// Why a trajectory, or a frame of it, cannot be read.

export type TrajectoryErrorCode = 'not_a_trajectory' | 'unknown_version' | 'damaged' | 'no_such_frame';

export class TrajectoryError extends Error {
  readonly code: TrajectoryErrorCode;

  constructor(code: TrajectoryErrorCode, message: string) {
    super(message);
    this.name = 'TrajectoryError';
    this.code = code;
  }
}
