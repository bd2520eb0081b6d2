/** A request on files that ship, and what its result must be. */
export interface Golden {
  readonly analysis: string;
  readonly version: number;
  readonly data: string;
  readonly file: { readonly entity: string; readonly time: string };
  readonly weights?: { readonly file: string; readonly options: unknown };
  readonly params: unknown;
  readonly sha256: string;
}
export function goldenHash(entry: Golden): Pick<Golden, 'version' | 'sha256'>;
