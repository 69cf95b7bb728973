/** The look of the history page: light and dark by the reader's own setting, and on paper. */
export const HISTORY_STYLE = `
:root { color-scheme: light dark; --page: #ffffff; --ink: #1c2430; --soft: #5b6675; --line: #d8dee6; --panel: #f5f7fa;
  --weight: #9cc3ee; --weight-edge: #2f6fb4; --count: #a8480b; --was: #9aa5b1; --now: #2e8b57; --other: #8463b8;
  --wait: #d9a013; --gone: #c23b3b; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --ink: #e4e9f0; --soft: #9aa7b6; --line: #2e3743;
  --panel: #1a2029; --weight: #2b4e76; --weight-edge: #6fabe8; --count: #f0a063; --was: #6d7885; --now: #4fbf83;
  --other: #ad92df; --wait: #e2b84a; --gone: #ef7a7a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 28px 24px 48px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 32px 0 10px; }
p { margin: 0 0 8px; }
.soft { color: var(--soft); }
code, .mono { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 14px 0 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 10px; padding: 0; list-style: none; font-size: 13px; color: var(--soft); }
.legend svg { width: 26px; height: 12px; vertical-align: -1px; margin-right: 6px; }
figure { margin: 0; }
.timeline { display: block; width: 100%; height: auto; }
.timeline text { fill: var(--ink); font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.timeline .axis { fill: var(--soft); }
.grid, .row { stroke: var(--line); stroke-width: 1; }
.weight { fill: var(--weight); } .weight-edge { fill: none; stroke: var(--weight-edge); stroke-width: 1.5; }
.count { fill: none; stroke: var(--count); stroke-width: 1.5; } .timeline .count-text { fill: var(--count); }
.dot { fill: var(--count); }
.was { fill: var(--was); } .now { fill: var(--now); } .other { fill: var(--other); }
.ready { fill: var(--now); } .wait { fill: var(--wait); } .gone { fill: var(--gone); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 2px solid var(--line); padding: 6px 14px 6px 0; white-space: nowrap; }
td { vertical-align: top; border-bottom: 1px solid var(--line); padding: 7px 14px 7px 0; overflow-wrap: anywhere; }
td.tight { white-space: nowrap; overflow-wrap: normal; }
td ul { margin: 4px 0 0; padding: 0; list-style: none; color: var(--soft); font-size: 13px; }
.note { border-left: 3px solid var(--wait); padding: 2px 12px; margin: 6px 0; background: var(--panel); }
/* A phone: terms above what they say, steps as blocks, and a picture that keeps its size and scrolls. */
@media (max-width: 720px) { body { padding: 16px 14px 32px; } h1 { font-size: 20px; overflow-wrap: anywhere; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin: 0 0 8px; }
  figure.scroll .timeline { width: 960px; max-width: none; }
  thead { display: none; } table, tbody, tr, td { display: block; } tr { border-bottom: 1px solid var(--line); padding: 8px 0; }
  td, td.tight { border: 0; padding: 0; white-space: normal; overflow-wrap: anywhere; } }
@media print { body { max-width: none; padding: 0; font-size: 12px; } h2 { break-after: avoid; } tr, figure svg { break-inside: avoid; }
  .scroll { overflow: visible; } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
@page { margin: 14mm; }
`;
