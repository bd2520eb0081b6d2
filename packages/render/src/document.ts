import { decodeWeights, edgesCsv, galText, gwtText, InputError, matrixCsv, type Report, type SweepResult } from '@spillway/core';
import { csvReport } from './csv.js';
import { docxReport } from './docx.js';
import { figurePng, figureSvg } from './figure.js';
import { htmlReport } from './html.js';
import { latexReport } from './latex.js';
import { markdownReport } from './markdown.js';
import { sweepCsv, sweepItems, sweepParquet } from './sweep-table.js';

/** What can be drawn of a result: its report, one of its figures, the whole table of a sweep, or weights. Stored in jobs: never rename. */
export type DocumentRequest =
  | { readonly what: 'report'; readonly format: 'csv' | 'md' | 'html' | 'latex' | 'docx' }
  | { readonly what: 'figure'; readonly number: number; readonly format: 'svg' | 'png' | 'json' }
  | { readonly what: 'sweep'; readonly format: 'csv' | 'parquet' }
  | { readonly what: 'weights'; readonly format: keyof typeof weightsTexts }
  | { readonly what: 'sweep-items'; readonly after: number; readonly limit: number; readonly format: 'json' };

/** Weights as other programs read them. */
export const weightsTexts = { csv: edgesCsv, matrix: matrixCsv, gal: galText, gwt: gwtText } as const;

/** @param result, report  JSON in UTF-8, as stored; weights in their canonical form stand for the result */
export async function renderDocument(request: DocumentRequest, result: Uint8Array, report: Uint8Array): Promise<Uint8Array> {
  const read = <T>(bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as T;
  const utf8 = (text: string) => new TextEncoder().encode(text);
  switch (request.what) {
    case 'report': {
      const whole = read<Report>(report);
      if (request.format === 'docx') return docxReport(whole);
      const text = { csv: csvReport, md: markdownReport, html: htmlReport, latex: latexReport }[request.format];
      return utf8(text(whole));
    }
    case 'figure': {
      const figure = read<Report>(report).figures[request.number - 1];
      if (figure === undefined) throw InputError.one('unknown_figure', `the report has no figure ${request.number}`);
      if (request.format === 'json') return utf8(JSON.stringify(figure.spec));
      return request.format === 'svg' ? utf8(await figureSvg(figure)) : figurePng(figure);
    }
    case 'weights':
      return utf8(weightsTexts[request.format](decodeWeights(result)));
    case 'sweep-items':
      return utf8(JSON.stringify(sweepItems(read<SweepResult>(result), request.after, request.limit)));
    case 'sweep':
      return request.format === 'csv' ? utf8(sweepCsv(read<SweepResult>(result))) : sweepParquet(read<SweepResult>(result));
  }
}
