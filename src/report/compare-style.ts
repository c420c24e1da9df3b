/** Rules of the comparison's page, after those that all reports share. */
export const compareStyle = `
body { max-width: 1180px }
h2 { margin-top: 3rem; overflow-wrap: anywhere } h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem }
.note { max-width: 100ch } p, li { max-width: 76ch; overflow-wrap: break-word } ul { padding-left: 1.2rem; margin: 0.5rem 0 }
a { color: inherit } small { display: block; font-size: 11px; color: var(--faint); font-weight: 400 }
caption { text-align: left; color: var(--faint); font-size: 13px; padding-bottom: 4px } caption span { display: inline-block; position: sticky; left: 0; max-width: min(100%, calc(100vw - 2rem)) }
th, td { padding: 3px 9px; vertical-align: top } thead th { vertical-align: bottom; font-size: 12.5px; line-height: 1.3 }
th:first-child, td:first-child { position: sticky; left: 0; background: var(--page); padding-right: 10px; overflow-wrap: normal }
tbody th { white-space: nowrap; font-weight: 400 } tbody th .rank { display: inline-block; min-width: 1.4em; color: var(--faint) }
.long { display: inline-block; vertical-align: top; max-width: 12em; white-space: normal; overflow-wrap: anywhere }
tbody tr.class th { font-weight: 600; padding-top: 10px; border-bottom-color: var(--faint) }
.best, tbody th.best { font-weight: 650 } .ranking { font-size: 12.5px } .ranking small { font-size: 10.5px } .ranking th, .ranking td { padding-left: 4px; padding-right: 5px } .ranking td.words { white-space: normal; min-width: 6.5em }
.matrix td { background: color-mix(in srgb, var(--heat-colour) calc(var(--heat) * 55%), transparent); min-width: 4.2em } .matrix td small { color: inherit; opacity: 0.8 }
.matrix td.median { background: none } .matrix thead th { max-width: 8.5em; overflow-wrap: anywhere }
.matrix tr.stems > * { border-bottom: 0; padding-bottom: 0; text-align: left; max-width: none } .matrix tr.stems td { background: none }
.settings { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 1.5rem; margin: 0; font-size: 14px } .settings dt { font-weight: 600 } .settings dd { margin: 0; min-width: 0 }
.settings ul { margin: 0; padding: 0; list-style: none } .settings li { max-width: 100ch; padding-bottom: 2px; overflow-wrap: anywhere }
:root { --heat-colour: #4a90d9 }
.warning { border-left: 3px solid #e07b39; padding-left: 0.7rem }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 1.5rem 2rem; margin-top: 1.2rem; align-items: start }
figure { margin: 0; min-width: 0; break-inside: avoid } figcaption { font-size: 14px; margin-bottom: 0.6rem }
svg text { font-family: system-ui, sans-serif } figure svg { max-width: 100%; height: auto; display: block }
@media (min-width: 900px) { .ranking small { white-space: normal } }
@media (max-width: 500px) { body { margin: 1rem auto } th, td { padding: 3px 6px } .settings { grid-template-columns: 1fr } }
@media print {
  :root { color-scheme: light; --ink: #000; --faint: #555; --line: #ccc; --page: #fff }
  @page { size: A4 landscape; margin: 10mm }
  body { margin: 0; max-width: none; font-size: 10pt } .wide { overflow: visible } section { break-before: page } h2 { margin-top: 0 }
  .matrix td { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  th, td { padding: 2px 4px; min-width: 0 !important } table, .ranking { font-size: 8pt } caption, .note { font-size: 8pt } thead th { font-size: 7.5pt } small { font-size: 6.8pt; white-space: normal } tr { break-inside: avoid }
  th:first-child, td:first-child { position: static } .figures { grid-template-columns: 1fr 1fr; gap: 1rem }
}
`
