//go:build unix

package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

// recorded is one line of a session that tests/editors/record.mjs has recorded.
type recorded struct {
	Say    json.RawMessage // a request or a notification of the client
	Answer string          // the method that the client answered
	Result json.RawMessage
	Write  *struct{ Name, Text string } // a file that somebody wrote
	Mark   string                       // what had been seen by then
}

func readRecording(t *testing.T, path, root string) []recorded {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []recorded
	lines := bufio.NewScanner(bytes.NewReader(bytes.ReplaceAll(content, []byte("$ROOT"), []byte(filepath.ToSlash(root)))))
	lines.Buffer(nil, len(content)+1)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%d lines, %v", len(all), err)
	}
	return all
}

// TestReplay says to the program what VS Code said in a session: a file opened,
// mended by a quick fix, saved, typed in, reverted, changed by another program,
// and closed. At each mark the client sees what the person saw, and each request
// is answered once.
func TestReplay(t *testing.T) {
	s := newProgramSession(t, buildBinary(t), "")
	const env, sees = "workspace/.env", "workspace/profiles.yml"
	want := map[string]shownCodes{
		"started":                   {env: "env-parse@1:14"},
		"opened":                    {env: "env-parse@1:14"},
		"fixed":                     {},
		"typed":                     {env: "env-duplicate@2:0"},
		"reverted":                  {},
		"edited by another program": {sees: "env-missing@7:25"},
		"closed":                    {},
	}
	session := readRecording(t, filepath.Join("testdata", "vscode.jsonl"), s.dir)
	answers := map[string][]json.RawMessage{}
	for _, r := range session {
		if r.Answer != "" {
			answers[r.Answer] = append(answers[r.Answer], r.Result)
		}
	}
	for method, results := range answers {
		s.Handle(method, func(lsptest.Message) any { // more often than then, the last one again
			result := results[0]
			if len(results) > 1 {
				results = results[1:]
			}
			return result
		})
	}
	for _, method := range []string{"dbtHybrid/status", "window/showMessage"} {
		s.Handle(method, func(lsptest.Message) any { return nil })
	}
	state, last := shownCodes{}, 0
	var asked []string
	for _, r := range session {
		switch {
		case r.Write != nil:
			s.write("workspace/"+r.Write.Name, r.Write.Text)
		case r.Say != nil:
			var m struct {
				ID     json.RawMessage
				Method string
			}
			s.must(json.Unmarshal(r.Say, &m))
			if m.ID != nil {
				asked = append(asked, string(m.ID))
			}
			s.Body(string(r.Say))
			if m.Method == "initialize" || m.Method == "shutdown" { // clients wait
				if reply := s.Wait(string(m.ID)); reply.Error != nil {
					t.Errorf("%s: %v", m.Method, reply)
				}
				asked = asked[:len(asked)-1]
			}
		case r.Mark != "":
			expected, known := want[r.Mark]
			if !known {
				t.Fatalf("a mark that nothing is known of: %s", r.Mark)
			}
			delete(want, r.Mark)
			for !s.seen(state, expected) {
				name, set := s.nextSet(state)
				if name != env || set.Version == nil {
					continue
				}
				if *set.Version < last {
					t.Errorf("%s: version %d after %d", r.Mark, *set.Version, last)
				}
				last = *set.Version
			}
		}
	}
	for mark := range want {
		t.Errorf("the recording has no mark %q", mark)
	}
	if len(asked) < 10 {
		t.Errorf("only %d requests", len(asked))
	}
	for _, id := range asked {
		if reply := s.Wait(id); reply.Error != nil {
			t.Errorf("request %s: %v", id, reply)
		}
	}
	if status := <-s.exit; status != 0 {
		t.Errorf("exit status %d", status)
	}
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	for _, m := range s.Unread() {
		if m.Method == "textDocument/publishDiagnostics" {
			s.Next(m.Method)
		}
	}
}

// seen reports whether the findings of the rules that the recording is about are
// the expected ones. Other rules may come.
func (s *session) seen(state, expected shownCodes) bool {
	s.t.Helper()
	got := shownCodes{}
	for name, codes := range state {
		var mine []string
		for code := range strings.FieldsSeq(codes) {
			switch rule, _, _ := strings.Cut(code, "@"); rule {
			case "env-parse", "env-duplicate", "env-missing":
				mine = append(mine, code)
			}
		}
		if len(mine) > 0 {
			got[name] = strings.Join(mine, " ")
		}
	}
	defer func() {
		if s.t.Failed() {
			s.t.Logf("the client sees %v, which should be %v", got, expected)
		}
	}()
	equal := len(got) == len(expected)
	for name, codes := range expected {
		equal = equal && got[name] == codes
	}
	return equal
}
