"""The style of the page: light or dark as its reader has it, one column on a phone."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --sheet: #fff; --text: #1c2024; --quiet: #5c656e; --line: #dfe3e6; --grid: #e9ecee;
  --canary: #c2410c; --stable: #0b63b5; --limit: #5c656e;
  --good: #15703a; --good-sheet: #e3f4e8; --bad: #b3261e; --bad-sheet: #fde8e6;
  --warn: #8a5300; --warn-sheet: #fdf0d9; --plain-sheet: #eef0f2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121416; --sheet: #1a1d20; --text: #e7eaec; --quiet: #9ba5ae; --line: #31363b; --grid: #292e32;
    --canary: #ff9b5e; --stable: #6db3ff; --limit: #a8b1b9;
    --good: #7ad69a; --good-sheet: #16301f; --bad: #ff8f86; --bad-sheet: #3d1a18;
    --warn: #f3bf66; --warn-sheet: #38290f; --plain-sheet: #272c30;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
}
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 {
  display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .8rem; margin: 0;
  font-size: 1.7rem; line-height: 1.25;
}
h1, .reason, dd, td { overflow-wrap: anywhere; }
h2 { margin: 0 0 .8rem; font-size: 1.1rem; }
h3 { margin: 0; font-size: .95rem; }
p { margin: 0; }
code { font: .9em ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }
.place, footer, .quiet { color: var(--quiet); font-size: .9rem; }
.reason { margin-top: .5rem; font-size: 1.1rem; max-width: 48rem; }
.verdict { padding: .1rem .7rem; border-radius: 1rem; font-size: 1rem; font-weight: 600; }
.good { background: var(--good-sheet); color: var(--good); }
.bad { background: var(--bad-sheet); color: var(--bad); }
.warn { background: var(--warn-sheet); color: var(--warn); }
.plain { background: var(--plain-sheet); color: var(--text); }
dl {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem 1.5rem;
  margin: 1.2rem 0 0;
}
dt { color: var(--quiet); font-size: .85rem; }
dd { margin: 0; font-weight: 600; }
section {
  margin-top: 1.2rem; padding: 1.1rem 1.2rem; background: var(--sheet);
  border: 1px solid var(--line); border-radius: .6rem;
}
.charts {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
  gap: 1.4rem 1.6rem;
}
figure { margin: 0; max-width: 36rem; }
svg { display: block; width: 100%; height: auto; margin-top: .3rem; }
svg text { fill: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
.grid line { stroke: var(--grid); }
.track path { fill: none; stroke: currentColor; stroke-linejoin: round; stroke-linecap: round; }
.track circle { fill: currentColor; }
.canary { color: var(--canary); }
.stable { color: var(--stable); }
.canary path { stroke-width: 2.5; }
.stable path { stroke-width: 1.5; }
.stable circle { fill: var(--sheet); stroke: currentColor; stroke-width: 1.5; }
.limit line { stroke: var(--limit); stroke-width: 1.2; stroke-dasharray: 6 4; }
.limit text { font-weight: 600; paint-order: stroke; stroke: var(--sheet); stroke-width: 3px; }
.band.fail { fill: var(--bad); opacity: .16; }
.band.unmeasured { fill: var(--quiet); opacity: .16; }
.legend {
  display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .9rem; padding: 0; list-style: none;
  font-size: .9rem;
}
.legend i { display: inline-block; width: 1.4rem; margin-right: .4rem; vertical-align: middle; }
.legend .canary i { border-top: 3px solid; border-radius: 2px; }
.legend .stable i { border-top: 2px solid; }
.legend .limit i { border-top: 2px dashed var(--limit); }
.legend .fail i, .legend .unmeasured i { height: .9rem; border-radius: 2px; opacity: .3; }
.legend .fail i { background: var(--bad); }
.legend .unmeasured i { background: var(--quiet); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td {
  padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line);
}
th { color: var(--quiet); font-weight: 500; white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
.samples td { white-space: nowrap; }
.samples td:last-child { white-space: normal; min-width: 16rem; }
.history td:not(:nth-child(2)) { white-space: nowrap; }
.history td:nth-child(2) { min-width: 11rem; }
.changes td { min-width: 5rem; }
details { margin-top: 1.1rem; }
summary { cursor: pointer; padding: .3rem 0; font-weight: 600; }
.timeline { margin: 0; padding: 0; list-style: none; font-size: .95rem; }
.timeline li { display: grid; grid-template-columns: 4.5rem 1fr; gap: .8rem; padding: .25rem 0; }
.timeline li.day { display: block; color: var(--quiet); font-size: .9rem; }
.timeline time { color: var(--quiet); font-variant-numeric: tabular-nums; }
footer { margin-top: 1.5rem; }
@media (max-width: 40rem) {
  section { padding: .9rem; }
  svg text { font-size: 14px; }
}
@media print { section { break-inside: avoid; } }
"""
