import { createHmac } from 'node:crypto';

/** The key inside a secret as settings have it: `whsec_` and base64. */
const keyOf = (secret: string) => Buffer.from(secret.slice('whsec_'.length), 'base64');

/**
 * The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, once for each secret.
 *
 * @param timestamp seconds since 1970
 * @see Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookSignature(secrets: readonly string[], id: string, timestamp: number, body: string): string {
  const sign = (secret: string) => createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return secrets.map((secret) => `v1,${sign(secret)}`).join(' ');
}
