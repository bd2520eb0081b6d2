import { existsSync, readFileSync } from 'node:fs';
import { referenceArea } from '../harness/reference-cases.js';
import { panelLedger } from './panel-ledger.js';

const { present, cases } = referenceArea('panel', 'the panel toolbox, one by one');

(present ? test : test.skip)('every case of the panel toolbox is accounted for, and no other', () => {
  expect(cases.map(({ id }) => id).sort()).toEqual([...panelLedger.keys()].sort());
});

test('files that are said to test a case are there, and hold themselves to the list', () => {
  for (const entry of panelLedger.values()) {
    if (!('tested' in entry)) continue;
    const file = new URL(entry.tested, import.meta.url);
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(`testedIn('${entry.tested}')`);
  }
});
