// /openapi.json and /docs: the API described by itself. The page and its program come with this application, nothing is loaded
// from elsewhere.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { ServiceError } from '../../../contracts/error-code.ts';
import { APPLICATION_VERSION } from '../../version.ts';
import { languageOf } from './envelope.ts';
import type { Language } from './envelope.ts';
import { createOpenApiDocument } from './openapi/document.ts';
import { rawRoute } from './route.ts';
import type { Route } from './route.ts';

const PUBLIC = { method: 'get', tag: 'documentation', scope: 'none', limit: 'none' } as const;
const ASSETS: readonly string[] = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** @param listRoutes every route of the dialect, these included */
export function createDocumentationRoutes(listRoutes: () => readonly Route[]): Route[] {
  const documents = new Map<string, string>();
  /** Made when it is first asked for: the start of the service does not wait for it. */
  const documentIn = (language: Language, server: string): string => {
    const key = `${language} ${server}`;
    const made =
      documents.get(key) ??
      JSON.stringify(createOpenApiDocument({ routes: listRoutes(), language, server, version: APPLICATION_VERSION }));
    documents.set(key, made);
    return made;
  };
  return [
    rawRoute(
      {
        ...PUBLIC,
        path: '/openapi.json',
        operation: 'getOpenApi',
        summary: { zh: 'OpenAPI 3.1 文档', en: 'This API as an OpenAPI 3.1 document' },
        media_type: 'application/json',
        errors: [],
      },
      ({ request, response }) => {
        response
          .vary('Accept-Language')
          .type('application/json')
          .send(documentIn(languageOf(request), request.baseUrl));
      },
    ),
    rawRoute(
      {
        ...PUBLIC,
        path: '/docs',
        operation: 'getDocs',
        summary: { zh: '交互式文档', en: 'Interactive documentation' },
        media_type: 'text/html',
        errors: [],
      },
      ({ request, response }) => {
        response
          .vary('Accept-Language')
          .type('html')
          .send(page(request.baseUrl, languageOf(request)));
      },
    ),
    rawRoute(
      {
        ...PUBLIC,
        path: '/docs/{asset}',
        operation: 'getDocsAsset',
        summary: { zh: '交互式文档的文件', en: 'Files of the interactive documentation' },
        media_type: 'application/octet-stream',
        errors: [40405],
      },
      ({ params, request, response }, next) => {
        const { asset } = params;
        if (asset === START_SCRIPT) {
          response.type('text/javascript').send(startScript(request.baseUrl));
          return;
        }
        if (!ASSETS.includes(asset)) throw new ServiceError(40405, { message: 'There is no such file.', asset });
        response.sendFile(asset, { root: assetFolder(), maxAge: '1d' }, (error: unknown) => {
          if (error !== undefined) next(error);
        });
      },
    ),
  ];
}

function assetFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/swagger-ui.css'));
}

const START_SCRIPT = 'start.js';

function page(base: string, language: Language): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<title>MOFSimBench API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${base}/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="${base}/docs/favicon-32x32.png">
</head>
<body>
<div id="api"></div>
<script src="${base}/docs/swagger-ui-bundle.js"></script>
<script src="${base}/docs/${START_SCRIPT}"></script>
</body>
</html>
`;
}

/** A file of its own, because the content security policy allows no script inside the page. */
function startScript(base: string): string {
  const options = {
    dom_id: '#api',
    url: `${base}/openapi.json`,
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    // The validator of the library's makers would get the address of this service.
    validatorUrl: null,
  };
  return `SwaggerUIBundle(${JSON.stringify(options)});\n`;
}
