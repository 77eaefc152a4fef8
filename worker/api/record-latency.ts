// How long answers take, told to whoever watches over it. Not of streams, which last as long as somebody listens, and not of
// files, which last as long as the line is slow.
import { Router } from 'express';
import type { Response } from 'express';
import type { LatencyRecorder } from '../service/latency-recorder.ts';

export function recordLatency(router: Router, latency: Pick<LatencyRecorder, 'record'>): Router {
  const recorded = Router();
  recorded.use((request, response, next) => {
    const began = performance.now();
    const isForm = request.headers['content-type']?.startsWith('multipart/form-data') === true;
    response.once('finish', () => {
      if (!isForm && isJson(response)) latency.record(performance.now() - began);
    });
    next();
  });
  recorded.use(router);
  return recorded;
}

function isJson(response: Response): boolean {
  return String(response.getHeader('Content-Type')).startsWith('application/json');
}
