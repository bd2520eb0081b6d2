import { EstimationError, InputError } from '../errors.js';

/** What the door could not see is final once the rows are there: an InputError becomes the EstimationError of its code. */
export function asEstimation<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw new EstimationError(error.code, error.message, { cause: error });
    throw error;
  }
}
