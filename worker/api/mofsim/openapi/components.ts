// From zod to the components of an OpenAPI document. A schema that has a name stands there once; where what a client may send
// (defaults need not) differs from what it gets, there are two, and the one for requests is called `…Input`.
import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;
export type Direction = 'request' | 'answer';

export interface Components {
  /** A reference to the schema, which is listed under `name` unless it has a name already. */
  refer(schema: z.ZodType, name: string, direction: Direction): JsonSchema;
  /** The properties of an object schema that is no component: parameters. */
  propertiesOf(schema: z.ZodType): { name: string; required: boolean; schema: JsonSchema }[];
  /** Call last: `document` with its references made final, and the components that it needs. */
  finish(document: JsonSchema): JsonSchema;
}

const PREFIX = '#/components/schemas/';
/** Stands for a component of a request until it is known whether it needs a name of its own. */
const REQUEST_PREFIX = '#request/';

/** @param named schemas that are used in several places, under the names that readers shall see */
export function createComponents(named: Readonly<Record<string, z.ZodType>>): Components {
  const names = new Map<z.ZodType, string>(Object.entries(named).map(([name, schema]) => [schema, name]));

  return {
    refer: (schema, name, direction) => {
      const id = names.get(schema) ?? name;
      if (!names.has(schema)) {
        if ([...names.values()].includes(name)) throw new Error(`Two schemas are called ${name}.`);
        names.set(schema, name);
      }
      return { $ref: (direction === 'request' ? REQUEST_PREFIX : PREFIX) + id };
    },

    propertiesOf: (schema) => {
      const { properties = {}, required = [] } = z.toJSONSchema(schema, { ...JSON_SCHEMA_OPTIONS, io: 'input' });
      return Object.entries(properties).map(([name, property]) => {
        const { description, ...rest } = jsonObjectSchema.parse(property);
        return {
          name,
          required: required.includes(name),
          ...(description === undefined ? {} : { description }),
          schema: rest,
        };
      });
    },

    finish: (document) => {
      const registry = z.registry<{ id: string }>();
      for (const [schema, id] of names) registry.add(schema, { id });
      const answers = toJsonSchemas(registry, 'output', PREFIX);
      const requests = toJsonSchemas(registry, 'input', REQUEST_PREFIX);
      return withComponents(document, answers, requests);
    },
  };
}

type Schemas = Readonly<Record<string, JsonSchema>>;

function withComponents(document: JsonSchema, answers: Schemas, requests: Schemas): JsonSchema {
  const answered = reachable(document, answers, PREFIX);
  const requested = reachable(document, requests, REQUEST_PREFIX);
  const twofold = differing(
    [...answered].filter((id) => requested.has(id)),
    answers,
    requests,
  );
  const requestName = (id: string): string => (twofold.has(id) ? `${id}Input` : id);
  const finalize = (schema: JsonSchema): JsonSchema =>
    mapReferences(schema, (reference) =>
      reference.startsWith(REQUEST_PREFIX) ? PREFIX + requestName(reference.slice(REQUEST_PREFIX.length)) : reference,
    );
  const schemas = [
    ...[...answered].map((id) => [id, answers[id]] as const),
    ...[...requested].map((id) => [requestName(id), finalize(requests[id] ?? {})] as const),
  ];
  const components = Object.fromEntries(schemas.sort(([a], [b]) => (a < b ? -1 : 1)));
  const { components: others = {}, ...rest } = finalize(document);
  return { ...rest, components: { ...jsonObjectSchema.parse(others), schemas: components } };
}

/** Ids that `document` refers to with this prefix, and what those refer to. */
function reachable(document: JsonSchema, schemas: Schemas, prefix: string): Set<string> {
  const found = new Set<string>();
  const visit = (schema: JsonSchema): void => {
    for (const reference of referencesOf(schema)) {
      const id = reference.slice(prefix.length);
      if (!reference.startsWith(prefix) || found.has(id)) continue;
      found.add(id);
      visit(schemas[id] ?? {});
    }
  };
  visit(document);
  return found;
}

/** Those that are not the same in both directions, or hold such a one. */
function differing(ids: readonly string[], answers: Schemas, requests: Schemas): Set<string> {
  const idOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);
  const text = (schema: JsonSchema = {}): string => JSON.stringify(mapReferences(schema, idOf));
  const found = new Set(ids.filter((id) => text(answers[id]) !== text(requests[id])));
  let before: number;
  do {
    before = found.size;
    for (const id of ids) {
      if (referencesOf(answers[id] ?? {}).some((reference) => found.has(idOf(reference)))) found.add(id);
    }
  } while (found.size > before);
  return found;
}

function referencesOf(schema: JsonSchema): string[] {
  const found: string[] = [];
  mapReferences(schema, (reference) => {
    found.push(reference);
    return reference;
  });
  return found;
}

function mapReferences(schema: JsonSchema, rename: (reference: string) => string): JsonSchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? rename(value) : value,
  );
  return jsonObjectSchema.parse(JSON.parse(text));
}

const jsonObjectSchema = z.record(z.string(), z.unknown());

/** How every JSON Schema of this API is made. */
export const JSON_SCHEMA_OPTIONS = { target: 'draft-2020-12', override: tidy } as const;

function toJsonSchemas(registry: z.core.$ZodRegistry<{ id: string }>, io: 'input' | 'output', prefix: string): Schemas {
  const { schemas } = z.toJSONSchema(registry, { ...JSON_SCHEMA_OPTIONS, io, uri: (id) => prefix + id });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutAddress(schema)]));
}

/** Where a component stands is its name. */
function withoutAddress(schema: object): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}

/** Leaves out what tells a reader nothing, and lets answers grow fields. */
function tidy({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const { def } = zodSchema._zod;
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
  if (def.type === 'record') delete jsonSchema.propertyNames;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}
