import { createHash, randomUUID } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { fieldBytes } from '@spillway/queue';
import type { Request } from 'express';
import { type Deps, localTenant as tenant } from './deps.js';
import { HttpError } from './http-error.js';

export interface Taken {
  /** where the bytes wait */
  readonly upload: string;
  /** sha256 of the bytes */
  readonly hash: string;
  readonly bytes: number;
}

/** Takes the body into Redis in fields of 1 MB as it arrives; the file is never whole in this process. */
export async function takeUpload({ settings, uploads }: Deps, req: Request): Promise<Taken> {
  const tooLarge = () => new HttpError(413, 'too_large', `an upload may have ${settings.uploadBytes} bytes`);
  if (Number(req.get('Content-Length') ?? 0) > settings.uploadBytes) throw tooLarge();
  const upload = randomUUID();
  const hash = createHash('sha256');
  let pending: Buffer[] = [];
  let held = 0;
  let bytes = 0;
  let field = 0;
  const put = async (part: Buffer) => uploads.put(tenant, upload, field++, part);
  try {
    // Not destroyed when it is refused: the answer goes out on the same connection.
    for await (const piece of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > settings.uploadBytes) throw tooLarge();
      hash.update(piece);
      pending.push(piece);
      held += piece.length;
      while (held >= fieldBytes) {
        const all = Buffer.concat(pending);
        await put(all.subarray(0, fieldBytes));
        pending = [all.subarray(fieldBytes)];
        held = all.length - fieldBytes;
      }
    }
    if (held > 0 || field === 0) await put(Buffer.concat(pending));
  } catch (error) {
    await uploads.drop(tenant, upload).catch(() => {});
    await readOut(req);
    throw error;
  }
  return { upload, hash: hash.digest('hex'), bytes };
}

/** Many clients read no answer before they have sent all: what still comes is let go by, for a second at most. */
async function readOut(req: Request): Promise<void> {
  req.resume();
  await Promise.race([finished(req).catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1_000))]);
}
