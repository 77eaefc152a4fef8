// How much a checkpoint may ask for. Published models stay far below (docs/checkpoints.md); a hostile file stops here.

export interface CheckpointLimits {
  readonly max_entries: number;
  /** Size of data.pkl. */
  readonly max_pickle_bytes: number;
  /** Size of one storage; it is held in memory as a whole while a tensor of it is read. */
  readonly max_storage_bytes: number;
  readonly max_stack: number;
  readonly max_memo: number;
  /** Open marks, and values inside of one another. */
  readonly max_depth: number;
  /** One string; and all bytes decoded from strings together are at most `max_pickle_bytes`. */
  readonly max_text_bytes: number;
  /** Objects, and places in lists, dictionaries and arguments, all together: what bounds the memory of the result. */
  readonly max_parts: number;
}

export const CHECKPOINT_LIMITS: CheckpointLimits = {
  max_entries: 20_000,
  max_pickle_bytes: 64 * 2 ** 20,
  max_storage_bytes: 2 ** 31,
  max_stack: 10_000_000,
  max_memo: 2_000_000,
  max_depth: 1000,
  max_text_bytes: 16 * 2 ** 20,
  max_parts: 2_000_000,
};
