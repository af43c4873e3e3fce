// How a user's page is built: nothing but the entry and a language level with top-level await.
export default { build: { target: 'es2022', rollupOptions: { input: 'page.html' } }, logLevel: 'warn' };
