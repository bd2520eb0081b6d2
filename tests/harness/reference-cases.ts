import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// biome-ignore lint/suspicious/noExplicitAny: the fields differ from case to case
export type ReferenceCase = any;

export interface ReferenceArea {
  /** where the cases and their data are; not to be read when absent */
  readonly folder: string;
  readonly present: boolean;
  /** none when absent */
  readonly cases: readonly ReferenceCase[];
  /** @throws when there is no such case */
  caseOf(id: string): ReferenceCase;
}

/**
 * Cases of other programs' numbers, in the folder that `SPILLWAY_REFERENCE` names. They are not in the repository: where the folder
 * is absent a test says so on standard error, and where it is named but not there a test fails. Nothing passes in silence.
 *
 * @param area  `panel`, `spatial`, …
 * @param what  whose cases they are, for the words
 */
export function referenceArea(area: string, what: string): ReferenceArea {
  const root = process.env.SPILLWAY_REFERENCE;
  const folder = join(root ?? '', area);
  const present = root !== undefined && root !== '' && existsSync(join(folder, 'cases.json'));
  const cases: readonly ReferenceCase[] = present ? JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')).cases : [];
  if (!present) {
    test(`reference cases of ${what}`, () => {
      process.stderr.write(
        `${area} reference cases (${what}): ABSENT, none checked. Set SPILLWAY_REFERENCE to the folder that holds them.\n`,
      );
      expect(root ?? '').toBe(''); // named, but not there
    });
  }
  return {
    folder,
    present,
    cases,
    caseOf(id) {
      const found = cases.find((candidate) => candidate.id === id);
      if (found === undefined) throw new Error(`no reference case ${id}`);
      return found;
    },
  };
}
