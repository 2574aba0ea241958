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
// pointed at, mended by a quick fix, saved, typed in, reverted, changed by another
// program, and closed, beside the status view. At each mark the client sees what
// the person saw, and each request is answered once: the fix that was offered makes
// the text that was saved, and the view and the hover tell of the project.
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
	asked := map[string]string{} // methods by id
	var opened, saved string
	for _, r := range session {
		switch {
		case r.Write != nil:
			s.write("workspace/"+r.Write.Name, r.Write.Text)
			if last > 0 && saved == "" {
				saved = r.Write.Text
			}
		case r.Say != nil:
			var m struct {
				ID     json.RawMessage
				Method string
				Params struct{ TextDocument struct{ Text string } }
			}
			s.must(json.Unmarshal(r.Say, &m))
			s.Body(string(r.Say))
			switch m.Method {
			case "initialize", "shutdown": // clients wait
				if reply := s.Wait(string(m.ID)); reply.Error != nil {
					t.Errorf("%s: %v", m.Method, reply)
				}
				continue
			case "textDocument/didOpen":
				opened = m.Params.TextDocument.Text
			}
			if m.ID != nil {
				asked[string(m.ID)] = m.Method
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
	told := map[string]bool{}
	for id, method := range asked {
		reply := s.Wait(id)
		if reply.Error != nil {
			t.Errorf("%s: %v", method, reply)
		}
		if s.tells(method, reply.Result, env, opened, saved) {
			told[method] = true
		}
	}
	for _, method := range []string{"textDocument/codeAction", "textDocument/hover", "textDocument/inlayHint", "dbtHybrid/statusView"} {
		if !told[method] {
			t.Errorf("no answer to %s says what the person saw", method)
		}
	}
	if status := <-s.exit; status != 0 {
		t.Errorf("exit status %d", status)
	}
	s.Ignore("textDocument/publishDiagnostics")
}

// tells reports whether an answer is one that the person made use of: the fix, the
// hover of a variable, the view of the project.
func (s *session) tells(method string, result json.RawMessage, name, opened, saved string) bool {
	s.t.Helper()
	switch method {
	case "textDocument/codeAction":
		var offered []action
		s.must(json.Unmarshal(result, &offered))
		for _, a := range offered {
			if a.IsPreferred {
				open := map[string]string{name: opened}
				s.apply(a.Edit, open)
				return open[name] == saved
			}
		}
		return false
	case "textDocument/hover":
		return strings.Contains(string(result), "**`DBT_USER`**: set in .env, line 3")
	case "dbtHybrid/statusView":
		return strings.Contains(string(result), `"name":"shop"`) && strings.Contains(string(result), `"key":"DBT_SCHEMA"`)
	}
	return true
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
