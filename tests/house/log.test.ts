import { EstimationError, InputError } from '@spillway/core';
import { errorForLog } from '@spillway/settings';

test('what hangs on an error is not logged: a failed command of Redis carries its arguments', () => {
  const error = Object.assign(new Error('OOM command not allowed'), { command: { name: 'hset', args: ['k', 'Alice,3.14159'] } });
  error.name = 'ReplyError';
  const logged = errorForLog(error);
  expect(logged).toMatchObject({ type: 'ReplyError', message: 'OOM command not allowed' });
  expect(JSON.stringify(logged)).not.toContain('Alice');
});

test.each([
  ['a parser', () => JSON.parse('{"wage": 3.14159x}')],
  [
    'a reader of files',
    () => {
      throw InputError.one('text_in_numeric_column', 'line 3: "3.14159x" is not a number', '/wage');
    },
  ],
  [
    'an estimator',
    () => {
      throw new EstimationError('no_variation', 'wage is 3.14159 in every row');
    },
  ],
])('the words of %s tell of data and are left out; where it happened stays', (_what, fail) => {
  let thrown: unknown;
  try {
    fail();
  } catch (error) {
    thrown = error;
  }
  const logged = errorForLog(thrown);
  expect(JSON.stringify(logged)).not.toMatch(/3\.14159|wage/);
  expect((logged.frames as string[]).length).toBeGreaterThan(0);
});

test('whatever is thrown can be logged', () => {
  for (const thrown of [undefined, null, 'Alice', 7, { secret: 'Alice' }]) {
    expect(JSON.stringify(errorForLog(thrown))).not.toContain('Alice');
  }
});
