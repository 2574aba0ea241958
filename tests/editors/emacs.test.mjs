// The program in Emacs with Eglot, with the set-up that docs/editors.md shows.
import { join } from 'node:path';
import { sameInEveryEditor, shownIn } from './terminal.mjs';

sameInEveryEditor('emacs', { creates: false }, place => {
  place.write('home/.emacs.d/init.el', shownIn('Emacs', 'elisp').join('\n'));
  return ['--batch', '-f', 'package-initialize', '-l', place.path('home/.emacs.d/init.el'), '-l', join(import.meta.dirname, 'emacs/drive.el')];
});
