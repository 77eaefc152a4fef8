// zod compiles object schemas with `new Function` unless told not to; the page's content security policy forbids that.
// Imported before any schema is built.
import { config } from 'zod';

config({ jitless: true });
