/** `assembly/threshold.ts` compiled, in base64: written here by the build (scripts/build-wasm.mjs). Empty when it was not. */
export const kernelBytes = '';
