// The instructions of a pickle: names of all of them, and what those do that torch.save and other savers of models write.
// Source: the documentation in CPython's `pickletools`, protocols 0 to 5.
import { decodeCall, exactNumber } from './calls.ts';
import { PickledDict, PickledList, PickledObject, PickledStorage, PickledTuple } from './parts.ts';
import type { Pair } from './parts.ts';
import type { PickleMachine } from './pickle-machine.ts';
import { readStorage } from './tensors.ts';
import type { Value } from './values.ts';
import { isKind } from './walk.ts';

type Instruction = (machine: PickleMachine) => void;

export const STOP = 0x2e;
const HIGHEST_PROTOCOL = 5;
const MAX_LONG_BYTES = 8;

/** Instructions that are refused, by name: they call things by number or by text, are of protocol 0, or need what a file has not. */
export const REFUSED: ReadonlyMap<number, string> = new Map([
  [0x69, 'INST'],
  [0x6f, 'OBJ'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x50, 'PERSID'],
  [0x97, 'NEXT_BUFFER'],
  [0x98, 'READONLY_BUFFER'],
  [0x96, 'BYTEARRAY8'],
  [0x8e, 'BINBYTES8'],
  [0x8b, 'LONG4'],
  [0x46, 'FLOAT'],
  [0x49, 'INT'],
  [0x4c, 'LONG'],
  [0x53, 'STRING'],
  [0x56, 'UNICODE'],
  [0x64, 'DICT'],
  [0x6c, 'LIST'],
  [0x67, 'GET'],
  [0x70, 'PUT'],
]);

/** Instructions that push one value. */
const PUSHING: readonly (readonly [number, (machine: PickleMachine) => Value])[] = [
  [0x4e, () => null],
  [0x88, () => true],
  [0x89, () => false],
  [0x4a, ({ cursor }) => cursor.int32()],
  [0x4b, ({ cursor }) => cursor.uint8()],
  [0x4d, ({ cursor }) => cursor.uint16()],
  [0x8a, long1],
  [0x47, ({ cursor }) => cursor.float64BigEndian()],
  // Text and bytes; what Python 2 calls a string is text here.
  [0x58, (machine) => machine.text(machine.cursor.uint32())],
  [0x8c, (machine) => machine.text(machine.cursor.uint8())],
  [0x8d, (machine) => machine.text(machine.cursor.uint64())],
  [0x54, (machine) => machine.text(machine.cursor.uint32())],
  [0x55, (machine) => machine.text(machine.cursor.uint8())],
  [0x42, (machine) => machine.binary(machine.cursor.uint32())],
  [0x43, (machine) => machine.binary(machine.cursor.uint8())],
  // Tuples, sets, lists, dictionaries.
  [0x29, (machine) => tupleOf(machine, [])],
  [0x85, (machine) => lastAsTuple(machine, 1)],
  [0x86, (machine) => lastAsTuple(machine, 2)],
  [0x87, (machine) => lastAsTuple(machine, 3)],
  [0x74, (machine) => tupleOf(machine, machine.popToMark())],
  [0x91, (machine) => tupleOf(machine, machine.popToMark())],
  [0x5d, emptyList],
  [0x8f, emptyList],
  [0x7d, emptyDict],
  // What was there before.
  [0x32, (machine) => machine.top()],
  [0x68, (machine) => machine.recall(machine.cursor.uint8())],
  [0x6a, (machine) => machine.recall(machine.cursor.uint32())],
  // Names, and what would be made with them.
  [0x63, (machine) => machine.name(asciiLine(machine), asciiLine(machine))],
  [0x93, stackGlobal],
  [0x52, reduce],
  [0x81, (machine) => newObject(machine, poppedTuple(machine))],
  [0x92, newObjectWithKeywords],
  [0x51, (machine) => readStorage(machine.pop(), machine.storageSize, machine.opcode_offset)],
];

const CHANGING: readonly (readonly [number, Instruction])[] = [
  [0x80, proto],
  [0x95, frame],
  [
    0x28,
    (machine) => {
      machine.mark();
    },
  ],
  [
    0x61,
    (machine) => {
      append(machine, [machine.pop()]);
    },
  ],
  [
    0x65,
    (machine) => {
      append(machine, machine.popToMark());
    },
  ],
  [
    0x90,
    (machine) => {
      append(machine, machine.popToMark());
    },
  ],
  [0x73, setItem],
  [
    0x75,
    (machine) => {
      setItems(machine, machine.popToMark());
    },
  ],
  [0x62, build],
  [
    0x30,
    (machine) => {
      machine.drop();
    },
  ],
  [
    0x31,
    (machine) => {
      machine.popToMark();
    },
  ],
  [
    0x71,
    (machine) => {
      machine.memoize(machine.cursor.uint8());
    },
  ],
  [
    0x72,
    (machine) => {
      machine.memoize(machine.cursor.uint32());
    },
  ],
  [
    0x94,
    (machine) => {
      machine.memoize();
    },
  ],
];

export const INSTRUCTIONS: ReadonlyMap<number, Instruction> = new Map([
  ...PUSHING.map(
    ([opcode, make]) =>
      [
        opcode,
        (machine: PickleMachine) => {
          machine.push(make(machine));
        },
      ] as const,
  ),
  ...CHANGING,
]);

function proto(machine: PickleMachine): void {
  const version = machine.cursor.uint8();
  if (version > HIGHEST_PROTOCOL) machine.fail(`Pickle protocol ${version} is not known.`);
}

/** A frame is a hint for reading ahead; one that announces more than there is was tampered with. */
function frame(machine: PickleMachine): void {
  const length = machine.cursor.uint64();
  if (length > machine.cursor.remaining) machine.fail(`A frame of ${length} bytes reaches beyond the end.`);
}

function long1(machine: PickleMachine): Value {
  const bytes = machine.cursor.take(machine.cursor.uint8());
  if (bytes.length > MAX_LONG_BYTES)
    machine.fail(`A whole number has ${bytes.length} bytes; at most ${MAX_LONG_BYTES} are read.`);
  const magnitude = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return exactNumber(BigInt.asIntN(8 * bytes.length, magnitude));
}

function asciiLine(machine: PickleMachine): string {
  return machine.cursor.line().toString('latin1');
}

function tupleOf(machine: PickleMachine, items: readonly Value[]): PickledTuple {
  machine.parts(1 + items.length);
  return new PickledTuple(items);
}

function lastAsTuple(machine: PickleMachine, length: number): PickledTuple {
  return tupleOf(machine, Array.from({ length }, () => machine.pop()).reverse());
}

function emptyList(machine: PickleMachine): PickledList {
  machine.parts(1);
  return new PickledList();
}

function emptyDict(machine: PickleMachine): PickledDict {
  machine.parts(1);
  return new PickledDict();
}

function append(machine: PickleMachine, values: readonly Value[]): void {
  const target = machine.top();
  machine.parts(values.length);
  const items =
    target instanceof PickledList
      ? target.items
      : target instanceof PickledObject
        ? target.growingAppended()
        : machine.fail('Something is appended to what is no list.');
  for (const value of values) items.push(value);
}

function setItem(machine: PickleMachine): void {
  const value = machine.pop();
  setItems(machine, [machine.pop(), value]);
}

/** @param flat key, value, key, value … */
function setItems(machine: PickleMachine, flat: readonly Value[]): void {
  const target = machine.top();
  if (flat.length % 2 !== 0) machine.fail('A key of a dictionary has no value.');
  machine.parts(flat.length);
  const pairs: Pair[] =
    target instanceof PickledDict
      ? target.entries
      : target instanceof PickledObject
        ? target.growingItems()
        : machine.fail('An item is set in what is no dictionary.');
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] ?? null, flat[i + 1] ?? null]);
}

function stackGlobal(machine: PickleMachine): Value {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string')
    machine.fail('A class is named by something else than text.');
  return machine.name(module, name);
}

function poppedTuple(machine: PickleMachine): PickledTuple {
  const args = machine.pop();
  return args instanceof PickledTuple ? args : machine.fail('Arguments are no tuple.');
}

function className(machine: PickleMachine): string {
  const callee = machine.pop();
  return isKind(callee, 'name') ? callee.name : machine.fail('Something is called that is no named class or function.');
}

function reduce(machine: PickleMachine): Value {
  const args = poppedTuple(machine).items;
  const name = className(machine);
  machine.parts(1);
  return decodeCall(name, args, machine.opcode_offset, machine);
}

function newObject(machine: PickleMachine, args: PickledTuple): Value {
  machine.parts(1 + args.items.length);
  return new PickledObject(className(machine), args.items);
}

function newObjectWithKeywords(machine: PickleMachine): Value {
  const keywords = machine.pop();
  if (!isKind(keywords, 'dict') || keywords.entries.length > 0)
    machine.fail('An object is made with keyword arguments.');
  return newObject(machine, poppedTuple(machine));
}

/** Attributes of a dictionary or tensor (`_metadata` of a state dict) are of no use to a reader and are dropped. */
function build(machine: PickleMachine): void {
  const state = machine.pop();
  const target = machine.top();
  if (target instanceof PickledObject) {
    if (target.is_built) machine.fail('The attributes of an object come twice.');
    target.state = state;
    target.is_built = true;
  } else if (target instanceof PickledStorage || !(isKind(target, 'dict') || isKind(target, 'tensor'))) {
    machine.fail('Attributes are given to what has none.');
  }
}
