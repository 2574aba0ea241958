//go:build unix

package lsp

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// script puts a program at a path.
func (s *session) script(path, body string) string {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o755); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// install puts a program into a virtual environment as pip does.
func (s *session) install(prefix, pkg, version, body string) string {
	s.t.Helper()
	program := s.script(filepath.Join(prefix, "bin", "dbt"), body)
	info := filepath.Join(prefix, "lib", "python3.12", "site-packages", pkg+"-"+version+".dist-info")
	for path, content := range map[string]string{
		filepath.Join(prefix, "pyvenv.cfg"):     "",
		filepath.Join(info, "INSTALLER"):        "pip\n",
		filepath.Join(info, "RECORD"):           "../../../bin/dbt,sha256=x," + strconv.Itoa(len("#!/bin/sh\n"+body)) + "\n",
		filepath.Join(info, "entry_points.txt"): "[console_scripts]\ndbt = dbt.cli.main:cli\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	return program
}

// engineLines are the dbts of the status view: "→ PATH: VALUE".
func (s *session) engineLines() []string {
	var lines []string
	for _, n := range s.view().find(s.t, "engine").Children {
		label := n.Label
		if filepath.IsAbs(n.Key) {
			label = strings.TrimSuffix(n.Label, strings.TrimPrefix(n.Label, "→ ")) + n.Key
		}
		line := strings.NewReplacer(s.dir, "WS", filepath.ToSlash(s.home), "HOME", "~/", "HOME/").Replace(label + ": " + n.Value)
		if strings.Contains(line, "WS/") || strings.Contains(line, "HOME/") { // not what this computer has of its own
			lines = append(lines, line)
		}
	}
	return lines
}

// untilEngine asks for the status view after every status notification until the
// engine's lines are the given ones.
func (s *session) untilEngine(statuses <-chan struct{}, want ...string) {
	s.t.Helper()
	var got []string
	for range 50 {
		if got = s.engineLines(); slices.Equal(got, want) {
			return
		}
		select {
		case <-statuses:
		case <-time.After(lsptest.Patience):
			s.t.Fatalf("no more news; the engine is\n%s", cmp.Diff(want, got))
		}
	}
	s.t.Errorf("the engine is\n%s", cmp.Diff(want, got))
}

// engineNews tells of status notifications.
func (s *session) engineNews() <-chan struct{} {
	news := make(chan struct{}, 100)
	s.Handle("dbtHybrid/status", func(lsptest.Message) any { news <- struct{}{}; return nil })
	return news
}

// TestHangingDbtDelaysNothing: diagnostics are published and requests answered
// while a dbt that was asked for its version says nothing.
func TestHangingDbtDelaysNothing(t *testing.T) {
	s := newSessionWith(t, shop, Options{probeLimit: time.Hour})
	pipe := filepath.Join(t.TempDir(), "pid")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	s.script(filepath.Join(s.home, "bin", "dbt"), "echo $$ > '"+pipe+"'\nexec /bin/sleep 3600\n")
	s.start(all, map[string]any{"trusted": true, "updates": map[string]any{"check": false}})
	content, err := os.ReadFile(pipe) // the probe has begun
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	s.open(".env", 1, duplicate)
	if d := s.diagnostics(".env"); !strings.Contains(d.codes(), "env-duplicate") {
		t.Errorf("published: %s", d.codes())
	}
	for _, method := range []string{"textDocument/hover", "textDocument/definition"} {
		var answer json.RawMessage
		s.Call(method, map[string]any{"textDocument": map[string]any{"uri": s.uri(".env")}, "position": position{0, 2}}, &answer)
	}
	if lines := s.engineLines(); len(lines) == 0 || !strings.Contains(lines[0], "whose version is not known") {
		t.Errorf("meanwhile the status says %q", lines)
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Errorf("the dbt was no longer running: %v", err)
	}
	s.drain()
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("the dbt still runs after the session")
	}
}

// TestNothingOfAnUntrustedFolderRuns plants a dbt wherever one is looked for
// within a folder, and git and hooks beside it. All are named, with the versions
// of their metadata, and none is started.
func TestNothingOfAnUntrustedFolderRuns(t *testing.T) {
	for name, trusted := range map[string]bool{"untrusted": false, "trusted": true} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, shop)
			ran := filepath.Join(s.home, "ran")
			touch := "/usr/bin/touch '" + ran + "'\necho 'dbt 2.0.8'\n"
			s.install(filepath.Join(s.dir, ".venv"), "dbt_core", "1.12.6", touch)
			s.install(filepath.Join(s.dir, "env"), "dbt_core", "1.11.1", touch)
			fusion := s.script(filepath.Join(s.dir, "tools", "dbt"), touch)
			for _, at := range []string{"git", "bin/git", "dbt", ".git/hooks/post-checkout", ".git/hooks/pre-commit", "node_modules/.bin/dbt"} {
				s.script(filepath.Join(s.dir, filepath.FromSlash(at)), touch)
			}
			s.write(".vscode/settings.json", `{"dbt.fusionPath": "${workspaceFolder}/tools/dbt", "git.path": "./git", "python.defaultInterpreterPath": "env/bin/python"}`)
			options := map[string]any{"trusted": trusted, "updates": map[string]any{"check": false}}
			if trusted { // only then does the client pass it on
				options["dbt"] = map[string]any{"fusionPath": fusion}
			}
			s.start(all, options)
			news := s.engineNews()
			want := []string{
				"→ HOME/bin/dbt: a dbt whose version is not known, terminal (PATH)",
				"WS/.venv/bin/dbt: dbt v1 1.12.6, Python environment (.venv)",
				"WS/env/bin/dbt: dbt v1 1.11.1, Python environment (env)",
			}
			if trusted {
				want = []string{
					"→ HOME/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
					"WS/tools/dbt: a dbt whose version is not known, dbt extension (dbt.fusionPath)",
					"WS/env/bin/dbt: dbt v1 1.11.1, Python environment (python.defaultInterpreterPath), Python environment (env)",
					"WS/.venv/bin/dbt: dbt v1 1.12.6, Python environment (.venv)",
				}
			}
			s.untilEngine(news, want...)
			if !trusted { // else it asks for the release list, which this server has no address of
				s.command("dbtHybrid.checkForUpdates", nil)
			}
			s.command("dbtHybrid.status", nil)
			s.drain()
			if _, err := os.Stat(ran); err == nil {
				t.Error("a program of the folder was started")
			}
			if s.started() != trusted {
				t.Errorf("the dbt of the search path was started: %v", s.started())
			}
		})
	}
}

// TestSettingsChooseDbt: dbt.fusionPath and dbt.dbtPath, given at the start or
// later, say which dbt the dbt extension starts.
func TestSettingsChooseDbt(t *testing.T) {
	s := newSession(t, shop)
	fusion := s.script(filepath.Join(s.home, "fusion", "dbt"), "echo dbt 2.0.9\n")
	older := s.script(filepath.Join(s.home, "older", "dbt"), "echo dbt-core 2.0.0-alpha.4\n")
	s.start(all, map[string]any{"trusted": true, "updates": map[string]any{"check": false}, "dbt": map[string]any{"dbtPath": older}})
	news := s.engineNews()
	s.untilEngine(news,
		"→ HOME/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
		"HOME/older/dbt: dbt v2 (open source) 2.0.0-alpha.4, newest is 2.0.8, dbt extension (dbt.dbtPath)")
	s.configure(map[string]any{"rules": rules(nil), "updates": map[string]any{"check": false}, "dbt": map[string]any{"dbtPath": older, "fusionPath": fusion}})
	s.untilEngine(news,
		"→ HOME/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
		"HOME/fusion/dbt: dbt v2 2.0.9, dbt extension (dbt.fusionPath)")
	s.configure(map[string]any{"rules": rules(nil), "updates": map[string]any{"check": false}, "dbt": map[string]any{"fusionPath": filepath.Join(s.home, "gone")}})
	s.untilEngine(news,
		"→ HOME/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
		"dbt.fusionPath: names HOME/gone, where there is no program")
	s.drain()
}

// configure changes the settings of the workspace's folder while the server
// runs.
func (s *session) configure(settings map[string]any) {
	s.mu.Lock()
	s.settings[s.uri("")] = settings
	s.mu.Unlock()
	s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
}

// TestUpdatesChannel: the setting says which channel of dbt's release list the
// installed dbt is compared with, and another one is followed at once.
func TestUpdatesChannel(t *testing.T) {
	s := newSession(t, shop)
	states := make(chan string, 100)
	s.start(all, map[string]any{"updates": map[string]any{"channel": "canary", "check": false}})
	s.Handle("dbtHybrid/status", func(m lsptest.Message) any {
		var p struct {
			Projects []struct {
				Engine struct{ Latest *string }
			}
		}
		if json.Unmarshal(m.Params, &p) == nil && len(p.Projects) == 1 {
			latest := "unknown"
			if p.Projects[0].Engine.Latest != nil {
				latest = *p.Projects[0].Engine.Latest
			}
			states <- latest
		}
		return nil
	})
	wait := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-states:
				if got == want {
					return
				}
			case <-time.After(lsptest.Patience):
				t.Fatalf("the newest release is never %s", want)
			}
		}
	}
	s.configure(map[string]any{"rules": rules(nil), "updates": map[string]any{"channel": "latest", "check": false}})
	wait("2.0.8")
	s.configure(map[string]any{"rules": rules(nil), "updates": map[string]any{"channel": "fusion-nightly", "check": false}})
	wait("unknown")
	s.drain()
}

// TestOneProbeForAFile: a dbt that the terminal, the dbt extension and an
// environment all name is asked once for its version, also when a person asks
// for updates, and when the settings change.
func TestOneProbeForAFile(t *testing.T) {
	list := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"latest": {"tag": "v2.0.9"}, "canary": {"tag": "v2.1.0-preview.3"}}`))
	}))
	defer list.Close()
	env := filepath.Join(t.TempDir(), "env")
	s := newSessionWith(t, shop, Options{Environ: []string{"VIRTUAL_ENV=" + env}, Releases: &engine.Client{URL: list.URL + "/versions.json"}})
	counted := filepath.Join(s.home, "count")
	s.install(env, "dbt", "2.0.8", "echo x >> '"+counted+"'\necho dbt 2.0.8\n")
	dbt := filepath.Join(s.home, "bin", "dbt")
	if err := errors.Join(os.Remove(dbt), os.Symlink(filepath.Join(env, "bin", "dbt"), dbt)); err != nil {
		t.Fatal(err)
	}
	s.start(all, map[string]any{"trusted": true, "dbt": map[string]any{"fusionPath": dbt}})
	news := s.engineNews()
	users := "terminal (PATH), Python environment (VIRTUAL_ENV), dbt extension (dbt.fusionPath)"
	s.untilEngine(news, "→ HOME/bin/dbt: dbt v2 2.0.8, "+users)
	s.command("dbtHybrid.checkForUpdates", nil)
	if m := s.Next("window/showMessage"); !strings.Contains(string(m.Params), "2.0.9") {
		t.Errorf("told %s", m.Params)
	}
	s.configure(map[string]any{"rules": rules(nil), "dbt": map[string]any{"fusionPath": filepath.Join(env, "bin", "dbt")}, "updates": map[string]any{"channel": "canary"}})
	limit := time.Now().Add(lsptest.Patience)
	for told := ""; !strings.Contains(told, "2.1.0-preview.3"); { // the server asks for the settings first
		s.command("dbtHybrid.checkForUpdates", nil)
		if told = string(s.Next("window/showMessage").Params); time.Now().After(limit) {
			t.Fatalf("of another channel: told %s", told)
		}
	}
	s.drain()
	content, err := os.ReadFile(counted)
	if err != nil || string(content) != "x\n" {
		t.Errorf("asked %d times, %v", strings.Count(string(content), "x"), err)
	}
}

// TestUpdatedDbtIsSeen: a person updates dbt in a terminal, installs another one or
// removes it, and comes back to the editor.
func TestUpdatedDbtIsSeen(t *testing.T) {
	s := newSession(t, shop)
	bin := filepath.Join(s.home, "bin", "dbt")
	s.script(bin, "echo 'dbt 2.0.8'\n")
	s.start(all, map[string]any{"trusted": true, "updates": map[string]any{"check": false}})
	news := s.engineNews()
	s.untilEngine(news, "→ HOME/bin/dbt: dbt v2 2.0.8, terminal (PATH)")
	s.script(bin, "echo 'dbt 2.0.11'\n")
	s.Notify("dbtHybrid/focus", map[string]any{})
	s.untilEngine(news, "→ HOME/bin/dbt: dbt v2 2.0.11, terminal (PATH)")
	s.must(os.Remove(bin))
	s.open("models/orders.sql", 1, "select 1")
	s.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": s.uri("models/orders.sql")}})
	s.untilEngine(news)
	s.script(bin, "echo 'dbt-core 2.0.0-alpha.4'\n")
	s.Notify("dbtHybrid/focus", map[string]any{})
	s.untilEngine(news, "→ HOME/bin/dbt: dbt v2 (open source) 2.0.0-alpha.4, terminal (PATH)")
	s.drain()
}
