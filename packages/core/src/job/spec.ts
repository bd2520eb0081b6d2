import type { z } from 'zod';
import type { AnyAnalysis, Registry } from '../analyses/registry.js';
import { InputError, type Problem } from '../errors.js';
import { didYouMean } from '../suggest.js';
import { canonicalJson, sha256 } from './canonical.js';
import { escapeToken } from './wire.js';

/** What determines a job's numbers, all of it: equal specs give equal bytes. */
export interface JobSpec {
  readonly analysis: string;
  readonly version: number;
  /** which build of the core computes it, see `coreIdentity` */
  readonly core: string;
  /** hash of the panel */
  readonly dataset: string;
  /** hashes of spatial weights by the names that formulas give them; absent when there are none */
  readonly weights?: Readonly<Record<string, string>> | undefined;
  /** canonical: parsed, defaults filled in */
  readonly params: unknown;
  /** 0 … 2⁵³ − 1 */
  readonly seed: number;
}

export interface JobRequest {
  readonly analysis: string;
  readonly dataset: string;
  /** a hash, which formulas call `W`, or hashes by name */
  readonly weights?: string | Readonly<Record<string, string>> | undefined;
  readonly params: unknown;
  readonly seed?: number | undefined;
}

/** The analysis of this name, or an InputError that names the nearest. */
export function findAnalysis(registry: Registry, name: string): AnyAnalysis {
  const analysis = registry.get(name);
  if (analysis) return analysis;
  const known = [...registry.keys()];
  throw InputError.one(
    'unknown_analysis',
    `no analysis named "${name}"${didYouMean(name, known) || `; there are ${known.join(', ')}`}`,
    '/analysis',
  );
}

/**
 * The spec of a request: params parsed by the analysis' own schema, the seed as given or derived from everything else.
 * @throws InputError with a JSON pointer for each thing that does not fit the schema
 */
export function makeSpec(registry: Registry, request: JobRequest, core: string): JobSpec {
  const analysis = findAnalysis(registry, request.analysis);
  const parsed = analysis.params.safeParse(request.params);
  if (!parsed.success) {
    const problems = plainIssues(parsed.error.issues, []).map(toProblem);
    throw new InputError(problems as [Problem, ...Problem[]]);
  }
  // Through JSON once, so that what is stored, hashed and computed from is the same value.
  const params: unknown = JSON.parse(canonicalJson(parsed.data));
  const weights = typeof request.weights === 'string' ? { W: request.weights } : (request.weights ?? {});
  const named = Object.keys(weights).length > 0 ? { weights } : {};
  const rest = { analysis: analysis.name, version: analysis.version, core, dataset: request.dataset, ...named, params };
  return { ...rest, seed: request.seed ?? derivedSeed(rest) };
}

/** The hashes of everything that a job reads. */
export const hashesOf = ({ dataset, weights = {} }: Pick<JobSpec, 'dataset' | 'weights'>): string[] => [
  ...new Set([dataset, ...Object.values(weights)]),
];

/** Issues without unions: of the alternatives of a union, the one that got furthest says what is wrong. */
function plainIssues(issues: readonly z.core.$ZodIssue[], path: readonly PropertyKey[]): z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    const at = [...path, ...issue.path];
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ ...issue, path: at }];
    const meant = issue.errors.filter(
      (errors) => !errors.some((error) => error.code === 'invalid_type' && error.path.length === 0),
    );
    return meant.length === 1 ? plainIssues(meant[0], at) : [{ ...issue, path: at }];
  });
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  return {
    pointer: ['/params', ...issue.path.map((step) => escapeToken(String(step)))].join('/'),
    code: issue.code === 'custom' && typeof issue.params?.code === 'string' ? issue.params.code : 'invalid_params',
    message: issue.message,
  };
}

/** The default seed: the first 52 bits of the spec's hash, without the core's build, so that a new build repeats the draws. */
function derivedSeed({ core: _, ...rest }: Omit<JobSpec, 'seed'>): number {
  return Number.parseInt(sha256(canonicalJson(rest)).slice(0, 13), 16);
}

/** The job of this tenant with this spec: 128 bits of their hash. Submitting again finds it. */
export function jobId(tenant: string, spec: JobSpec): string {
  return sha256(canonicalJson({ tenant, ...spec })).slice(0, 32);
}
