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
 */
#include "normal.h"

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
  print_counts(n, replications);
  return 0;
}
