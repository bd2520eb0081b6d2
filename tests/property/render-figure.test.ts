import type { Figure } from '@spillway/core';
import { figurePng, figureSvg } from '@spillway/render';

const figure = (spec: Record<string, unknown>): Figure => ({ title: 'Rates', caption: '', spec });
const chart = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  width: 200,
  height: 100,
  data: { values: [1, 2, 3].map((x) => ({ x, y: x * x })) },
  mark: 'line',
  encoding: { x: { field: 'x', type: 'quantitative', title: 'Rate < 3 & more' }, y: { field: 'y', type: 'quantitative' } },
};

test('a figure is a whole SVG with its words escaped, the same each time', async () => {
  const svg = await figureSvg(figure(chart));
  expect(svg).toMatch(/^<svg.*<\/svg>$/s);
  expect(svg).toContain('Rate &lt; 3 &amp; more');
  expect(await figureSvg(figure(chart))).toBe(svg);
});

test('a PNG is as large as asked, and its words are drawn without any font of the machine', async () => {
  const size = async (of: Figure, scale: number) => {
    const png = Buffer.from(await figurePng(of, scale));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    return { width: png.readUInt32BE(16), bytes: png.length };
  };
  const [one, two] = [await size(figure(chart), 1), await size(figure(chart), 2)];
  expect(Math.abs(two.width - 2 * one.width)).toBeLessThanOrEqual(1);
  const silent = { ...chart, encoding: { ...chart.encoding, x: { ...chart.encoding.x, title: ' ' } } };
  expect((await size(figure(silent), 1)).bytes).toBeLessThan(one.bytes);
});

test('a figure loads nothing', async () => {
  const asking = figure({ ...chart, data: { url: 'http://127.0.0.1:1/data.json' } });
  expect(await figureSvg(asking)).not.toContain('data.json');
});
