// The form of a task, read from its schema in contracts/: kinds, bounds, choices and defaults are written nowhere else.
import { z } from 'zod';

export interface NumberRange {
  readonly isInteger: boolean;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly initial: number | null;
}

export type ParameterField = {
  /** Path inside the parameters, joined by dots: `fmax`, `model_options.cutoff_A`. */
  readonly path: string;
  /** Last part of the path: the key of label, unit and help text. */
  readonly name: string;
} & (
  | ({ readonly kind: 'number' } & NumberRange)
  /** Numbers side by side: a supercell, a range. The draft of the i-th stands under `path.i`. */
  | { readonly kind: 'vector'; readonly components: readonly NumberRange[] }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly initial: string | null }
  | { readonly kind: 'switch'; readonly initial: boolean | null }
);

const nodeSchema = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  default: z.unknown().optional(),
  get prefixItems() {
    return z.array(nodeSchema).optional();
  },
  get properties() {
    return z.record(z.string(), nodeSchema).optional();
  },
  get anyOf() {
    return z.array(nodeSchema).optional();
  },
});
type Node = z.infer<typeof nodeSchema>;

/** zod states the bounds of a safe integer for every integer; they tell the user nothing. */
function userBound(bound: number | undefined): number | null {
  return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? null : bound;
}

function rangeOf(node: Node, initial: unknown): NumberRange {
  return {
    isInteger: node.type === 'integer',
    minimum: userBound(node.minimum ?? node.exclusiveMinimum),
    maximum: userBound(node.maximum),
    initial: typeof initial === 'number' ? initial : null,
  };
}

function describeNode(path: string, name: string, node: Node): ParameterField[] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, child]) => describeNode(`${path}.${key}`, key, child));
  }
  const typed = typedChoice(node);
  if (typed !== null) return describeNode(path, name, typed);
  const initial = node.default;
  if (node.enum !== undefined) {
    return [{ path, name, kind: 'choice', choices: node.enum, initial: typeof initial === 'string' ? initial : null }];
  }
  if (node.type === 'boolean') {
    return [{ path, name, kind: 'switch', initial: typeof initial === 'boolean' ? initial : null }];
  }
  if (node.type === 'number' || node.type === 'integer') {
    return [{ path, name, kind: 'number', ...rangeOf(node, initial) }];
  }
  if (node.prefixItems !== undefined) {
    const initials: readonly unknown[] = Array.isArray(initial) ? initial : [];
    return [{ path, name, kind: 'vector', components: node.prefixItems.map((item, i) => rangeOf(item, initials[i])) }];
  }
  return [];
}

/** Of a value that is typed or else left to the program (`auto`, null): what can be typed. Other choices between shapes are for scripts. */
function typedChoice({ anyOf = [], default: initial }: Node): Node | null {
  const typed = anyOf.filter(({ type }) => type !== 'null' && type !== 'string');
  const [only] = typed;
  return typed.length !== 1 || only === undefined ? null : { ...only, default: initial };
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
    const value = valueOf(field, draft);
    if (value !== undefined) setAt(parameters, field.path.split('.'), value);
  }
  return parameters;
}

/** undefined where nothing was entered. */
function valueOf(field: ParameterField, draft: Draft): unknown {
  if (field.kind === 'vector') {
    const entries = field.components.map(
      ({ initial, minimum }, i) => entered(draft[`${field.path}.${i}`]) ?? initial ?? minimum,
    );
    const isTouched = field.components.some((_, i) => entered(draft[`${field.path}.${i}`]) !== undefined);
    return isTouched ? entries : undefined;
  }
  const entry = draft[field.path];
  if (entry === undefined || entry === '') return undefined;
  return field.kind === 'number' ? entered(entry) : entry;
}

function entered(entry: string | boolean | undefined): number | string | undefined {
  return typeof entry !== 'string' || entry.trim() === '' ? undefined : numberOrText(entry);
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
