/** Text as HTML shows it, also within attributes in double quotes. */
export const quoted = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export interface Page {
  /** Plain text. */
  readonly title: string
  /** Rules after those that every report shares. */
  readonly style?: string
  /** HTML. */
  readonly body: string
}

/** One HTML page that stands alone: no script, nothing fetched. */
export function htmlPage({ title, style = '', body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${quoted(title)}</title>
<style>${sharedStyle}${style}</style>
</head>
<body>
${body}
</body>
</html>
`
}

/** Cells are plain text; a table wider than the page scrolls in itself. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string => `<tr>${cells.map((cell) => `<${tag}>${quoted(cell)}</${tag}>`).join('')}</tr>`
  return `<div class="wide"><table><thead>${line(header, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table></div>`
}

// The charts' text and lines are drawn in fixed colours; these rules, which outrank the drawing's attributes, make them follow the page's.
const sharedStyle = `
:root { color-scheme: light dark; --ink: #1c1c1c; --faint: #6b6b6b; --line: #d8d8d8; --page: #ffffff }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --faint: #a5a5a5; --line: #3d3d3d; --page: #17191c } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1000px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.15rem; margin-top: 2rem }
.note { color: var(--faint); font-size: 13px }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums }
th, td { padding: 4px 12px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th { font-weight: 600; vertical-align: bottom; white-space: normal } th:first-child, td:first-child { text-align: left; padding-left: 0 }
table + .charts, .charts + .wide { margin-top: 1rem }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem } .charts svg { max-width: 100%; height: auto }
svg text { fill: var(--ink) } svg .role-axis-label text { fill: var(--faint) }
svg .role-axis-grid line, svg .role-axis-domain line, svg .role-axis-tick line { stroke: var(--line) }
svg path[stroke='#ddd'] { stroke: var(--line) }
`
