package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A row is one line of the result. A figure that was not measured is empty.
type row struct {
	work                     string
	ours, peer, floor, ratio string
	bar                      string
	verdict                  verdict
}

type verdict string

const (
	met    verdict = "met"
	missed verdict = "MISSED"
	open   verdict = "" // no bar, or nothing to compare with
)

// holds says whether a figure is within its bar.
func holds(figure, bar float64) verdict {
	if figure <= bar {
		return met
	}
	return missed
}

// worst is the verdict of several bars of one row.
func worst(all ...verdict) verdict {
	switch {
	case slices.Contains(all, missed):
		return missed
	case slices.Contains(all, met):
		return met
	}
	return open
}

type table struct {
	rows []row
}

func (t *table) add(r row) { t.rows = append(t.rows, r) }

func (t *table) met() bool {
	return !slices.ContainsFunc(t.rows, func(r row) bool { return r.verdict == missed })
}

func (t *table) print(out io.Writer) {
	lines := [][]string{{"work", "ours", "peer", "floor", "ratio", "bar", ""}}
	for _, r := range t.rows {
		lines = append(lines, []string{r.work, r.ours, r.peer, r.floor, r.ratio, r.bar, string(r.verdict)})
	}
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for n, line := range lines {
		fmt.Fprintln(out, joined(line, widths))
		if n == 0 {
			rule := make([]string, len(widths))
			for i, width := range widths {
				rule[i] = strings.Repeat("-", width)
			}
			fmt.Fprintln(out, joined(rule, widths))
		}
	}
}

func joined(cells []string, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		b.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + " ")
	}
	return b.String() + "|"
}

// sample is a list of repeated measurements of one thing.
type sample []time.Duration

// percentile returns the p-th percentile, for p from 0 to 100, of a sample that
// is not empty.
func (s sample) percentile(p int) time.Duration {
	sorted := slices.Clone(s)
	slices.Sort(sorted)
	return sorted[(len(sorted)-1)*p/100]
}

func (s sample) median() time.Duration { return s.percentile(50) }

// text prints milliseconds with three significant digits.
func text(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 1:
		return fmt.Sprintf("%.3f ms", ms)
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 100:
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// thousands prints a number with a comma before every three digits.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func quotient(a, b time.Duration) float64 { return float64(a) / float64(b) }
