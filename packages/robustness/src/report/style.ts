import { chartStyle, darkVariables, lightVariables } from './chart/palette.js';

/** Of the whole page: light and dark as the reader's system is, always light on paper, no file but this one. */
export const pageStyle = `
:root{color-scheme:light dark;${lightVariables};--soft:#f5f6f8;--good:#00704f;--bad:#b03a00;--open:#7a5c00}
@media (prefers-color-scheme:dark){:root{${darkVariables};--soft:#1d2126;--good:#3fcf9f;--bad:#ff8f4d;--open:#f0bf4c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main,header{max-width:1080px;margin:0 auto;padding:0 28px}
header{padding-top:40px}
h1{font-size:27px;line-height:1.25;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:20px;line-height:1.3;margin:44px 0 14px;padding-top:14px;border-top:1px solid var(--grid)}
h3{font-size:15px;margin:24px 0 6px}
p{max-width:74ch;margin:10px 0}
a{color:inherit;text-decoration-color:var(--muted);text-underline-offset:2px}
.subtitle,.quiet,.unit,.file{color:var(--muted)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;padding:0;margin:18px 0 0;font-size:13.5px}
figure{margin:26px 0}
figcaption{font-size:13.5px;line-height:1.5;max-width:88ch;margin-top:8px}
.file{font-size:12px;white-space:nowrap}
.scroll{overflow-x:auto}
.chart{display:block}
${chartStyle}
table{border-collapse:collapse;font-size:13.5px;line-height:1.4;margin:14px 0 22px}
caption{caption-side:top;text-align:left;font-size:13.5px;padding-bottom:7px;max-width:88ch}
th,td{padding:5px 14px 5px 0;text-align:left;vertical-align:top;font-weight:400}
thead th{font-weight:600;border-bottom:1px solid var(--muted);vertical-align:bottom}
tbody th{font-weight:600;white-space:nowrap}
tbody tr{border-bottom:1px solid var(--grid)}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th.number{white-space:normal}
.unit{display:block;font-weight:400;font-size:12px}
ul.numbers{list-style:none;margin:6px 0 4px;padding:0;max-width:600px;font-size:12.5px;color:var(--muted);font-variant-numeric:tabular-nums}
ul.numbers li{display:flex;justify-content:space-between;gap:20px}
ul.numbers span:last-child{white-space:nowrap}
ul.flags{margin:-10px 0 20px;padding-left:18px;font-size:13px;color:var(--muted)}
ul.verdicts{list-style:none;padding:0;margin:8px 0}
ul.verdicts li{display:grid;grid-template-columns:142px 40px 1fr;align-items:baseline;margin:5px 0}
ul.verdicts .verdict{justify-self:start}
.verdict{display:inline-block;white-space:nowrap;font-size:12.5px;font-weight:600;padding:0 9px;border:1px solid currentColor;border-radius:10px;color:var(--muted)}
.verdict.holds{color:var(--good)}
.verdict.does-not-hold{color:var(--bad)}
.verdict.inconclusive{color:var(--open)}
.limits{background:var(--soft);border-left:3px solid var(--open);padding:2px 18px 8px;margin:20px 0;max-width:88ch}
.limits h3{margin-top:12px}
.limits ul{margin:6px 0;padding-left:18px}
.warning{border-left:3px solid var(--bad);padding-left:14px}
details{margin:14px 0}
summary{cursor:pointer;font-size:13.5px}
code,pre{font:12.5px/1.5 ui-monospace,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre.command{background:var(--soft);padding:12px 16px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.hash{overflow-wrap:anywhere;font-size:11px}
dl.settings{margin:0;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:13px}
dl.settings div{display:flex;gap:6px}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
footer{max-width:1080px;margin:56px auto 40px;padding:0 28px;font-size:13px;color:var(--muted)}
@media print{
:root{${lightVariables};--soft:#f5f6f8;--good:#00704f;--bad:#b03a00;--open:#7a5c00;color-scheme:light}
body{font-size:10pt}
table,caption,figcaption{font-size:8.5pt}
.unit,.file,ul.numbers{font-size:7.5pt}
th,td{padding-right:9px}
td.number,th.number{white-space:normal}
header,main,footer{max-width:none;padding:0}
figure,tr,.limits{break-inside:avoid}
h2,h3,caption{break-after:avoid}
.scroll{overflow:visible}
.chart{max-width:100%;height:auto}
nav{display:none}
details::details-content{content-visibility:visible;block-size:auto}
}
`.trim();
