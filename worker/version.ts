// The version of this application, from the one place where it is written.
import packageJson from '../package.json' with { type: 'json' };

export const APPLICATION_VERSION: string = packageJson.version;
