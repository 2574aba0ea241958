package main

import (
	"strings"
	"testing"
	"time"
)

// said is what a progress wrote; the channel tells of each piece.
type said chan string

func (s said) Write(p []byte) (int, error) {
	s <- string(p)
	return len(p), nil
}

func TestWorkThatTakesLongSaysWhatItIsAt(t *testing.T) {
	out := make(said, 100)
	p := progress{to: out, every: time.Millisecond}
	p.during(func() { out.waitFor(t, "7 folders") }, func() string { return "7 folders" })
	close(out)
	last := ""
	for last = range out {
	}
	if last != "\r\x1b[K" {
		t.Errorf("the line is not taken back, but ends with %q", last)
	}
}

func TestShortWorkSaysNothing(t *testing.T) {
	out := make(said, 100)
	progress{to: out, every: time.Hour}.during(func() {}, func() string { return "never" })
	close(out)
	for text := range out {
		t.Errorf("it said %q", text)
	}
}

func TestALineThatCannotBeTakenBackIsSaidOnce(t *testing.T) {
	out := make(said, 100)
	p := progress{to: out, every: time.Millisecond, once: true}
	p.during(func() { out.waitFor(t, "7 folders\n") }, func() string { return "7 folders" })
	close(out)
	for text := range out {
		t.Errorf("it also said %q", text)
	}
}

func (s said) waitFor(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-s:
		if !strings.Contains(got, want) {
			t.Errorf("it said %q", got)
		}
	case <-time.After(time.Minute):
		t.Error("it said nothing")
	}
}
