/*
 * Finite-sample distribution of the Dickey-Fuller t statistic, by simulation: histograms of
 *
 *   s = sqrt(n) r,   r = t / sqrt(t^2 + nu),   nu = n - 1 - (0, 1 or 2 deterministic terms)
 *
 * r is the partial correlation of the difference with the lagged level, bounded and a function of t alone. The t is that of a in
 *   dy_t = (nothing | c | c + d t) + a y_{t-1} + e_t,   t = 1 ... n,   dy_t = e_t and y_0 ~ N(0, 1),
 * with s2 = RSS / nu. All three are computed on the same draws. Without an intercept t depends on y_0: it is drawn as MacKinnon's
 * p-values have it (at n = 20 they then agree, with y_0 = 0 they do not).
 *
 *   gcc -O3 -march=native -o simulate simulate.c -lm
 *   ./simulate n replications seed   writes: n, replications, then 3 x 16001 counts as sparse "case bin count" lines
 *
 * xoshiro256+ (Blackman & Vigna 2018) seeded by splitmix64; normals by Doornik's ziggurat (2005).
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t s[4];
static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
static inline uint64_t next(void) {
  const uint64_t result = s[0] + s[3], t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}
static void seed(uint64_t x) {
  for (int i = 0; i < 4; i++) {
    uint64_t z = (x += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    s[i] = z ^ (z >> 31);
  }
}
static inline double uniform(void) { return ((next() >> 11) + 0.5) * 0x1p-53; }

#define LAYERS 128
#define START 3.442619855899
#define AREA 9.91256303526217e-3
static double zx[LAYERS + 1], zr[LAYERS];
static void ziggurat(void) {
  double f = exp(-0.5 * START * START);
  zx[0] = AREA / f;
  zx[1] = START;
  zx[LAYERS] = 0;
  for (int i = 2; i < LAYERS; i++) {
    zx[i] = sqrt(-2 * log(AREA / zx[i - 1] + f));
    f = exp(-0.5 * zx[i] * zx[i]);
  }
  for (int i = 0; i < LAYERS; i++) zr[i] = zx[i + 1] / zx[i];
}
static double normal(void) {
  for (;;) {
    const uint64_t word = next();
    const int i = (word >> 4) & 127; /* xoshiro256+'s lowest bits are its weakest */
    const double u = 2 * (((word >> 11) + 0.5) * 0x1p-53) - 1;
    if (fabs(u) < zr[i]) return u * zx[i];
    if (i == 0) {
      double x, y;
      do {
        x = log(uniform()) / START;
        y = log(uniform());
      } while (-2 * y < x * x);
      return u < 0 ? x - START : START - x;
    }
    const double x = u * zx[i];
    const double f0 = exp(-0.5 * (zx[i] * zx[i] - x * x)), f1 = exp(-0.5 * (zx[i + 1] * zx[i + 1] - x * x));
    if (f1 + uniform() * (f0 - f1) < 1.0) return x;
  }
}

#define BINS 16001
static uint32_t counts[3][BINS];

/* s in bins of 0.001, from -8 to 8; the ends take what is beyond */
static void tally(int kind, double cross, double level, double difference, double root) {
  const double r = cross / sqrt(level * difference);
  int bin = (int)floor((r * root + 8) * 1000) + 1;
  if (bin < 0) bin = 0;
  if (bin > BINS - 1) bin = BINS - 1;
  counts[kind][bin]++;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const int n = atoi(argv[1]);
  const long replications = atol(argv[2]);
  seed(strtoull(argv[3], NULL, 10));
  ziggurat();
  const double root = sqrt(n), centre = (n + 1) / 2.0, trend = n * ((double)n * n - 1) / 12;
  for (long i = 0; i < replications; i++) {
    double y = normal(), sy = 0, se = 0, yy = 0, ee = 0, ye = 0, ty = 0, te = 0;
    for (int t = 1; t <= n; t++) {
      const double e = normal(), when = t - centre;
      sy += y;
      yy += y * y;
      ty += when * y;
      se += e;
      ee += e * e;
      te += when * e;
      ye += y * e;
      y += e;
    }
    tally(0, ye, yy, ee, root);
    double cross = ye - sy * se / n, level = yy - sy * sy / n, difference = ee - se * se / n;
    tally(1, cross, level, difference, root);
    cross -= ty * te / trend;
    level -= ty * ty / trend;
    difference -= te * te / trend;
    tally(2, cross, level, difference, root);
  }
  printf("%d %ld\n", n, replications);
  for (int kind = 0; kind < 3; kind++)
    for (int bin = 0; bin < BINS; bin++)
      if (counts[kind][bin]) printf("%d %d %u\n", kind, bin, counts[kind][bin]);
  return 0;
}
