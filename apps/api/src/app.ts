import { isLoopback } from '@spillway/settings';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import swaggerUi from 'swagger-ui-express';
import { answerErrors } from './answer-errors.js';
import type { Deps } from './deps.js';
import { HttpError } from './http-error.js';
import { openApi } from './openapi.js';
import { requireMedia } from './read-body.js';
import { requestLog } from './request-log.js';
import type { Route } from './route.js';
import { analysisRoutes } from './routes/analyses.js';
import { datasetRoutes } from './routes/datasets.js';
import { healthRoutes } from './routes/health.js';
import { jobRoutes } from './routes/jobs.js';
import { sweepRoutes } from './routes/sweeps.js';
import { weightsRoutes } from './routes/weights.js';

/** The front door: parse, look up, submit, answer. */
export function makeApp(deps: Deps): Express {
  const { settings, registry, core, metrics, log } = deps;
  const routes = [
    ...datasetRoutes(deps),
    ...weightsRoutes(deps),
    ...analysisRoutes(deps),
    ...jobRoutes(deps),
    ...sweepRoutes(deps),
    ...healthRoutes(deps),
  ];

  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet());
  app.use(metrics.countRequests);
  app.use(requestLog(log));
  if (!settings.open) app.use(refuseOtherHosts);

  const json = [takesJson, express.json({ limit: settings.jsonBytes, inflate: false })];
  for (const route of routes) {
    const takesBody = route.body !== undefined && !Array.isArray(route.body);
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    const named = (_req: Request, res: Response, next: NextFunction) => {
      res.locals.route = route.path;
      next();
    };
    app[route.method](path, named, ...(takesBody ? json : []), async (req: Request, res: Response) => route.handle(req, res));
  }

  const document = openApi(routes, registry, core);
  app.get('/openapi.json', (_req, res) => void res.json(document));
  app.use('/docs', swaggerUi.serve, swaggerUi.setup(document));

  app.use((req: Request) => {
    const allowed = routes.filter((route) => matches(route, req.path)).map((route) => route.method.toUpperCase());
    if (allowed.length > 0) throw new HttpError(405, 'method_not_allowed', `${req.path} takes ${allowed.join(', ')}`);
    throw new HttpError(404, 'no_such_path', `nothing at ${req.path}; see /docs`);
  });
  app.use(answerErrors(log));
  return app;
}

function takesJson(req: Request, _res: Response, next: NextFunction): void {
  requireMedia(req, ['application/json']);
  next();
}

/** Until keys exist whoever reaches us may use us: a page of another site must not reach us through the user's browser. */
function refuseOtherHosts(req: Request, _res: Response, next: NextFunction): void {
  if (!isLoopback(req.hostname ?? '')) {
    throw new HttpError(421, 'other_host', `this service answers to localhost only, not to ${req.hostname}`);
  }
  next();
}

const matches = (route: Route, path: string) => new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
