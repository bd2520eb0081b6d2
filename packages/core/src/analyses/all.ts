import { correlate } from './correlate/index.js';
import { describe } from './describe/index.js';
import { groupDifference } from './group-difference/index.js';
import { gs2sls } from './gs2sls/index.js';
import { iv } from './iv/index.js';
import { mediation } from './mediation/index.js';
import { panelRegression } from './panel-regression/index.js';
import { panelTests } from './panel-tests/index.js';
import { makeRegistry } from './registry.js';
import { resampling } from './resampling/index.js';
import { sensitivity } from './sensitivity/index.js';
import { spatialMl } from './spatial-ml/index.js';
import { spatialTests } from './spatial-tests/index.js';
import { makeSpecCurve } from './spec-curve/index.js';
import { sur } from './sur/index.js';
import { makeSweep } from './sweep/index.js';
import { threshold } from './threshold/index.js';
import { unitRoots } from './unit-roots/index.js';

/** Every analysis that is about one specification: one line each. The catalogue, the schemas, the CLI and the reports follow from it. */
// biome-ignore format: one line each, so that two people can add one each
const analyses = [
  describe,
  correlate,
  panelRegression,
  panelTests,
  iv,
  groupDifference,
  resampling,
  sensitivity,
  mediation,
  sur,
  threshold,
  spatialTests,
  gs2sls,
  spatialMl,
  unitRoots,
];

export const registry = makeRegistry([...analyses, makeSweep(analyses), makeSpecCurve(panelRegression)]);
