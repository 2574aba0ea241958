package main

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// said is what a progress wrote. It takes any number of pieces: the machine may
// let a progress speak for long before its work goes on.
type said struct {
	mu     sync.Mutex
	pieces []string
	spoken chan struct{} // closed by the first piece
}

func newSaid() *said { return &said{spoken: make(chan struct{})} }

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pieces == nil {
		close(s.spoken)
	}
	s.pieces = append(s.pieces, string(p))
	return len(p), nil
}

func (s *said) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pieces)
}

func TestWorkThatTakesLongSaysWhatItIsAt(t *testing.T) {
	out := newSaid()
	p := progress{to: out, every: time.Millisecond}
	p.during(func() { <-out.spoken }, func() string { return "7 folders" })
	all := out.all()
	if !strings.Contains(all[0], "7 folders") {
		t.Errorf("it said %q", all[0])
	}
	if last := all[len(all)-1]; last != "\r\x1b[K" {
		t.Errorf("the line is not taken back, but ends with %q", last)
	}
}

func TestShortWorkSaysNothing(t *testing.T) {
	out := newSaid()
	progress{to: out, every: time.Hour}.during(func() {}, func() string { return "never" })
	if all := out.all(); len(all) > 0 {
		t.Errorf("it said %q", all)
	}
}

func TestALineThatCannotBeTakenBackIsSaidOnce(t *testing.T) {
	out := newSaid()
	p := progress{to: out, every: time.Millisecond, once: true}
	p.during(func() { <-out.spoken }, func() string { return "7 folders" })
	if all := out.all(); !slices.Equal(all, []string{"7 folders\n"}) {
		t.Errorf("it said %q", all)
	}
}
