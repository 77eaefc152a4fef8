// A real file whose pickle was changed at random, with the right checksums: either it is still a model, or it is refused with a sentence.
// Anything else (another error, a hang) fails. Seeded, so that a failure comes again.
import { expect, test } from 'vitest';
import { ServiceError } from '../../../contracts/error-code.ts';
import { temporaryCheckpoints } from '../checkpoint/testing/temporary-checkpoints.ts';
import { extractMaceModel } from './extract.ts';
import { moduleTreeOf } from './read-checkpoint-model.ts';
import { safetensorsParts } from './safetensors.ts';
import { checkpointOf, smallMace } from './testing/small-mace.ts';

const N_FILES = 300;
const N_BYTES = 1;

const { withCheckpoint } = temporaryCheckpoints();

/** Linear congruential: enough to choose places. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('a changed file is a model or is refused', async () => {
  const random = randomNumbers(20_261_121);
  const root = smallMace({ first: 'RealAgnosticDensityInteractionBlock', heads: ['a', 'b'] });
  const changed = (pickle: Buffer): Buffer => {
    for (let i = 0; i < N_BYTES; i += 1) pickle[random(pickle.length)] = random(256);
    return pickle;
  };
  const outcomes = { model: 0, refused: 0 };
  for (let i = 0; i < N_FILES; i += 1) {
    try {
      await withCheckpoint(checkpointOf(root, changed), async (checkpoint) => {
        safetensorsParts((await extractMaceModel(checkpoint, await moduleTreeOf(checkpoint))).tensors);
      });
      outcomes.model += 1;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw new Error(`File ${i}`, { cause: error });
      expect(typeof error.details.message).toBe('string');
      outcomes.refused += 1;
    }
  }
  expect(outcomes.model).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(0);
});
