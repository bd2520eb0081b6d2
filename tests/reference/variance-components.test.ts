import { readFileSync } from 'node:fs';
import { makeSpec, panelFromCsv, registry, runLocally } from '@spillway/core';

/** Values written by fixtures/variance-components.R (plm). */
const root = new URL('../..', import.meta.url);
const { cases, periods } = JSON.parse(readFileSync(new URL('tests/fixtures/variance-components.json', root), 'utf8'));

const methods: Readonly<Record<string, string>> = {
  swar: 'swamy-arora',
  walhus: 'wallace-hussain',
  amemiya: 'wansbeek-kapteyn',
  nerlove: 'nerlove',
};
const formulas: Readonly<Record<string, string>> = {
  'grunfeld.csv': 'inv ~ value + capital',
  'empluk.csv': 'log(emp) ~ log(wage) + log(capital) + log(output)',
};

/** 1e-8: sums of some hundred squares in two orders, and a difference of two of them. */
const close = (got: number, wanted: number) => expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-8 * Math.abs(wanted));

test.each(
  cases as readonly {
    data: string;
    method: string;
    idiosyncratic: number;
    entity: number;
    coefficients: number[];
    standardErrors: number[];
  }[],
)('$method on $data', ({ data, method, idiosyncratic, entity, coefficients, standardErrors }) => {
  const panel = panelFromCsv(readFileSync(new URL(`data/${data}`, root)), { entity: 'firm', time: 'year' });
  const params = {
    formula: formulas[data],
    estimators: 'random-effects',
    covariance: 'classical',
    varianceComponents: { method: methods[method], unbalanced: 'baltagi-chang' },
  };
  const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: data, params, seed: 1 }, 'test');
  const { columns } = JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
  const { fitted } = columns[0];
  close(fitted.variance.idiosyncratic, idiosyncratic);
  close(fitted.variance.entity, entity);
  expect(fitted.coefficients).toHaveLength(coefficients.length);
  fitted.coefficients.forEach(({ estimate, standardError }: { estimate: number; standardError: number }, j: number) => {
    close(estimate, coefficients[j]);
    close(standardError, standardErrors[j]);
  });
});

test('period dummies of a balanced panel cost Swamy–Arora no entity: components, slopes and Hausman as plm', () => {
  const panel = panelFromCsv(readFileSync(new URL(`data/${periods.data}`, root)), { entity: 'firm', time: 'year' });
  const run = (analysis: string, params: object) => {
    const spec = makeSpec(registry, { analysis, dataset: periods.data, params, seed: 1 }, 'test');
    return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
  };
  const formula = 'inv ~ value + capital + i(year)';
  const { fitted } = run('panel-regression', { formula, estimators: 'random-effects' }).columns[0];
  close(fitted.variance.idiosyncratic, periods.idiosyncratic);
  close(fitted.variance.entity, periods.entity);
  for (const [j, slope] of periods.slopes.entries()) close(fitted.coefficients[j + 1].estimate, slope);
  const { tests } = run('panel-tests', { formula: 'inv ~ value + capital | firm + year', tests: 'hausman' });
  close(tests[0].statistic, periods.hausman);
});
