// From the bytes of data.pkl to values. No library is used: `pickleparser`, the only one for Node, calls functions that lie on its stack
// with arguments from the file, sets attributes by any name, and knows no limits.
import { CheckpointError } from './checkpoint-error.ts';
import type { CheckpointLimits } from './limits.ts';
import { checkDepth } from './depth.ts';
import { INSTRUCTIONS, REFUSED, STOP } from './opcodes.ts';
import { PickleMachine } from './pickle-machine.ts';
import type { StorageSize } from './tensors.ts';
import type { Value } from './values.ts';

/**
 * @param storageSize size in bytes of a storage of the archive
 * @throws CheckpointError with the byte of the pickle at which it is not accepted
 */
export function readPickle(pickle: Buffer, storageSize: StorageSize, limits: CheckpointLimits): Value {
  if (pickle.length > limits.max_pickle_bytes) {
    throw new CheckpointError(`data.pkl has ${pickle.length} bytes; at most ${limits.max_pickle_bytes} are read.`);
  }
  const machine = new PickleMachine(pickle, limits, storageSize);
  for (;;) {
    machine.opcode_offset = machine.cursor.position;
    const opcode = machine.cursor.uint8();
    if (opcode === STOP) break;
    const instruction = INSTRUCTIONS.get(opcode) ?? refuse(opcode, machine);
    instruction(machine);
  }
  const root = machine.top();
  if (!machine.isOnlyValue()) machine.fail('The pickle ends with more on its stack than one value.');
  if (machine.cursor.remaining > 0) machine.fail(`${machine.cursor.remaining} bytes follow the end of the pickle.`);
  checkDepth(root, limits.max_depth);
  return root;
}

function refuse(opcode: number, machine: PickleMachine): never {
  const name = REFUSED.get(opcode);
  const hex = `0x${opcode.toString(16).padStart(2, '0')}`;
  return machine.fail(
    name === undefined
      ? `${hex} is no instruction of a pickle.`
      : `The instruction ${name} is not accepted: torch.save never writes it.`,
  );
}
