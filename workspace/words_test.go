package workspace

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestWords holds that a word is found where bytes.Index finds it.
func TestWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SampledFrom([]byte("env_r("))
		text := rapid.SliceOfN(letters, 1, 5).Draw(t, "word")
		content := rapid.SliceOfN(letters, 0, 60).Draw(t, "content")
		if got, want := newWord(string(text)).index(content), bytes.Index(content, text); got != want {
			t.Fatalf("%q in %q: %d, want %d", text, content, got, want)
		}
	})
}
