/** Characters that TeX would obey. `[` and `*` are wrapped because `\\` at the end of a row looks ahead for them. */
const specials: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "''",
  '`': '\\textasciigrave{}',
  '[': '{[}',
  ']': '{]}',
  '*': '{*}',
};

/** Letters and signs of formulas that pdfTeX's text fonts lack, as mathematics. */
const mathematics: Readonly<Record<string, string>> = {
  '−': '-',
  '±': '\\pm',
  '×': '\\times',
  '·': '\\cdot',
  '≤': '\\le',
  '≥': '\\ge',
  '≠': '\\ne',
  '≈': '\\approx',
  '∞': '\\infty',
  '∈': '\\in',
  '∪': '\\cup',
  '∑': '\\sum',
  Σ: '\\Sigma',
  '√': '\\surd',
  '→': '\\to',
  '′': "'",
  '⁻': '^{-}',
  '⁰': '^{0}',
  '¹': '^{1}',
  '²': '^{2}',
  '³': '^{3}',
  '⁴': '^{4}',
  ᵀ: '^{T}',
  ᵢ: '_{i}',
  ₜ: '_{t}',
  '₀': '_{0}',
  '₁': '_{1}',
  '₂': '_{2}',
  '₃': '_{3}',
  α: '\\alpha',
  β: '\\beta',
  γ: '\\gamma',
  δ: '\\delta',
  ε: '\\varepsilon',
  η: '\\eta',
  θ: '\\theta',
  λ: '\\lambda',
  μ: '\\mu',
  π: '\\pi',
  ρ: '\\rho',
  σ: '\\sigma',
  τ: '\\tau',
  φ: '\\varphi',
  χ: '\\chi',
  ω: '\\omega',
  Δ: '\\Delta',
  Φ: '\\Phi',
  Ω: '\\Omega',
};

const hat = '\u0302';

/** Text as text, in one paragraph: TeX obeys nothing in it. */
export function escapeLatex(text: string): string {
  const flat = text.normalize('NFC').replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ');
  let written = '';
  for (const [character] of flat.matchAll(/\P{Mn}\p{Mn}*|\p{Mn}+/gu)) {
    const base = [...character][0];
    const math = mathematics[base];
    if (character === base) written += math === undefined ? (specials[base] ?? base) : `$${math}$`;
    else if (character === base + hat && (math !== undefined || /[a-z]/i.test(base))) written += `$\\hat{${math ?? base}}$`;
    else written += (math === undefined ? (specials[base] ?? base) : `$${math}$`) + character.slice(base.length);
  }
  return written;
}
