/** Written over in the build by `scripts/stamp-core.mjs`: package version and sha256 of the built files and locked dependencies. */
export const coreBuild: string = 'unstamped';

/**
 * What must be equal for two processes to give the same bits: core's build and the major version of Node, whose
 * mathematical functions may change with it. Letters, digits, `-` only, for it stands in queue names.
 */
export function coreIdentity(nodeVersion: string): string {
  const major = /^v?(\d+)/.exec(nodeVersion)?.[1];
  if (major === undefined) throw new TypeError(`not a Node version: ${nodeVersion}`);
  return `${coreBuild}-node${major}`;
}
