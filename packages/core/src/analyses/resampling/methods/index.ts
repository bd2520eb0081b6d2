import type { MethodName, MethodRequest } from '../params.js';
import type { MethodResult } from '../result.js';
import { leaveOneOut } from './leave-one-out.js';
import type { Method } from './method.js';
import { placeboInSpace } from './placebo-in-space.js';
import { placeboInTime } from './placebo-in-time.js';
import { placeboMixed } from './placebo-mixed.js';
import { randomization } from './randomization.js';
import { wildBootstrap } from './wild-bootstrap.js';

// biome-ignore lint/suspicious/noExplicitAny: each method has its own options and context
type AnyMethod = Method<any, any, MethodResult>;

const methods: Readonly<Record<MethodName, AnyMethod>> = {
  'leave-one-out': leaveOneOut,
  'placebo-in-time': placeboInTime,
  'placebo-in-space': placeboInSpace,
  'placebo-mixed': placeboMixed,
  'wild-bootstrap': wildBootstrap,
  'randomization-inference': randomization,
};

export const methodOf = ({ method }: MethodRequest): AnyMethod => methods[method];
