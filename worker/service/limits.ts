// Sizes that the service takes, where more than one part has to know them.

/** One uploaded structure file. */
export const MAX_STRUCTURE_FILE_BYTES = 64 * 1024 * 1024;

/** One uploaded checkpoint. */
export const MAX_MODEL_FILE_BYTES = 2 * 1024 * 1024 * 1024;
