package workspace

import (
	"bytes"
	"strings"
)

// A word is a text to look for in files.
type word struct {
	text []byte
	rare int // index of its rarest letter
}

// common are letters and signs by how often SQL has them, the commonest first.
const common = " etasnrioldc_mup,ghf.byw'()kvxjqz"

func newWord(text string) word {
	w := word{text: []byte(text)}
	for i, c := range w.text {
		if rarity(c) > rarity(w.text[w.rare]) {
			w.rare = i
		}
	}
	return w
}

func rarity(c byte) int {
	if i := strings.IndexByte(common, c); i >= 0 {
		return i
	}
	return len(common)
}

// in reports whether a content holds the word.
func (w word) in(content []byte) bool { return w.index(content) >= 0 }

// index returns where a content holds the word first, -1 without it. It jumps
// from one rare letter to the next, which is several times faster than
// bytes.Index.
func (w word) index(content []byte) int {
	for at := w.rare; at < len(content); at++ {
		next := bytes.IndexByte(content[at:], w.text[w.rare])
		if next < 0 {
			return -1
		}
		at += next
		if start := at - w.rare; bytes.HasPrefix(content[start:], w.text) {
			return start
		}
	}
	return -1
}
