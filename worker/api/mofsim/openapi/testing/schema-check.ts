// JSON Schema of an OpenAPI document, as tests use it.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { z } from 'zod';

export type JsonObject = Record<string, unknown>;
export const jsonObjectSchema = z.record(z.string(), z.unknown());

/** Returns what is wrong, as `path message`. */
export type SchemaCheck = (schema: JsonObject, value: unknown) => string[];

/** @param change applied to every object of every schema first */
export function createSchemaCheck(
  schemas: JsonObject,
  change: (schema: JsonObject) => JsonObject = (schema) => schema,
): SchemaCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: { schemas: mapObjects(schemas, change) } });
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(mapObjects(schema, change)).replaceAll('"#/components', '"document#/components');
    const validate = compiled.get(text) ?? ajv.compile(jsonObjectSchema.parse(JSON.parse(text)));
    compiled.set(text, validate);
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
  };
}

/** Fields may be missing, but none may be there that the schema does not name. */
export function fieldsOnly(schema: JsonObject): JsonObject {
  const rest = Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'required'));
  return 'properties' in rest ? { additionalProperties: false, ...rest } : rest;
}

function mapObjects(value: JsonObject, change: (object: JsonObject) => JsonObject): JsonObject {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? change(jsonObjectSchema.parse(inner))
      : inner,
  );
  return jsonObjectSchema.parse(JSON.parse(text));
}
