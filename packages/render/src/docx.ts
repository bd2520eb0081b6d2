import type { Report, Table } from '@spillway/core';
import type { IParagraphOptions, Paragraph, Table as WordTable } from 'docx';
import type { WrittenCell } from './format-cell.js';
import { gridOf } from './grid.js';

type Docx = typeof import('docx');

const textOf = (cell: WrittenCell) =>
  cell.kind === 'text' ? cell.text : cell.open + cell.whole + cell.fraction + cell.close + cell.stars;

/**
 * The report as a Word document: verdict, then the tables with three lines as journals print them, notes beneath. Figures are files of
 * their own. The library is read when the first document is written.
 */
export async function docxReport(report: Report): Promise<Uint8Array> {
  const docx = await import('docx');
  const { Document, HeadingLevel, Packer, Paragraph } = docx;
  const children: (Paragraph | WordTable)[] = [new Paragraph({ text: report.title, heading: HeadingLevel.HEADING_1 })];
  for (const sentence of report.verdict) children.push(new Paragraph({ text: sentence, spacing: { after: 120 } }));
  for (const table of report.tables) children.push(...tableBlocks(docx, table));
  const document = new Document({ creator: 'Spillway', title: report.title, sections: [{ children }] });
  return new Uint8Array(await Packer.toBuffer(document));
}

function tableBlocks(
  { AlignmentType, BorderStyle, Paragraph, Table, TableCell, TableRow, TextRun, WidthType }: Docx,
  table: Table,
) {
  const grid = gridOf(table);
  const line = { style: BorderStyle.SINGLE, size: 8, color: '000000' };
  const none = { style: BorderStyle.NONE, size: 0, color: 'FFFFFF' };
  const cell = (text: string, j: number, borders: { top?: boolean; bottom?: boolean }, bold = false) =>
    new TableCell({
      borders: { left: none, right: none, top: borders.top ? line : none, bottom: borders.bottom ? line : none },
      children: [
        new Paragraph({
          alignment: grid.align[j] === 'left' ? AlignmentType.LEFT : AlignmentType.RIGHT,
          children: [new TextRun({ text, bold, size: 18 })],
        }),
      ],
    });
  const last = grid.rows.length - 1;
  const rows = [
    new TableRow({ tableHeader: true, children: grid.header.map((text, j) => cell(text, j, { top: true, bottom: true }, true)) }),
    ...grid.rows.map(
      ({ cells, ruleAbove }, i) =>
        new TableRow({ children: cells.map((one, j) => cell(textOf(one), j, { top: ruleAbove, bottom: i === last })) }),
    ),
  ];
  const small = (text: string): IParagraphOptions => ({ children: [new TextRun({ text, size: 16 })] });
  return [
    new Paragraph({ children: [new TextRun({ text: table.title, bold: true })], spacing: { before: 240, after: 60 } }),
    new Table({ rows, width: { size: 100, type: WidthType.PERCENTAGE } }),
    ...table.notes.map((note) => new Paragraph(small(note))),
  ];
}
