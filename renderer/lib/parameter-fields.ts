// The form of a task, read from its schema in contracts/: kinds, bounds, choices and defaults are written nowhere else.
import { z } from 'zod';

export type ParameterField = {
  /** Path inside the parameters, joined by dots: `fmax`, `model_options.cutoff_A`. */
  readonly path: string;
  /** Last part of the path: the key of label, unit and help text. */
  readonly name: string;
} & (
  | {
      readonly kind: 'number';
      readonly isInteger: boolean;
      readonly minimum: number | null;
      readonly maximum: number | null;
      readonly initial: number | null;
    }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly initial: string | null }
  | { readonly kind: 'switch'; readonly initial: boolean | null }
);

const nodeSchema = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.unknown().optional(),
  get properties() {
    return z.record(z.string(), nodeSchema).optional();
  },
});
type Node = z.infer<typeof nodeSchema>;

/** zod states the bounds of a safe integer for every integer; they tell the user nothing. */
function userBound(bound: number | undefined): number | null {
  return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? null : bound;
}

function describeNode(path: string, name: string, node: Node): ParameterField[] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, child]) => describeNode(`${path}.${key}`, key, child));
  }
  const initial = node.default;
  if (node.enum !== undefined) {
    return [{ path, name, kind: 'choice', choices: node.enum, initial: typeof initial === 'string' ? initial : null }];
  }
  if (node.type === 'boolean') {
    return [{ path, name, kind: 'switch', initial: typeof initial === 'boolean' ? initial : null }];
  }
  if (node.type === 'number' || node.type === 'integer') {
    return [
      {
        path,
        name,
        kind: 'number',
        isInteger: node.type === 'integer',
        minimum: userBound(node.minimum),
        maximum: userBound(node.maximum),
        initial: typeof initial === 'number' ? initial : null,
      },
    ];
  }
  return [];
}

/** Fields in the order of the schema; nested objects are flattened. */
export function parameterFields(parameters: z.ZodType): ParameterField[] {
  const root = nodeSchema.parse(z.toJSONSchema(parameters, { io: 'input' }));
  return Object.entries(root.properties ?? {}).flatMap(([key, node]) => describeNode(key, key, node));
}

/** What the user has typed or chosen; a field that is absent keeps its default. */
export type Draft = Readonly<Record<string, string | boolean>>;

/** The parameters object of a draft: numbers parsed, empty fields left to their defaults. Text that is no number stays text, and the schema refuses it. */
export function parametersOf(fields: readonly ParameterField[], draft: Draft): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const field of fields) {
    const entry = draft[field.path];
    if (entry === undefined || entry === '') continue;
    const value = field.kind === 'number' && typeof entry === 'string' ? numberOrText(entry) : entry;
    setAt(parameters, field.path.split('.'), value);
  }
  return parameters;
}

function numberOrText(text: string): number | string {
  const value = Number(text.trim().replace('−', '-'));
  return Number.isFinite(value) ? value : text;
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const child: Record<string, unknown> = isRecord(target[head]) ? target[head] : {};
  target[head] = child;
  setAt(child, rest, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
