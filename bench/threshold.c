/*
 * The threshold bootstrap of packages/core/src/analyses/threshold in C, for one regime regressor: the same algorithm and the same order
 * of every sum, lanes as wide as the processor likes. bench/threshold.ts builds it (gcc -O3 -march=native -ffp-contract=off), hands it
 * the prepared arrays in a file, and asks for replications on standard input:
 *
 *   donors|signs first count   ->   CPU seconds and the FNV-1a hash of the bits of F*
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef LANES
#define LANES 16
#endif
#define BATCH 1024 /* replications that share reads of the table of pairs */

typedef uint32_t u32;

static u32 rows, entities, width, stride, places, candidates, bins, by_entity, table, key0, key1, stream_donors, stream_signs;
static double denominator, slack;
static double *residuals, *squares, *basis, *basis_of_row, *regime_at, *products, *regime_of, *sums, *whiteners, *spread, *scale;
static double *sums_at_end, *whitener_at_end, *own, *variation;
static u32 *starts, *entity_at, *offset_at, *bin_of, *ends, *last, *end;

static double *pairs, *b_of_lane, *gathered, *ssr_null, *result;
static u32 *drawn, *donors, *words;
static double (*weights)[LANES], (*b)[LANES], (*prefix)[LANES], (*walked)[LANES], (*at_end)[LANES];

static void *aligned(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (!p) exit(1);
  memset(p, 0, (bytes + 127) / 64 * 64);
  return p;
}

static void read_all(FILE *f, void *to, size_t bytes) {
  if (fread(to, 1, bytes, f) != bytes) exit(2);
}

static double *doubles(FILE *f) {
  u32 n;
  read_all(f, &n, 4);
  double *p = aligned(8 * (size_t)n);
  read_all(f, p, 8 * (size_t)n);
  return p;
}

static u32 *integers(FILE *f) {
  u32 n;
  read_all(f, &n, 4);
  u32 *p = aligned(4 * (size_t)n);
  read_all(f, p, 4 * (size_t)n);
  return p;
}

/* Philox4x32-10, sixteen counters at a time so that the compiler may use vectors */
static void philox(u32 *out, u32 count, u32 replication, u32 stream) {
  for (u32 block = 0; 4 * block < count; block += 16) {
    u32 x0[16], x1[16], x2[16], x3[16];
    for (u32 i = 0; i < 16; i++) x0[i] = block + i, x1[i] = 0, x2[i] = replication, x3[i] = stream;
    u32 k0 = key0, k1 = key1;
    for (int round = 0; round < 10; round++) {
      for (u32 i = 0; i < 16; i++) {
        uint64_t a = (uint64_t)x0[i] * 0xD2511F53u, c = (uint64_t)x2[i] * 0xCD9E8D57u;
        u32 y0 = (u32)(c >> 32) ^ x1[i] ^ k0, y2 = (u32)(a >> 32) ^ x3[i] ^ k1;
        x1[i] = (u32)c, x3[i] = (u32)a, x0[i] = y0, x2[i] = y2;
      }
      k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    for (u32 i = 0; i < 16; i++) out[4 * (block + i)] = x0[i], out[4 * (block + i) + 1] = x1[i], out[4 * (block + i) + 2] = x2[i], out[4 * (block + i) + 3] = x3[i];
  }
}

static void make_pairs(void) {
  for (u32 i = 0; i < entities; i++) {
    for (u32 d = 0; d < entities; d++) {
      double *to = pairs + ((size_t)i * entities + d) * stride;
      for (u32 row = starts[i], e = starts[d]; row < starts[i + 1]; row++, e++)
        for (u32 j = 0; j < stride; j++) to[j] += basis_of_row[(size_t)row * stride + j] * residuals[e];
    }
  }
}

static void draw_donors(u32 lane, u32 replication) {
  size_t size = (entities + 63) / 64 * 64, at = (size_t)lane * entities;
  for (u32 l = 0; l < LANES; l++) philox(words + l * size, entities, replication + l, stream_donors);
  double sum[LANES] = {0}, share = entities / 4294967296.0;
  for (u32 i = 0; i < entities; i++, at += LANES) {
    for (u32 l = 0; l < LANES; l++) {
      u32 donor = (u32)(words[l * size + i] * share);
      sum[l] += squares[donor];
      donors[at + l] = starts[donor];
      if (table) drawn[at + l] = donor;
    }
  }
  memcpy(ssr_null + lane, sum, sizeof sum);
}

static void draw_signs(u32 replication) {
  size_t size = (entities + 63) / 64 * 64;
  for (u32 l = 0; l < LANES; l++) philox(words + l * size, entities / 32 + 1, replication + l, stream_signs);
  double sum = 0;
  for (u32 i = 0; i < entities; i++) {
    for (u32 l = 0; l < LANES; l++) weights[i][l] = words[l * size + i / 32] >> (i % 32) & 1 ? 1.0 : -1.0;
    sum += squares[i];
  }
  for (u32 l = 0; l < LANES; l++) ssr_null[l] = sum;
}

static void look_up(u32 used) {
  memset(b_of_lane, 0, 8 * (size_t)BATCH * stride);
  for (u32 i = 0; i < entities; i++) {
    const double *row = pairs + (size_t)i * entities * stride;
    double *to = b_of_lane;
    for (u32 lane = 0; lane < used; lane += LANES) {
      const u32 *d = drawn + ((size_t)lane * entities + (size_t)i * LANES);
      for (u32 l = 0; l < LANES; l++, to += stride) {
        const double *from = row + (size_t)d[l] * stride;
        for (u32 j = 0; j < stride; j += 2) to[j] += from[j], to[j + 1] += from[j + 1];
      }
    }
  }
}

static void project(const u32 *d) {
  memset(b, 0, 8 * (size_t)stride * LANES);
  for (u32 i = 0; i < entities; i++, d += LANES) {
    u32 periods = starts[i + 1] - starts[i];
    for (u32 t = 0; t < periods; t++)
      for (u32 l = 0; l < LANES; l++) gathered[t * LANES + l] = residuals[d[l] + t];
    for (u32 j = 0; j < width; j++) {
      const double *u = basis + (size_t)j * rows + starts[i];
      double sum[LANES] = {0};
      for (u32 t = 0; t < periods; t++)
        for (u32 l = 0; l < LANES; l++) sum[l] += u[t] * gathered[t * LANES + l];
      for (u32 l = 0; l < LANES; l++) b[j][l] += sum[l];
    }
  }
}

static void project_weights(void) {
  for (u32 j = 0; j < stride; j += 2) {
    double x[LANES] = {0}, y[LANES] = {0};
    for (u32 i = 0; i < entities; i++) {
      double p = own[(size_t)i * stride + j], q = own[(size_t)i * stride + j + 1];
      for (u32 l = 0; l < LANES; l++) x[l] += weights[i][l] * p, y[l] += weights[i][l] * q;
    }
    memcpy(b[j], x, sizeof x), memcpy(b[j + 1], y, sizeof y);
  }
}

static void walk_donors(const u32 *d) {
  double p[LANES] = {0};
  for (u32 bin = 0, place = 0; bin < bins; bin++) {
    double v[LANES] = {0};
    for (; place <= end[bin]; place++) {
      const u32 *from = d + (size_t)entity_at[place] * LANES;
      const double *e = residuals + offset_at[place];
      double r = regime_at[place];
      for (u32 l = 0; l < LANES; l++) {
        double y = r * e[from[l]];
        p[l] += y, v[l] += fabs(y);
      }
    }
    memcpy(prefix[bin], p, sizeof p), memcpy(walked[bin], v, sizeof v);
  }
}

static void walk_by_entity(const u32 *d) {
  memset(prefix, 0, 8 * (size_t)(bins + 1) * LANES), memset(walked, 0, 8 * (size_t)(bins + 1) * LANES);
  for (u32 i = 0; i < entities; i++, d += LANES) {
    for (u32 row = starts[i], t = 0; row < starts[i + 1]; row++, t++) {
      double r = regime_of[row], *p = prefix[bin_of[row]], *v = walked[bin_of[row]];
      for (u32 l = 0; l < LANES; l++) {
        double y = r * residuals[d[l] + t];
        p[l] += y, v[l] += fabs(y);
      }
    }
  }
  for (u32 bin = 1; bin < bins; bin++)
    for (u32 l = 0; l < LANES; l++) prefix[bin][l] += prefix[bin - 1][l];
}

static void walk_signs(void) {
  double p[LANES] = {0};
  for (u32 bin = 0, place = 0; bin < bins; bin++) {
    for (; place <= end[bin]; place++) {
      const double *w = weights[entity_at[place]], y = products[place];
      for (u32 l = 0; l < LANES; l++) p[l] += w[l] * y;
    }
    memcpy(prefix[bin], p, sizeof p);
  }
}

static double best_in_bin(u32 bin, u32 l, const u32 *d, double best) {
  double running = prefix[bin - 1][l];
  u32 candidate = last[bin - 1] + 1;
  for (u32 place = end[bin - 1] + 1; candidate < last[bin]; place++) {
    u32 i = entity_at[place];
    running += d ? regime_at[place] * residuals[d[(size_t)i * LANES + l] + offset_at[place]] : weights[i][l] * products[place];
    if (ends[candidate] != place) continue;
    double projected = 0;
    for (u32 j = 0; j < stride; j++) projected += sums[(size_t)candidate * stride + j] * b[j][l];
    double white = whiteners[candidate] * (running - projected);
    if (white * white > best) best = white * white;
    candidate++;
  }
  return best;
}

static void falls(const u32 *d, const double (*total)[LANES], const double *ssr, double *fall) {
  double norm[LANES], rounding[LANES], best[LANES] = {0};
  for (u32 l = 0; l < LANES; l++) {
    double square = 0;
    for (u32 j = 0; j < stride; j++) square += b[j][l] * b[j][l];
    norm[l] = sqrt(square), rounding[l] = slack * sqrt(square + ssr[l]);
  }
  for (u32 bin = 0; bin < bins; bin++) {
    double c[LANES] = {0};
    for (u32 j = 0; j < stride; j++)
      for (u32 l = 0; l < LANES; l++) c[l] += sums_at_end[(size_t)bin * stride + j] * b[j][l];
    for (u32 l = 0; l < LANES; l++) {
      double distance = prefix[bin][l] - c[l], white = whitener_at_end[bin] * distance;
      at_end[bin][l] = fabs(distance);
      best[l] = white * white > best[l] ? white * white : best[l];
    }
  }
  for (u32 bin = 1; bin < bins; bin++) {
    int any = 0;
    for (u32 l = 0; l < LANES; l++) {
      double v = total ? total[bin][l] : variation[bin];
      double bound = 0.5 * (at_end[bin - 1][l] + at_end[bin][l] + v) + spread[bin] * norm[l] + rounding[l];
      any |= bound * bound * scale[bin] >= best[l];
    }
    if (!any) continue;
    for (u32 l = 0; l < LANES; l++) {
      double v = total ? total[bin][l] : variation[bin];
      double bound = 0.5 * (at_end[bin - 1][l] + at_end[bin][l] + v) + spread[bin] * norm[l] + rounding[l];
      if (bound * bound * scale[bin] >= best[l]) best[l] = best_in_bin(bin, l, d, best[l]);
    }
  }
  memcpy(fall, best, sizeof best);
}

static void run(int signs, u32 first, u32 count) {
  u32 batch = !signs && table ? BATCH : LANES;
  double fall[LANES];
  for (u32 done = 0; done < count; done += batch) {
    u32 used = count - done < batch ? count - done : batch;
    if (signs) draw_signs(first + done);
    else
      for (u32 lane = 0; lane < used; lane += LANES) draw_donors(lane, first + done + lane);
    if (!signs && table) look_up(used);
    for (u32 lane = 0; lane < used; lane += LANES) {
      u32 now = used - lane < LANES ? used - lane : LANES;
      const u32 *d = donors + (size_t)lane * entities;
      if (signs) project_weights();
      else if (!table) project(d);
      else
        for (u32 j = 0; j < stride; j++)
          for (u32 l = 0; l < LANES; l++) b[j][l] = b_of_lane[(size_t)(lane + l) * stride + j];
      for (u32 l = 0; l < now; l++)
        for (u32 j = 0; j < stride; j++) ssr_null[lane + l] -= b[j][l] * b[j][l];
      if (signs) walk_signs();
      else if (by_entity) walk_by_entity(d);
      else walk_donors(d);
      falls(signs ? NULL : d, signs ? NULL : (const double(*)[LANES])walked, ssr_null + lane, fall);
      for (u32 l = 0; l < now; l++) result[done + lane + l] = fall[l] / ((ssr_null[lane + l] - fall[l]) / denominator);
    }
  }
}

int main(int argc, char **argv) {
  FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
  if (!f) return 2;
  u32 *sizes = integers(f);
  rows = sizes[0], entities = sizes[1], width = sizes[2], stride = sizes[3], places = sizes[4], candidates = sizes[5], bins = sizes[6];
  by_entity = sizes[7], table = sizes[8], key0 = sizes[9], key1 = sizes[10], stream_donors = sizes[11], stream_signs = sizes[12];
  double *numbers = doubles(f);
  denominator = numbers[0], slack = numbers[1];
  residuals = doubles(f), squares = doubles(f), basis = doubles(f), regime_at = doubles(f), products = doubles(f), regime_of = doubles(f);
  sums = doubles(f), whiteners = doubles(f), spread = doubles(f), scale = doubles(f), sums_at_end = doubles(f), whitener_at_end = doubles(f);
  own = doubles(f), variation = doubles(f);
  starts = integers(f), entity_at = integers(f), offset_at = integers(f), bin_of = integers(f), ends = integers(f), last = integers(f), end = integers(f);
  fclose(f);

  u32 longest = 0;
  for (u32 i = 0; i < entities; i++) longest = starts[i + 1] - starts[i] > longest ? starts[i + 1] - starts[i] : longest;
  u32 batch = table ? BATCH : LANES;
  donors = aligned(4 * (size_t)batch * entities), drawn = aligned(table ? 4 * (size_t)batch * entities : 0);
  words = aligned(4 * (size_t)(entities + 64) * LANES + 256), ssr_null = aligned(8 * BATCH), gathered = aligned(8 * (size_t)longest * LANES);
  weights = aligned(8 * (size_t)entities * LANES), b = aligned(8 * (size_t)stride * LANES), b_of_lane = aligned(8 * (size_t)BATCH * stride);
  prefix = aligned(8 * (size_t)(bins + 1) * LANES), walked = aligned(8 * (size_t)(bins + 1) * LANES), at_end = aligned(8 * (size_t)bins * LANES);
  if (table) {
    basis_of_row = aligned(8 * (size_t)rows * stride);
    for (u32 j = 0; j < width; j++)
      for (u32 row = 0; row < rows; row++) basis_of_row[(size_t)row * stride + j] = basis[(size_t)j * rows + row];
    pairs = aligned(8 * (size_t)entities * entities * stride);
    make_pairs();
  }

  char method[16];
  u32 first, count;
  while (scanf("%15s %u %u", method, &first, &count) == 3) {
    result = realloc(result, 8 * (size_t)count);
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    run(strcmp(method, "signs") == 0, first, count);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < 8 * (size_t)count; i++) hash = (hash ^ ((const uint8_t *)result)[i]) * 0x100000001b3u;
    printf("%.9f %016llx\n", (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec), (unsigned long long)hash);
    fflush(stdout);
  }
  return 0;
}
