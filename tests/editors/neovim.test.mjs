// The program in Neovim, with the set-up that docs/editors.md shows for its version.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { sameInEveryEditor, shownIn } from './terminal.mjs';

sameInEveryEditor('nvim', { creates: true }, place => {
  const [newest, older] = shownIn('Neovim', 'lua');
  const [, minor] = /^NVIM v0\.(\d+)/.exec(spawnSync('nvim', ['--version'], { encoding: 'utf8' }).stdout);
  place.write('home/.config/nvim/init.lua', Number(minor) >= 11 ? newest : older);
  return ['--headless', '-n', '-c', `luafile ${join(import.meta.dirname, 'neovim/drive.lua')}`];
});
