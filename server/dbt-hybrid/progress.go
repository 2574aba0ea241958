package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// patience is how long a person waits before asking what a program is at.
const patience = time.Second

// A progress tells a person what takes long. The zero value tells nobody.
type progress struct {
	to    io.Writer // nil for nobody
	every time.Duration
	once  bool // where a line cannot be taken back
}

// onTerminal tells the person at the terminal, if there is one.
func onTerminal() progress {
	if _, ok := terminalWidth(os.Stderr); !ok {
		return progress{}
	}
	return progress{to: os.Stderr, every: patience, once: os.Getenv("TERM") == "dumb" || !escapes(os.Stderr)}
}

// during does some work. If it takes long, what it is at is shown in one line,
// which is gone at the end.
func (p progress) during(work func(), at func() string) {
	if p.to == nil {
		work()
		return
	}
	done, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		p.tell(at, done)
	}()
	defer func() { close(done); <-told }()
	work()
}

func (p progress) tell(at func() string, done <-chan struct{}) {
	const back = "\r\x1b[K" // to the start of the line, which is emptied
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for told := false; ; told = true {
		select {
		case <-done:
			if told && !p.once {
				_, _ = io.WriteString(p.to, back)
			}
			return
		case <-tick.C:
		}
		switch {
		case !p.once:
			_, _ = fmt.Fprintf(p.to, "%s%s …", back, at())
		case !told:
			_, _ = fmt.Fprintln(p.to, at())
		}
	}
}
