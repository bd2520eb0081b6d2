/*
 * Finite-sample distribution of the Engle-Granger t statistic, by simulation: histograms of s = sqrt(n) r, as simulate.c.
 *
 *   y_t on a constant (and t) and m random walks, t = 0 ... n; residuals e;  de_t = a e_{t-1} + v_t, t = 1 ... n, s2 = RSS/(n - 1)
 *
 * y and the walks are independent, steps N(0, 1). Kind 0: constant; kind 1: constant and trend, on the same draws.
 *
 *   gcc -O3 -march=native -ffast-math -o simulate-residuals simulate-residuals.c -lm
 *   ./simulate-residuals m n replications seed
 */
#define KINDS 2
#include "normal.h"
#include <string.h>

static double dot(int n, const double *a, const double *b) {
  double sum = 0;
  for (int t = 0; t < n; t++) sum += a[t] * b[t];
  return sum;
}

/* a less its projection on q, which has length 1 */
static void project(int n, double *a, const double *q) {
  const double c = dot(n, a, q);
  for (int t = 0; t < n; t++) a[t] -= c * q[t];
}

static void residual_test(int kind, int n, const double *e, double root) {
  double cross = 0, level = 0, difference = 0;
  for (int t = 1; t <= n; t++) {
    const double d = e[t] - e[t - 1];
    cross += d * e[t - 1];
    level += e[t - 1] * e[t - 1];
    difference += d * d;
  }
  tally(kind, cross, level, difference, root);
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const int m = atoi(argv[1]), n = atoi(argv[2]), T = n + 1;
  const long replications = atol(argv[3]);
  seed(strtoull(argv[4], NULL, 10));
  ziggurat();
  const double root = sqrt(n);
  double *constant = malloc(T * sizeof(double)), *trend = malloc(T * sizeof(double)), *left = malloc(T * sizeof(double));
  double *x = malloc((m + 1) * T * sizeof(double)); /* the walks, then y */
  for (int t = 0; t < T; t++) {
    constant[t] = 1 / sqrt(T);
    trend[t] = t - n / 2.0;
  }
  for (long i = 0; i < replications; i++) {
    for (int j = 0; j <= m; j++) {
      double *column = x + j * T, level = 0;
      for (int t = 0; t < T; t++) column[t] = level += normal();
      project(T, column, constant);
      for (int l = 0; l < j; l++) project(T, column, x + l * T);
      if (j == m) break;
      const double scale = 1 / sqrt(dot(T, column, column));
      for (int t = 0; t < T; t++) column[t] *= scale;
    }
    double *y = x + m * T;
    residual_test(0, n, y, root);
    memcpy(left, trend, T * sizeof(double));
    for (int l = 0; l < m; l++) project(T, left, x + l * T);
    const double scale = 1 / sqrt(dot(T, left, left));
    for (int t = 0; t < T; t++) left[t] *= scale;
    project(T, y, left);
    residual_test(1, n, y, root);
  }
  print_counts(n, replications);
  return 0;
}
