import { createRequire } from 'node:module';
import type { Figure } from '@spillway/core';

/** The face in which figures are set: a file of a package, for a bare machine has no fonts and text would vanish. */
const face = 'DejaVu Sans';
const fontFile = (name: string) => createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);

/**
 * A figure as SVG, drawn from its Vega-Lite specification; the data are inside, and nothing is loaded from anywhere.
 * Vega is read when the first figure is drawn: it is most of what this package weighs.
 */
export async function figureSvg({ spec }: Figure): Promise<string> {
  const { View, parse, loader } = await import('vega');
  const { compile } = await import('vega-lite');
  const refused = () => Promise.reject(new Error('a figure carries its data: nothing is loaded'));
  const config = { background: 'white', font: face, ...(spec.config as object | undefined) };
  const { spec: drawn } = compile({ ...spec, config } as unknown as Parameters<typeof compile>[0]);
  const view = new View(parse(drawn), { renderer: 'none', loader: { ...loader(), load: refused, http: refused, file: refused } });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** A figure as PNG. @param scale pixels of the picture for one of the figure */
export async function figurePng(figure: Figure, scale = 2): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const font = {
    loadSystemFonts: false,
    fontFiles: [fontFile('DejaVuSans'), fontFile('DejaVuSans-Bold')],
    defaultFontFamily: face,
  };
  return new Resvg(await figureSvg(figure), { font, fitTo: { mode: 'zoom', value: scale } }).render().asPng();
}
