/**
 * Imported before a program (NODE_OPTIONS=--import …): its wall clock is off by SPILLWAY_TEST_SKEW_MS, and after
 * SPILLWAY_TEST_SKEW_BACK_AFTER_MS it steps back by ten minutes more.
 */
const RealDate = Date;
const monotonic = performance.now.bind(performance);
const startedAt = monotonic();
const backAfter = Number(process.env.SPILLWAY_TEST_SKEW_BACK_AFTER_MS ?? Number.POSITIVE_INFINITY);
const skew = () => Number(process.env.SPILLWAY_TEST_SKEW_MS ?? 0) - (monotonic() - startedAt > backAfter ? 600_000 : 0);

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + skew());
    else super(...args);
  }
  static now() {
    return RealDate.now() + skew();
  }
};
