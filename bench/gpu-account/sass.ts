// What the compiler made of the device kernels: cuobjdump's listings as numbers. Parses text, runs nothing.
import { z } from 'zod';

/** How many instructions of a kind a piece of code has, and how many bytes a thread moves with them. */
export interface InstructionCounts {
  all: number;
  fma: number;
  globalLoads: number;
  globalLoadBytes: number;
  sharedAccesses: number;
  sharedBytes: number;
  localAccesses: number;
  shuffles: number;
  barriers: number;
}

/** The innermost loops of a kernel, each once. */
export interface KernelCode {
  name: string;
  whole: InstructionCounts;
  loops: InstructionCounts[];
}

export interface KernelResources {
  name: string;
  registers: number;
  stackBytes: number;
  sharedBytes: number;
}

interface Instruction {
  address: number;
  operation: string;
  operands: string;
}

const instructionLine = /^\s*\/\*([0-9a-f]+)\*\/\s+(?:@!?U?P\w+\s+)?([A-Z][\w.]*)\s*([^;]*);/;
const number = z.coerce.number().int();

/** Bytes that one thread moves with an instruction such as LDG.E.128. */
function width(operation: string): number {
  if (operation.includes('.128')) return 16;
  if (operation.includes('.64')) return 8;
  if (/\.[US]?16/.test(operation)) return 2;
  return /\.[US]8/.test(operation) ? 1 : 4;
}

export function countInstructions(instructions: readonly { operation: string }[]): InstructionCounts {
  const counts: InstructionCounts = {
    all: instructions.length,
    fma: 0,
    globalLoads: 0,
    globalLoadBytes: 0,
    sharedAccesses: 0,
    sharedBytes: 0,
    localAccesses: 0,
    shuffles: 0,
    barriers: 0,
  };
  for (const { operation } of instructions) {
    if (/^(FFMA2?|DFMA)\b/.test(operation)) counts.fma += operation.startsWith('FFMA2') ? 2 : 1;
    if (/^(LDG|LD)\./.test(operation)) {
      counts.globalLoads += 1;
      counts.globalLoadBytes += width(operation);
    }
    if (/^(LDS|STS)\b/.test(operation)) {
      counts.sharedAccesses += 1;
      counts.sharedBytes += width(operation);
    }
    if (/^(LDL|STL)\b/.test(operation)) counts.localAccesses += 1;
    if (/^SHFL\b/.test(operation)) counts.shuffles += 1;
    if (/^BAR\b/.test(operation)) counts.barriers += 1;
  }
  return counts;
}

/** A branch back to an earlier address closes a loop; an innermost one holds no other. */
function innermostLoops(instructions: readonly Instruction[]): InstructionCounts[] {
  const loops = instructions.flatMap((instruction) => {
    if (!instruction.operation.startsWith('BRA')) return [];
    const target = /0x([0-9a-f]+)/.exec(instruction.operands)?.[1];
    const first = target === undefined ? instruction.address : Number.parseInt(target, 16);
    return first < instruction.address ? [{ first, last: instruction.address }] : [];
  });
  const isInnermost = (loop: { first: number; last: number }): boolean =>
    !loops.some((other) => other !== loop && other.first >= loop.first && other.last <= loop.last);
  return loops
    .filter(isInnermost)
    .map((loop) =>
      countInstructions(instructions.filter(({ address }) => address >= loop.first && address <= loop.last)),
    );
}

/** Of `cuobjdump -sass`. */
export function parseSass(text: string): KernelCode[] {
  return text.split(/\bFunction : /).flatMap((part, index) => {
    if (index === 0) return [];
    const lines = part.split('\n');
    const instructions = lines.flatMap((line): Instruction[] => {
      const match = instructionLine.exec(line);
      const [, address, operation, operands] = match ?? [];
      if (address === undefined || operation === undefined || operands === undefined || operation === 'NOP') return [];
      return [{ address: Number.parseInt(address, 16), operation, operands }];
    });
    return [
      {
        name: (lines[0] ?? '').trim(),
        whole: countInstructions(instructions),
        loops: innermostLoops(instructions),
      },
    ];
  });
}

/** Of `cuobjdump -res-usage`. */
export function parseResources(text: string): KernelResources[] {
  const pattern = /Function (\S+):\s*\n\s*REG:(\d+) STACK:(\d+) SHARED:(\d+)/g;
  return [...text.matchAll(pattern)].map(([, name, registers, stack, shared]) => ({
    name: z.string().parse(name),
    registers: number.parse(registers),
    stackBytes: number.parse(stack),
    sharedBytes: number.parse(shared),
  }));
}
