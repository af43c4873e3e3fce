// Serves a folder with the headers that allow threads, opens its page.html in headless Chromium and waits until the page
// says how it went.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright';

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** @param {string} folder */
function serve(folder) {
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = path.join(folder, path.normalize(name));
    if (!existsSync(file) || !file.startsWith(folder)) {
      response.writeHead(404).end();
      return;
    }
    const extension = /** @type {keyof typeof types} */ (path.extname(file));
    response.writeHead(200, {
      'Content-Type': types[extension] ?? 'application/octet-stream',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

/**
 * Sets the exit code if the page fails. Without Chromium it is skipped, but fails in continuous integration.
 * @param {string} folder
 */
export async function checkPage(folder) {
  const executablePath = process.env.ADJOINT_CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    console.log(`page: SKIPPED, there is no ${executablePath}`);
    if (process.env.CI) process.exitCode = 1;
    return;
  }
  const server = /** @type {import('node:http').Server} */ (await serve(folder));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--enable-unsafe-webgpu'] });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
    await page.goto(`http://127.0.0.1:${port}/page.html`);
    await page.waitForFunction('document.body.dataset.done', undefined, { timeout: 120_000 });
    const said = await page.evaluate('document.body.innerText');
    console.log(`page: ${said}`);
    if ((await page.evaluate('document.body.dataset.done')) !== 'ok') process.exitCode = 1;
  } finally {
    await browser.close();
    server.close();
  }
}
