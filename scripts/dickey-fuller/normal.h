/* xoshiro256+ (Blackman & Vigna 2018) seeded by splitmix64; normals by Doornik's ziggurat (2005); histograms of sqrt(n) r. */
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
#ifndef KINDS
#define KINDS 3
#endif
static uint32_t counts[KINDS][BINS];

/* s in bins of 0.001, from -8 to 8; the ends take what is beyond */
static void tally(int kind, double cross, double level, double difference, double root) {
  const double r = cross / sqrt(level * difference);
  int bin = (int)floor((r * root + 8) * 1000) + 1;
  if (bin < 0) bin = 0;
  if (bin > BINS - 1) bin = BINS - 1;
  counts[kind][bin]++;
}

static void print_counts(int n, long replications) {
  printf("%d %ld\n", n, replications);
  for (int kind = 0; kind < KINDS; kind++)
    for (int bin = 0; bin < BINS; bin++)
      if (counts[kind][bin]) printf("%d %d %u\n", kind, bin, counts[kind][bin]);
}
