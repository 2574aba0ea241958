package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/lspdrive"
)

const (
	editEvery    = 5 * time.Millisecond // 200 edits a second
	maxUnderLoad = 10 * time.Millisecond
)

// A question is a request, and the place it asks about.
type question struct {
	method       string
	line, column int
}

// at asks about the place so many bytes behind the first of a text.
func at(method, content, first string, behind int) question {
	offset := strings.Index(content, first) + behind
	line := strings.Count(content[:offset], "\n")
	return question{method, line, offset - strings.LastIndexByte(content[:offset], '\n') - 1}
}

// measureRequests asks for hovers and completions, first in peace, then while
// somebody types.
func measureRequests(b *bench) error {
	env := envPage(generate.Clean, 10)
	large := generate.Profiles(310_000)
	profiles := page{name: "profiles.yml", content: large, at: strings.Index(large, "target: dev") + len("target: d"), key: "e"}
	for _, test := range []struct {
		name string
		page page
		asks []question
		p50  time.Duration
	}{
		{".env of 10 lines", env, []question{
			at("textDocument/hover", env.content, generate.Variable(1), 2),
			at("textDocument/completion", env.content, generate.Variable(1), 0),
		}, 300 * time.Microsecond},
		{"profiles.yml of 310 KB", profiles, []question{
			at("textDocument/hover", large, "env_var('", len("env_var('")+2),
			at("textDocument/completion", large, "env_var('", len("env_var('")),
		}, time.Millisecond},
	} {
		for _, ask := range test.asks {
			calm, busy, err := b.answers(test.page, ask)
			if err != nil {
				return err
			}
			_, kind, _ := strings.Cut(ask.method, "/")
			b.table.add(row{
				work: fmt.Sprintf("T8 %s, %s, p50", kind, test.name),
				ours: text(calm.ours.median()), floor: text(calm.floor.median()),
				ratio: fmt.Sprintf("%.1f × floor", quotient(calm.ours.median(), calm.floor.median())),
				bar:   "≤ " + text(test.p50), verdict: holds(float64(calm.ours.median()), float64(test.p50)),
			})
			b.table.add(row{
				work: "   under 200 edits a second, p99",
				ours: text(busy.ours.percentile(99)), floor: text(busy.floor.percentile(99)),
				bar: "≤ 10 ms", verdict: holds(float64(busy.ours.percentile(99)), float64(maxUnderLoad)),
			})
		}
	}
	return nil
}

// answered holds how long answers took.
type answered struct{ ours, floor sample }

func (b *bench) answers(page page, ask question) (calm, busy answered, err error) {
	folder, err := b.empty("requests")
	if err != nil {
		return calm, busy, err
	}
	ours, err := sit(b.ourServer(), folder, page, 0)
	if err != nil {
		return calm, busy, err
	}
	defer func() { err = errors.Join(err, ours.server.Close()) }()
	floor, err := sit(b.floorServer(), folder, page, 0)
	if err != nil {
		return calm, busy, err
	}
	defer func() { err = errors.Join(err, floor.server.Close()) }()
	if _, err := ours.document.Key(); err != nil { // the project has been read
		return calm, busy, err
	}
	if answer, _, err := ours.document.Ask(ask.method, ask.line, ask.column); err != nil || len(answer) < 10 {
		return calm, busy, fmt.Errorf("%s of %s has no answer: %s %w", ask.method, page.name, answer, err)
	}
	for _, turn := range []struct {
		document   *lspdrive.Document
		calm, busy *sample
	}{{ours.document, &calm.ours, &busy.ours}, {floor.document, &calm.floor, &busy.floor}} {
		if err := askAgain(turn.document, ask, b.times(200), false, turn.calm); err != nil {
			return calm, busy, err
		}
		if err := askAgain(turn.document, ask, b.times(400), true, turn.busy); err != nil {
			return calm, busy, err
		}
	}
	return calm, busy, nil
}

func askAgain(document *lspdrive.Document, ask question, n int, typing bool, into *sample) error {
	for range n {
		<-time.After(editEvery)
		if typing {
			if err := document.Press(); err != nil {
				return err
			}
		}
		_, took, err := document.Ask(ask.method, ask.line, ask.column)
		if err != nil {
			return err
		}
		*into = append(*into, took)
	}
	return nil
}
