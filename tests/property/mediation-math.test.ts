import {
  accelerationOf,
  bcaInterval,
  type ConditionalSlope,
  correlationAtZero,
  effectsOf,
  gradientOf,
  indirectAtCorrelation,
  johnsonNeyman,
  leastSquares,
  type MediationErrors,
  PhiloxStream,
  pathStructure,
  productError,
  productTest,
  slopeAt,
  studentTQuantile,
} from '@spillway/core';
import fc from 'fast-check';

const sizes = fc.double({ min: -5, max: 5, noNaN: true }).filter((value) => Math.abs(value) > 0.01);
const errors = fc.double({ min: 0.01, max: 3, noNaN: true });
const close = (got: number, wanted: number, relative = 1e-10, size = Math.abs(wanted)) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * size + 1e-300);

describe('errors of products', () => {
  test('two factors: the printed formulas', () => {
    fc.assert(
      fc.property(sizes, sizes, errors, errors, (a, b, sa, sb) => {
        const factors = [
          { estimate: a, standardError: sa },
          { estimate: b, standardError: sb },
        ];
        const first = b * b * sa * sa + a * a * sb * sb;
        const second = sa * sa * sb * sb;
        close(productError('sobel', factors), Math.sqrt(first));
        close(productError('aroian', factors), Math.sqrt(first + second));
        const goodman = productError('goodman', factors);
        if (first > second * (1 + 1e-9)) close(goodman ** 2, first - second, 1e-9, first);
        if (first < second * (1 - 1e-9)) expect(goodman).toBeNaN();
        const { statistic } = productTest('sobel', factors);
        const [ta, tb] = [a / sa, b / sb];
        close(statistic, (ta * tb) / Math.sqrt(ta * ta + tb * tb));
      }),
    );
  });

  test('any number of factors: Π(μ² + σ²) − Πμ², Πμ² − Π(μ² − σ²), and the gradient’s', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(sizes, errors), { minLength: 1, maxLength: 5 }), (pairs) => {
        const factors = pairs.map(([estimate, standardError]) => ({ estimate, standardError }));
        const product = (of: (b: number, s: number) => number) => pairs.reduce((all, [b, s]) => all * of(b, s), 1);
        const size = product((b, s) => b * b + s * s);
        close(productError('aroian', factors) ** 2, size - product((b) => b * b), 1e-9, size);
        const goodman = product((b) => b * b) - product((b, s) => b * b - s * s);
        if (goodman > 1e-6 * size) close(productError('goodman', factors) ** 2, goodman, 1e-9, size);
        const sobel = pairs.reduce((sum, [, s], j) => sum + (s * product((b) => b)) ** 2 / pairs[j][0] ** 2, 0);
        close(productError('sobel', factors) ** 2, sobel, 1e-9);
      }),
    );
  });

  test('one factor: all three are its own error, and the test is its z', () => {
    for (const method of ['sobel', 'aroian', 'goodman'] as const) {
      const { standardError, statistic } = productTest(method, [{ estimate: 3, standardError: 1.5 }]);
      expect([standardError, statistic]).toEqual([1.5, 2]);
    }
  });
});

describe('paths', () => {
  test('routes: one a mediator side by side, every subset in a chain', () => {
    const names = (kind: 'parallel' | 'serial', n: number) =>
      pathStructure(kind, n).routes.map(({ mediators }) => mediators.join(''));
    expect(names('parallel', 3)).toEqual(['0', '1', '2']);
    expect(names('serial', 3)).toEqual(['0', '1', '2', '01', '02', '12', '012']);
    expect(pathStructure('serial', 3).width).toBe(1 + 2 + 3 + 4);
  });

  test.each(['parallel', 'serial'] as const)(
    '%s: effects are what a change of the treatment does, the gradient its derivative',
    (kind) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 4 }), fc.array(sizes, { minLength: 20, maxLength: 20 }), (J, numbers) => {
          const structure = pathStructure(kind, J);
          const b = Float64Array.from(numbers.slice(0, structure.width));
          // the equations, one after another, at x = 1
          const m: number[] = [];
          for (let j = 0; j < J; j++)
            m.push(
              b[structure.a(j)] + m.reduce((sum, value, l) => sum + (kind === 'serial' ? b[structure.d(j, l)] * value : 0), 0),
            );
          const y = b[structure.direct] + m.reduce((sum, value, j) => sum + b[structure.b(j)] * value, 0);
          const { total, routes, direct, indirect } = effectsOf(structure, b);
          const size = Math.abs(direct) + routes.reduce((sum, route) => sum + Math.abs(route), 0);
          close(total, y, 1e-10, size);
          close(direct + indirect, total, 1e-12, size);
          const gradient = gradientOf(structure, structure.routes, b);
          // a sum of products is linear in each coefficient: a difference is the derivative
          for (let i = 0; i < structure.width; i++) {
            const moved = b.map((value, j) => (j === i ? value + 1 : value));
            close(effectsOf(structure, moved).indirect - indirect, gradient[i], 1e-9, size + Math.abs(gradient[i]) + 1);
          }
        }),
        { numRuns: 40 },
      );
    },
  );
});

describe('correlated errors', () => {
  const cases = fc.record<MediationErrors>({
    a: sizes,
    aError: errors,
    b: sizes,
    bError: errors,
    mediatorSigma: errors,
    outcomeSigma: errors,
    mediatorDf: fc.constant(100),
    outcomeDf: fc.constant(99),
  });

  test('theorem 4: (a σ₁/σ₂){ρ̃ − ρ√((1 − ρ̃²)/(1 − ρ²))}, Sobel’s at ρ = 0, zero at ρ̃', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: -0.95, max: 0.95, noNaN: true }), (of, rho) => {
        const tilde = correlationAtZero(of);
        const sigma1 = of.outcomeSigma / Math.sqrt(1 - tilde * tilde);
        const theorem = ((of.a * sigma1) / of.mediatorSigma) * (tilde - rho * Math.sqrt((1 - tilde * tilde) / (1 - rho * rho)));
        const scale = Math.abs(of.a) * (Math.abs(of.b) + of.outcomeSigma / of.mediatorSigma) * 10;
        close(indirectAtCorrelation(of, rho).estimate, theorem, 1e-9, scale);
        close(
          indirectAtCorrelation(of, tilde).estimate,
          0,
          1e-9,
          scale * (1 + Math.abs((of.b * of.mediatorSigma) / of.outcomeSigma)),
        );
        const at0 = indirectAtCorrelation(of, 0);
        close(at0.estimate, of.a * of.b);
        close(at0.standardError, Math.sqrt((of.b * of.aError) ** 2 + (of.a * of.bError) ** 2));
      }),
    );
  });

  test('where errors have a correlation, the effect at that correlation is the true one, and its interval covers it', () => {
    const [n, rho, a, b] = [2_000, 0.4, 0.8, 0.5];
    let covered = 0;
    const simulations = 200;
    let sum = 0;
    for (let s = 0; s < simulations; s++) {
      const draws = new PhiloxStream(s, 5);
      const normals = () => Float64Array.from({ length: n }, () => draws.normal());
      const [x, e, u] = [normals(), normals(), normals()];
      const m = x.map((value, i) => a * value + e[i]);
      const y = m.map((value, i) => b * value + 0.3 * x[i] + 1.5 * (rho * e[i] + Math.sqrt(1 - rho * rho) * u[i]));
      const [first, second] = [leastSquares([x], m), leastSquares([x, m], y)];
      const sigma = ({ ssr }: typeof first) => Math.sqrt(ssr / n);
      const error = ({ ssr, inverseGram }: typeof first, j: number, df: number) => Math.sqrt((ssr / df) * inverseGram.get(j, j));
      const { estimate, standardError } = indirectAtCorrelation(
        {
          a: first.coefficients[0],
          aError: error(first, 0, n - 1),
          b: second.coefficients[1],
          bError: error(second, 1, n - 2),
          mediatorSigma: sigma(first),
          outcomeSigma: sigma(second),
          mediatorDf: n - 1,
          outcomeDf: n - 2,
        },
        rho,
      );
      sum += estimate;
      if (Math.abs(estimate - a * b) <= 1.96 * standardError) covered++;
    }
    expect(Math.abs(sum / simulations - a * b)).toBeLessThan(0.01);
    // 3.3 standard errors of 200 simulations at .95
    expect(Math.abs(covered / simulations - 0.95)).toBeLessThan(3.3 * Math.sqrt((0.95 * 0.05) / simulations));
  });
});

describe('slopes along a moderator', () => {
  const slopes = fc.record<ConditionalSlope & { r: number }>({
    slope: sizes,
    interaction: sizes,
    slopeVariance: errors,
    interactionVariance: errors,
    covariance: fc.constant(0),
    df: fc.integer({ min: 3, max: 200 }),
    r: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
  });

  test('at a bound |t| is critical; in a range it is beyond and of one sign, outside of all it is not', () => {
    fc.assert(
      fc.property(
        slopes,
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 20, maxLength: 20 }),
        (given, ws) => {
          const of = { ...given, covariance: given.r * Math.sqrt(given.slopeVariance * given.interactionVariance) };
          const { bounds, ranges } = johnsonNeyman(of, 0.95);
          const critical = -studentTQuantile(0.025, of.df);
          for (const bound of bounds)
            if (Math.abs(bound) < 1e4) close(Math.abs(slopeAt(of, bound, 0.95).statistic), critical, 1e-5);
          for (const w of ws) {
            const { statistic } = slopeAt(of, w, 0.95);
            if (Math.abs(Math.abs(statistic) - critical) < 1e-6) continue;
            const range = ranges.find(({ from, to }) => w > from && w < to);
            expect(range !== undefined).toBe(Math.abs(statistic) > critical);
            if (range !== undefined) expect(range.sign).toBe(Math.sign(statistic));
          }
        },
      ),
    );
  });
});

describe('BCa', () => {
  test('without bias or acceleration it is the percentile interval', () => {
    const draws = Float64Array.from({ length: 999 }, (_, i) => i - 499);
    const leftOut = Float64Array.of(-2, -1, 0, 1, 2);
    expect(accelerationOf(leftOut)).toBe(0);
    const { lower, upper } = bcaInterval(draws, 0, leftOut, 0.95)!;
    close(lower, -475);
    close(upper, 475);
  });

  test('of a mean the acceleration is skewness/6√n', () => {
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 4, maxLength: 30 }), (x) => {
        const n = x.length;
        const mean = x.reduce((sum, value) => sum + value, 0) / n;
        const m = (power: number) => x.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
        fc.pre(m(2) > 1e-3);
        const leftOut = Float64Array.from(x, (value) => (n * mean - value) / (n - 1));
        close(accelerationOf(leftOut), m(3) / m(2) ** 1.5 / (6 * Math.sqrt(n)), 1e-7, 1);
      }),
    );
  });

  test('it respects increasing transformations of draws and estimate, given the acceleration', () => {
    const random = new PhiloxStream(3, 1);
    const draws = Float64Array.from({ length: 1_999 }, () => random.normal() + 0.2);
    const leftOut = Float64Array.from({ length: 30 }, () => random.normal());
    const own = bcaInterval(draws, 0.1, leftOut, 0.9)!;
    // whole order statistics transform; between two they are interpolated
    const exp = bcaInterval(draws.map(Math.exp), Math.exp(0.1), leftOut, 0.9)!;
    close(Math.log(exp.lower), own.lower, 1e-3);
    close(Math.log(exp.upper), own.upper, 1e-3);
    const [percentileLower] = [Float64Array.from(draws).sort()[99]];
    expect(own.lower).not.toBe(percentileLower);
  });

  test('none where all draws lie on one side, or nothing changes', () => {
    expect(bcaInterval(Float64Array.of(1, 2, 3), 0, Float64Array.of(1, 2), 0.95)).toBeNull();
    expect(bcaInterval(Float64Array.of(-1, 2, 3), 0, Float64Array.of(1, 1), 0.95)).toBeNull();
  });
});
