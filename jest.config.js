/** Tests are TypeScript compiled on the fly; what they test is the built packages, the same files that run in production. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.long\\.test\\.ts$'],
  globalSetup: '<rootDir>/tests/redis.mjs',
  globalTeardown: '<rootDir>/tests/redis-stop.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  transformIgnorePatterns: ['/node_modules/', '/dist/'],
  // Half of the time of the fault tests is waiting: one test file a core.
  maxWorkers: '100%',
  testTimeout: 180_000,
};
