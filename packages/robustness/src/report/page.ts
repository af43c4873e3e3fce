import type { ReportContext, Section } from './context.js';
import { Markup, markup } from './markup/markup.js';
import { sections } from './sections/index.js';
import { pageStyle } from './style.js';

/** The whole report as one HTML file that needs no other. */
export async function reportPage(context: ReportContext): Promise<string> {
  const parts: Section[] = [];
  for (const section of sections) {
    const part = await section(context);
    if (part) parts.push(part);
  }
  const { manifest } = context.study;
  const title = `Robustness of image reconstruction: ${manifest.profile} study`;
  const page = markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="adjoint">
<title>${title}</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<div class="subtitle">${context.run && `${context.run.started.slice(0, 10)} · `}<code>${manifest.command}</code></div>
<nav aria-label="Contents"><ul>${parts.map(({ id, short }) => markup`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
</header>
<main>
${parts.map(({ id, title: name, body }) => markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${name}</h2>\n${body}</section>\n`)}
</main>
<footer>Written by adjoint. Beside this file: results.json and the CSV tables hold every number with all its digits, figures/ holds every figure. What is computed and how claims are judged: docs/protocol.md of the project.</footer>
</body>
</html>
`;
  return `<!doctype html>\n${page.text}`;
}
