// Packs the extension with the program and the rules' pages: dist/dbt-hybrid-<target>.vsix. Checks what is in it, and its size.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { buildAll } from './build.mjs';
import { CACHE, DIST, Failure, PROGRAM, ROOT, main, run, step } from './lib.mjs';

/** The largest download that we ask of anyone, in bytes. */
const LARGEST = 10 << 20;

/** This machine, as VS Code names it. */
export function hostTarget() {
  return `${process.platform}-${process.arch}`;
}

/** The files of the package, and the names that vsce gives them in it. */
function contents(target) {
  const program = target.startsWith('win32') ? 'dist/dbt-hybrid.exe' : 'dist/dbt-hybrid';
  const pages = ['docs/rules', 'docs/engine'].flatMap(folder => readdirSync(join(ROOT, folder)).filter(name => name.endsWith('.md')).map(name => `${folder}/${name}`));
  const same = [program, 'dist/extension.js', 'extension/icon.png', 'extension/dbt-hybrid.schema.json', 'docs/config.md', 'package.json', 'package.nls.json', ...pages];
  const texts = { 'README.md': 'readme.md', 'CHANGELOG.md': 'changelog.md', LICENSE: 'LICENSE.txt' };
  return new Map([
    ...same.map(name => [name, `extension/${name}`]),
    ...Object.entries(texts).filter(([name]) => existsSync(join(ROOT, name))).map(([name, there]) => [name, `extension/${there}`]),
  ]);
}

/** Packs what has been built; gives the path. In a folder of its own: vsce walks all that lies beside the manifest. */
export async function pack(target = hostTarget()) {
  const vsix = join(DIST, `dbt-hybrid-${target}.vsix`);
  const stage = join(CACHE, 'package');
  const files = contents(target);
  rmSync(stage, { recursive: true, force: true });
  for (const name of files.keys()) {
    mkdirSync(dirname(join(stage, name)), { recursive: true });
    copyFileSync(join(ROOT, name), join(stage, name));
  }
  chmodSync(join(stage, 'dist', target.startsWith('win32') ? 'dbt-hybrid.exe' : 'dbt-hybrid'), 0o755);
  await run(process.execPath, [join(ROOT, 'node_modules/@vscode/vsce/vsce'), 'package', '--no-dependencies', '--target', target, '--out', vsix],
    { cwd: stage });
  check(vsix, [...files.values(), '[Content_Types].xml', 'extension.vsixmanifest']);
  return vsix;
}

/** Fails if a file is missing, or there that should not be, or the package is too large. */
function check(vsix, wanted) {
  const found = [...entries(readFileSync(vsix)).keys()];
  const missing = wanted.filter(name => !found.includes(name));
  const surplus = found.filter(name => !wanted.includes(name));
  if (missing.length + surplus.length > 0) {
    throw new Failure(`${vsix}: missing ${missing.join(', ') || 'nothing'}; not expected ${surplus.join(', ') || 'nothing'}`);
  }
  const { size } = statSync(vsix);
  if (size > LARGEST) {
    throw new Failure(`${vsix} has ${size} bytes, more than ${LARGEST}`);
  }
}

/** The files of a zip file, from its central directory: name → where it stands, and how it is packed. */
function entries(zip) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const found = new Map();
  for (let i = 0, at = zip.readUInt32LE(end + 16); i < zip.readUInt16LE(end + 10); i++) {
    const [name, extra, comment] = [28, 30, 32].map(offset => zip.readUInt16LE(at + offset));
    const entry = { deflated: zip.readUInt16LE(at + 10) === 8, size: zip.readUInt32LE(at + 20), at: zip.readUInt32LE(at + 42) };
    found.set(zip.toString('utf8', at + 46, at + 46 + name), entry);
    at += 46 + name + extra + comment;
  }
  return found;
}

/** Takes the program out of the package for this machine, as VS Code does; gives its path. */
export function unpackProgram() {
  const zip = readFileSync(join(DIST, `dbt-hybrid-${hostTarget()}.vsix`));
  const name = basename(PROGRAM);
  const { deflated, size, at } = entries(zip).get(`extension/dist/${name}`);
  const start = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
  const packed = zip.subarray(start, start + size);
  const path = join(CACHE, 'packed', name);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, deflated ? inflateRawSync(packed) : packed, { mode: 0o755 });
  return path;
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    const at = process.argv.indexOf('--target');
    const target = at < 0 ? undefined : process.argv[at + 1];
    await buildAll(target);
    await step('the package', async () => {
      const vsix = await pack(target);
      return `${vsix}, ${(statSync(vsix).size / 1e6).toFixed(1)} MB`;
    });
  });
}
