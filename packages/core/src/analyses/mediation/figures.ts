import type { Figure } from '../../report/report.js';
import type { MediationResult } from './result.js';

export function mediationFigures(_result: MediationResult): Figure[] {
  return [];
}
