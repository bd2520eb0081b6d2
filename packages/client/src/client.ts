import {
  type AnalysisDetail,
  type AnalysisEntry,
  analysisDetail,
  analysisList,
  type Dataset,
  dataset,
  datasetList,
  type Job,
  type JobList,
  job,
  jobList,
  type PendingUpload,
  pendingUpload,
  type SubmitJob,
  type SubmitSweep,
  type SweepItems,
  sweepItems,
  type UploadQuery,
  type Weights,
  type WeightsList,
  weights,
  weightsList,
} from '@spillway/contracts';
import { type Answer, type RequestOptions, type RetryPolicy, request, retryAfterMs } from './request.js';
import { wait } from './wait.js';
import { type WatchOptions, watch } from './watch.js';

export interface ClientOptions {
  /** default: fetch of the platform */
  readonly fetch?: typeof fetch;
  readonly retry?: Partial<RetryPolicy>;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface UploadOptions extends UploadQuery, CallOptions {
  /** what the bytes are; default `text/csv` */
  readonly contentType?: string;
}

/** How a file becomes weights: the query of `POST /v1/weights`, `kind` first of all. */
export interface WeightsUploadOptions extends CallOptions {
  readonly kind: string;
  readonly name?: string;
  /** what the bytes are; default `text/csv` */
  readonly contentType?: string;
  readonly [option: string]: unknown;
}

/** A document of the service: its exact bytes, and what they say. */
export interface Document {
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

export type ResultFormat = 'json' | 'csv' | 'md' | 'html' | 'latex' | 'docx';

const defaultRetry: RetryPolicy = { retries: 5, longestWaitMs: 30_000, timeoutMs: 120_000 };
const uploadPollMs = 500;

/** What turns an unknown value into a T or throws: every schema of the contracts. */
interface Schema<T> {
  parse(value: unknown): T;
}

const exactBytes = new WeakMap<object, Uint8Array>();

/** The exact bytes that the service answered with, of any value that the client returned. */
export function bytesOf(value: object): Uint8Array {
  const bytes = exactBytes.get(value);
  if (!bytes) throw new TypeError('not an answer of the client');
  return bytes;
}

function read<T extends object>(schema: Schema<T>, { bytes }: Answer): T {
  const value = schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  exactBytes.set(value, bytes);
  return value;
}

/**
 * Spillway over HTTP. Every method throws ProblemError when the service refuses, ConnectionError when it cannot be
 * reached; 503 is repeated as its Retry-After asks, a bounded number of times.
 */
export class SpillwayClient {
  readonly baseUrl: string;
  readonly #fetch: typeof fetch;
  readonly #retry: RetryPolicy;

  /** @param baseUrl  where the service is, e.g. `http://127.0.0.1:7420` */
  constructor(baseUrl: string, options: ClientOptions = {}) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    this.#fetch = options.fetch ?? fetch;
    this.#retry = { ...defaultRetry, ...options.retry };
  }

  #send(path: string, options: RequestOptions = {}): Promise<Answer> {
    // A path, or the Location of an earlier answer, which may be a whole address.
    const url = URL.canParse(path) ? path : this.baseUrl + path;
    return request(this.#fetch, url, this.#retry, options);
  }

  async listAnalyses(options: CallOptions = {}): Promise<{ data: AnalysisEntry[] }> {
    return read(analysisList, await this.#send('/v1/analyses', options));
  }

  async getAnalysis(name: string, options: CallOptions = {}): Promise<AnalysisDetail> {
    return read(analysisDetail, await this.#send(`/v1/analyses/${encodeURIComponent(name)}`, options));
  }

  /** Uploads a file and waits until it has been read: equal data give the dataset that is there already. */
  async uploadDataset(bytes: Uint8Array, options: UploadOptions): Promise<Dataset> {
    const { signal, contentType = 'text/csv', ...query } = options;
    return this.#upload(`/v1/datasets?${queryString(query)}`, dataset, bytes, contentType, signal);
  }

  /** Uploads spatial weights, or what they are made of, and waits until they are there. */
  async uploadWeights(bytes: Uint8Array, options: WeightsUploadOptions): Promise<Weights> {
    const { signal, contentType = 'text/csv', ...query } = options;
    const path = `/v1/weights?${queryString(query as Record<string, string | number | undefined>)}`;
    return this.#upload(path, weights, bytes, contentType, signal);
  }

  async listWeights(options: CallOptions = {}): Promise<WeightsList> {
    return read(weightsList, await this.#send('/v1/weights', options));
  }

  async getWeights(id: string, options: CallOptions = {}): Promise<Weights> {
    return read(weights, await this.#send(`/v1/weights/${encodeURIComponent(id)}`, options));
  }

  async deleteWeights(id: string, options: CallOptions = {}): Promise<void> {
    await this.#send(`/v1/weights/${encodeURIComponent(id)}`, { ...options, method: 'DELETE' });
  }

  async #upload<T extends { readonly id: string }>(
    path: string,
    schema: Schema<T>,
    bytes: Uint8Array,
    contentType: string,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const headers = { 'Content-Type': contentType };
    let answer = await this.#send(path, { method: 'POST', headers, body: bytes, signal });
    const either: Schema<T | PendingUpload> = {
      parse: (value) => (pendingUpload.safeParse(value).success ? pendingUpload.parse(value) : schema.parse(value)),
    };
    for (let at: string | null = null; ; ) {
      const value = read<T | PendingUpload>(answer.status === 202 ? pendingUpload : either, answer);
      if ('id' in value) return value;
      at = answer.headers.get('Location') ?? at;
      if (at === null) throw new TypeError('the service accepted the upload without saying where to ask for it');
      await wait(retryAfterMs(answer.headers.get('Retry-After'), Date.now()) ?? uploadPollMs, signal);
      answer = await this.#send(at, { signal });
    }
  }

  async listDatasets(options: CallOptions = {}): Promise<{ data: Dataset[] }> {
    return read(datasetList, await this.#send('/v1/datasets', options));
  }

  async getDataset(id: string, options: CallOptions = {}): Promise<Dataset> {
    return read(dataset, await this.#send(`/v1/datasets/${encodeURIComponent(id)}`, options));
  }

  async deleteDataset(id: string, options: CallOptions = {}): Promise<void> {
    await this.#send(`/v1/datasets/${encodeURIComponent(id)}`, { ...options, method: 'DELETE' });
  }

  /** An analysis over a grid, a list or a draw of specifications: a job of the analysis `sweep`. */
  async submitSweep(submission: SubmitSweep, options: CallOptions = {}): Promise<Job> {
    const headers = { 'Content-Type': 'application/json' };
    return read(job, await this.#send('/v1/sweeps', { ...options, method: 'POST', headers, body: JSON.stringify(submission) }));
  }

  /** Items of a sweep, those so far while it runs. */
  async getSweepItems(
    id: string,
    page: { readonly after?: number; readonly limit?: number } & CallOptions = {},
  ): Promise<SweepItems> {
    const { signal, ...query } = page;
    return read(sweepItems, await this.#send(`/v1/sweeps/${encodeURIComponent(id)}/items?${queryString(query)}`, { signal }));
  }

  async getSweepTable(id: string, format: 'csv' | 'json' | 'parquet', options: CallOptions = {}): Promise<Uint8Array> {
    return (await this.#send(`/v1/sweeps/${encodeURIComponent(id)}/table?format=${format}`, options)).bytes;
  }

  /** Equal submissions are one job: the job that is there already comes back with the state it has. */
  async submitJob(submission: SubmitJob, options: CallOptions = {}): Promise<Job> {
    const headers = { 'Content-Type': 'application/json' };
    return read(job, await this.#send('/v1/jobs', { ...options, method: 'POST', headers, body: JSON.stringify(submission) }));
  }

  async listJobs(page: { readonly limit?: number; readonly cursor?: string } & CallOptions = {}): Promise<JobList> {
    const { signal, ...query } = page;
    return read(jobList, await this.#send(`/v1/jobs?${queryString(query)}`, { signal }));
  }

  async getJob(id: string, options: CallOptions = {}): Promise<Job> {
    return read(job, await this.#send(jobPath(id), options));
  }

  async cancelJob(id: string, options: CallOptions = {}): Promise<Job> {
    return read(job, await this.#send(jobPath(id, '/cancel'), { ...options, method: 'POST' }));
  }

  async retryJob(id: string, options: CallOptions = {}): Promise<Job> {
    return read(job, await this.#send(jobPath(id, '/retry'), { ...options, method: 'POST' }));
  }

  /** Forgets a job that has ended, its result with it. */
  async deleteJob(id: string, options: CallOptions = {}): Promise<void> {
    await this.#send(jobPath(id), { ...options, method: 'DELETE' });
  }

  /** The result as stored: these bytes are what its sha256 is of. */
  async getResult(id: string, options: CallOptions = {}): Promise<Document> {
    return documentOf(await this.#send(jobPath(id, '/result'), options));
  }

  /** Tables and figures as data. */
  async getReport(id: string, options: CallOptions = {}): Promise<Document> {
    return documentOf(await this.#send(jobPath(id, '/report'), options));
  }

  /** Tables drawn by the service. */
  async getResultAs(id: string, format: ResultFormat, options: CallOptions = {}): Promise<Uint8Array> {
    return (await this.#send(jobPath(id, `/result?format=${format}`), options)).bytes;
  }

  /** The job each time it changes, until it has ended: see `watch`. */
  watchJob(id: string, options: WatchOptions = {}): AsyncGenerator<Job, void, void> {
    const eventsUrl = this.baseUrl + jobPath(id, '/events');
    return watch({ fetcher: this.#fetch, eventsUrl, getJob: (signal) => this.getJob(id, { signal }) }, options);
  }
}

const jobPath = (id: string, rest = '') => `/v1/jobs/${encodeURIComponent(id)}${rest}`;

function documentOf({ bytes }: Answer): Document {
  return { bytes, value: JSON.parse(new TextDecoder().decode(bytes)) };
}

function queryString(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString();
}
