package rpc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestReadFrame(t *testing.T) {
	good := string(appendFrame(nil, []byte("{}")))
	long := strings.Repeat("x", 10_000)
	for _, test := range []struct {
		name, input string
		want        string // bodies, "!" for an answered fault, "END" for a broken stream
	}{
		{"plain", good + good, "{} {}"},
		{"bare line feeds", "Content-Length: 2\n\n{}" + good, "{} {}"},
		{"lower case", "content-length:2\r\n\r\n{}" + good, "{} {}"},
		{"other headers", "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n" + good, "{}"},
		{"blank lines between", "\r\n\r\n\n" + good + "\r\n" + good, "{} {}"},
		{"empty body", "Content-Length: 0\r\n\r\n" + good, " {}"},
		{"negative length", "Content-Length: -5\r\n\r\n" + good, "! {}"},
		{"length of letters", "Content-Length: zz\r\n\r\n" + good, "! {}"},
		{"length beyond 64 bits", "Content-Length: 99999999999999999999\r\n\r\n" + good, "! {}"},
		{"no length", "X: y\r\n\r\n" + good, "! {}"},
		{"garbage before", "hello\n" + good, "{}"},
		{"garbage line before", "hello\n\n" + good, "! {}"},
		{"long garbage", long + "\n\n" + good, "! {}"},
		{"long header after the length", "Content-Length: 2\r\nX: " + long + "\r\n\r\n{}" + good, "{} {}"},
		{"long line of blanks", "Content-Length: 2\r\n" + strings.Repeat(" ", 10_000) + "\r\n\r\n{}" + good, "{} {}"},
		{"body of an unusable length", "Content-Length: zz\r\n\r\n{\"a\":1}" + good + good, "! {} {}"},
		{"long body of an unusable length", "Content-Length: -1\r\n\r\n{\"a\":\"" + long + "\"}" + good + good, "! {} {}"},
		{"length too short by two", "Content-Length: 5\r\n\r\n{\"a\":1}" + good + good, "{\"a\": {} {}"},
		{"second length wins", "Content-Length: 9\r\nContent-Length: 2\r\n\r\n{}" + good, "{} {}"},
		{"absurd length", fmt.Sprintf("Content-Length: %d\r\n\r\n", maxSkip+1) + good, "END"},
		{"cut header", good + "Content-Le", "{}"},
		{"cut body", good + "Content-Length: 10\r\n\r\n{", "{}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(readAll(t, test.input), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func readAll(t *testing.T, input string) []string {
	t.Helper()
	var got []string
	in := bufio.NewReader(strings.NewReader(input))
	for {
		body, err := readFrame(in)
		switch {
		case errors.Is(err, errFrame):
			got = append(got, "!")
		case errors.Is(err, errStream):
			return append(got, "END")
		case errors.Is(err, io.EOF):
			return got
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, string(body))
		}
	}
}

func TestReadFramePassesOverWhatIsTooLarge(t *testing.T) {
	const size = maxFrame + 1
	input := io.MultiReader(
		strings.NewReader(fmt.Sprintf("Content-Length: %d\r\n\r\n", size)),
		io.LimitReader(zeros{}, size),
		strings.NewReader(string(appendFrame(nil, []byte("{}")))),
	)
	in := bufio.NewReader(input)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := readFrame(in); !errors.Is(err, errFrame) {
		t.Errorf("got %v, want errFrame", err)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("%d bytes allocated to pass over a frame", allocated)
	}
	if body, err := readFrame(in); err != nil || string(body) != "{}" {
		t.Errorf("the frame behind: %q, %v", body, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// FuzzReadFrame holds the reader against two properties: it ends on any input,
// and behind any text that promises no length the next frame is found.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("Content-Length: 2\r\n\r\n{}"), []byte("{}"))
	f.Add([]byte("Content-Length: 5\r\n\r\n{}"), []byte("{}"))
	f.Add([]byte("\r\n\r\nhello\n\n"), []byte(""))
	f.Add(bytes.Repeat([]byte("x"), 5000), []byte("[]"))
	f.Fuzz(func(t *testing.T, before, body []byte) {
		for in := bufio.NewReader(bytes.NewReader(before)); ; {
			if _, err := readFrame(in); err != nil && !errors.Is(err, errFrame) {
				break
			}
		}
		if bytes.Contains(bytes.ToLower(before), []byte("length")) {
			return
		}
		stream := append(bytes.Clone(before), '\n')
		stream = appendFrame(appendFrame(stream, body), []byte("last"))
		in := bufio.NewReader(bytes.NewReader(stream))
		var bodies []string
		for {
			got, err := readFrame(in)
			if errors.Is(err, errFrame) {
				continue
			}
			if err != nil {
				break
			}
			bodies = append(bodies, string(got))
		}
		if len(bodies) != 2 || bodies[0] != string(body) || bodies[1] != "last" {
			t.Errorf("behind %q: got %q, want %q and \"last\"", before, bodies, body)
		}
	})
}
