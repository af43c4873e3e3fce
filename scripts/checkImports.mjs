// Import rules of the repository (why: docs/architecture.md). One line per violation, exit code 1 if there is any.
//   cycle       no import cycles between files; `import type` does not count
//   deep        another package only by its published entries, never by path
//   direction   tensor <- autograd <- mri <- models <- robustness <- apps
//   undeclared  whatever is imported is a dependency in the nearest package.json
//   unresolved  a relative import names an existing file, with its `.js` ending
// Usage: node scripts/checkImports.mjs [repository root]
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { listPackages, root as ownRoot } from './workspace.mjs';

const chain = ['tensor', 'autograd', 'mri', 'models', 'robustness'];
const outsideFolders = ['test', 'examples', 'benches', 'scripts'];

/** @typedef {import('./workspace.mjs').Package} Package */
/** @typedef {{ specifier: string, line: number, isType: boolean }} Import */

/**
 * @param {string} [root] repository root
 * @returns {{ files: number, violations: string[] }}
 */
export function checkImports(root = ownRoot) {
  const packages = listPackages(root);
  /** @type {string[]} */
  const violations = packages.flatMap((owner) => checkManifest(owner, packages));
  const rootManifest = readManifest(path.join(root, 'package.json'));
  const files = [...packages.map((p) => `${p.folder}/src`), ...outsideFolders].flatMap((folder) =>
    listSources(root, folder),
  );
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  for (const file of files) {
    const owner = packages.find((p) => file.startsWith(`${p.folder}/`));
    /** @type {string[]} */
    const targets = [];
    for (const entry of readImports(path.join(root, file))) {
      const { target, problem } = checkImport({ root, packages, rootManifest, file, owner, entry });
      if (problem) violations.push(`${file}:${entry.line}: ${problem}`);
      if (target && !entry.isType) targets.push(target);
    }
    graph.set(file, targets);
  }
  for (const cycle of findCycles(graph)) violations.push(`cycle: ${cycle.join(' -> ')}`);
  return { files: files.length, violations };
}

/**
 * Judges one import; `target` is the repository file it reaches, if it is one of ours.
 * @param {{ root: string, packages: Package[], rootManifest: Record<string, any>, file: string,
 *   owner: Package | undefined, entry: Import }} context
 * @returns {{ target?: string, problem?: string }}
 */
function checkImport({ root, packages, rootManifest, file, owner, entry }) {
  const { specifier, isType } = entry;
  if (specifier.startsWith('.') || path.isAbsolute(specifier)) {
    const target = resolveRelative(root, file, specifier);
    if (!target) return { problem: `unresolved: '${specifier}' is no file; relative imports end in .js` };
    const reached = packages.find((p) => target.startsWith(`${p.folder}/`));
    // Tests may look inside a package; everything else is written as a user would write it.
    if (!reached || reached === owner || file.startsWith('test/')) return { target };
    return {
      target,
      problem: `deep: '${specifier}' reaches into ${reached.folder}; import '${reached.name}'`,
    };
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const imported = packages.find((p) => p.name === name);
  const problem =
    (imported && (deepProblem(imported, specifier) ?? directionProblem(owner, imported))) ??
    undeclaredProblem({ name, imported, owner, rootManifest, isType });
  return { problem, target: imported && entryFile(root, imported, specifier) };
}

/**
 * @param {Package} imported
 * @param {string} specifier
 */
function deepProblem(imported, specifier) {
  const entries = Object.keys(imported.manifest.exports ?? {});
  if (entries.includes(entryKey(imported, specifier))) return undefined;
  const published = entries.map((key) => `'${imported.name}${key.slice(1)}'`).join(' or ');
  return `deep: '${specifier}' is no published entry; import ${published}`;
}

/**
 * @param {Package | undefined} owner
 * @param {Package} imported
 */
function directionProblem(owner, imported) {
  if (!owner || rank(imported) < rank(owner)) return undefined;
  if (owner === imported) return `direction: ${owner.name} imports itself by name; use a relative import`;
  return `direction: ${owner.name} must not import ${imported.name} (${chain.join(' <- ')} <- apps)`;
}

/**
 * @param {{ name: string, imported: Package | undefined, owner: Package | undefined,
 *   rootManifest: Record<string, any>, isType: boolean }} context
 */
function undeclaredProblem({ name, imported, owner, rootManifest, isType }) {
  if (isBuiltin(name) || name.startsWith('node:')) return undefined;
  if (!owner && imported) return undefined; // npm links every workspace package at the root
  const manifest = owner?.manifest ?? rootManifest;
  const groups = ['dependencies', 'peerDependencies', 'optionalDependencies'];
  if (!owner || isType) groups.push('devDependencies');
  if (groups.some((group) => manifest[group]?.[name] !== undefined)) return undefined;
  return `undeclared: '${name}' is not in the dependencies of ${owner ? `${owner.folder}/` : ''}package.json`;
}

/**
 * @param {Package} owner
 * @param {Package[]} packages
 */
function checkManifest(owner, packages) {
  const file = `${owner.folder}/package.json`;
  if (rank(owner) < 0)
    return [`${file}: direction: ${owner.name} has no place in the chain of checkImports.mjs`];
  return ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']
    .flatMap((group) => Object.keys(owner.manifest[group] ?? {}))
    .flatMap((name) => packages.filter((p) => p.name === name))
    .map((imported) => directionProblem(owner, imported))
    .filter((problem) => problem !== undefined)
    .map((problem) => `${file}: ${problem}`);
}

/**
 * Position in the chain; -1 for a package that is not in it.
 * @param {Package} item
 */
function rank({ folder }) {
  return folder.startsWith('apps/') ? chain.length : chain.indexOf(path.posix.basename(folder));
}

/**
 * @param {Package} imported
 * @param {string} specifier
 */
const entryKey = (imported, specifier) => `.${specifier.slice(imported.name.length)}`;

/**
 * The source file behind a published entry.
 * @param {string} root
 * @param {Package} imported
 * @param {string} specifier
 */
function entryFile(root, imported, specifier) {
  const source = imported.manifest.exports?.[entryKey(imported, specifier)]?.source;
  return source && relativeTo(root, path.join(root, imported.folder, source));
}

/**
 * @param {string} root
 * @param {string} from importing file, below the root
 * @param {string} specifier
 */
function resolveRelative(root, from, specifier) {
  const exact = path.resolve(root, path.dirname(from), specifier);
  const candidates = [
    exact.replace(/\.js$/, '.ts'),
    exact.replace(/\.js$/, '.tsx'),
    exact.replace(/\.mjs$/, '.mts'),
    exact,
  ];
  const found = candidates.find((file) => existsSync(file) && statSync(file).isFile());
  return found && relativeTo(root, found);
}

/**
 * @param {string} root
 * @param {string} file
 */
const relativeTo = (root, file) => path.relative(root, file).split(path.sep).join('/');

/** @param {string} file */
const readManifest = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});

/**
 * TypeScript and JavaScript files below a folder, as paths from the root.
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function listSources(root, folder) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listSources(root, file);
      return /\.(ts|tsx|mts|mjs|js)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [file] : [];
    });
}

/**
 * Static imports, re-exports, `import()` and `import type`, with their lines.
 * @param {string} file
 * @returns {Import[]}
 */
function readImports(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, false);
  /** @type {Import[]} */
  const found = [];
  /** @param {ts.Node | undefined} literal @param {boolean} isType */
  const add = (literal, isType) => {
    if (!literal || !ts.isStringLiteralLike(literal)) return; // import(variable) cannot be judged here
    const line = source.getLineAndCharacterOfPosition(literal.end).line + 1;
    found.push({ specifier: literal.text, line, isType });
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node));
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** @param {ts.ImportDeclaration} node */
function isTypeImport({ importClause: clause }) {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  if (clause.name || !named || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

/** @param {ts.ExportDeclaration} node */
function isTypeExport({ isTypeOnly, exportClause: clause }) {
  if (isTypeOnly) return true;
  if (!clause || !ts.isNamedExports(clause)) return false;
  return clause.elements.length > 0 && clause.elements.every((element) => element.isTypeOnly);
}

/**
 * One shortest cycle through the first file of every group of files that import each other.
 * @param {Map<string, string[]>} graph
 */
function findCycles(graph) {
  /** @type {string[][]} */
  const cycles = [];
  const covered = new Set();
  for (const start of graph.keys()) {
    if (covered.has(start)) continue;
    const cycle = shortestCycle(graph, start);
    if (!cycle) continue;
    for (const file of cycle) covered.add(file);
    cycles.push(cycle);
  }
  return cycles;
}

/**
 * Breadth-first search from a file back to itself.
 * @param {Map<string, string[]>} graph
 * @param {string} start
 */
function shortestCycle(graph, start) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map();
  const queue = [start];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const target of graph.get(file) ?? []) {
      if (target === start) {
        const way = [start];
        for (let at = file; at !== start; at = /** @type {string} */ (cameFrom.get(at))) way.unshift(at);
        return [start, ...way];
      }
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      queue.push(target);
    }
  }
  return undefined;
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { files, violations } = checkImports(process.argv[2] && path.resolve(process.argv[2]));
  for (const violation of violations) console.error(violation);
  console.log(`imports: ${files} files, ${violations.length} violations`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
