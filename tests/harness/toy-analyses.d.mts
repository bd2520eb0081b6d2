import type { Registry } from '@spillway/core';

export declare const registry: Registry;
/** Who only wants to know what a job's bytes must be sets `skip`. */
export declare const burning: { skip: boolean };
