/** What a spatial model has of ρWy (lag), WXθ (durbin) and u = λMu + ε (error). */
export interface ModelParts {
  readonly lag: boolean;
  readonly durbin: boolean;
  readonly error: boolean;
}

/** The parts of each model, by the name that it goes by. */
export const partsOf = {
  none: { lag: false, durbin: false, error: false },
  slx: { lag: false, durbin: true, error: false },
  sar: { lag: true, durbin: false, error: false },
  sdm: { lag: true, durbin: true, error: false },
  sem: { lag: false, durbin: false, error: true },
  sdem: { lag: false, durbin: true, error: true },
  sarar: { lag: true, durbin: false, error: true },
  gns: { lag: true, durbin: true, error: true },
} as const satisfies Readonly<Record<string, ModelParts>>;
