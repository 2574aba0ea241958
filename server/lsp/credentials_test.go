package lsp

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

const filledProfiles = `shop:
  target: dev
  outputs:
    dev: {type: snowflake, account: CANARY-7f3a, password: CANARY-7f3a, method: "{{ env_var('METHOD') }}"}
`

const shopWithProfiles = `
-- dbt_project.yml --
name: shop
profile: shop
-- .env --
METHOD=CANARY-7f3a
DBT_TARGET=CANARY-7f3a
-- profiles.yml --
` + filledProfiles

// saved are the copies of profiles.yml beside it, and whatever else lies there
// that was not there before.
func (s *session) saved() map[string]string {
	s.t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "profiles.yml.") {
			found[e.Name()] = s.read(e.Name())
		}
	}
	return found
}

// told is the next thing that the server shows a person.
func (s *session) told() string {
	s.t.Helper()
	return string(s.Next("window/showMessage").Params)
}

func (s *session) save(root ...any) *string {
	s.t.Helper()
	var path *string
	s.Call("workspace/executeCommand", map[string]any{"command": "dbtHybrid.saveProfiles", "arguments": root}, &path)
	return path
}

func TestSaveProfiles(t *testing.T) {
	s := newSession(t, shopWithProfiles)
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	if err := os.Chmod(filepath.Join(s.dir, "profiles.yml"), 0o640); err != nil {
		t.Fatal(err)
	}
	s.start(all, map[string]any{"trusted": true})
	first := s.save(s.dir)
	if first == nil || filepath.FromSlash(*first) != filepath.Join(s.dir, "profiles.yml.saved-1") {
		t.Fatalf("saved as %v", first)
	}
	if told := s.told(); !strings.Contains(told, "saved as profiles.yml.saved-1.") {
		t.Error(told)
	}
	if info, err := os.Stat(filepath.FromSlash(*first)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	s.write("profiles.yml", "another: {}\n")
	s.write(".git/HEAD", "ref: refs/heads/main\n")
	s.save() // the only project
	if told := s.told(); !strings.Contains(told, "saved-2, which git would commit") {
		t.Error(told)
	}
	got := s.saved()
	if len(got) != 2 || got["profiles.yml.saved-1"] != filledProfiles || got["profiles.yml.saved-2"] != "another: {}\n" {
		t.Errorf("%d copies", len(got))
	}
	s.shutdown()
}

// TestSaveProfilesInAnUntrustedFolder: nothing is written.
func TestSaveProfilesInAnUntrustedFolder(t *testing.T) {
	s := newSession(t, shopWithProfiles)
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	s.start(all, nil)
	if path := s.save(s.dir); path != nil {
		t.Errorf("saved as %s", *path)
	}
	if told := s.told(); !strings.Contains(told, "not trusted") {
		t.Error(told)
	}
	if got := s.saved(); len(got) > 0 {
		t.Errorf("%d files", len(got))
	}
	s.shutdown()
}

func TestSaveProfilesWithoutAny(t *testing.T) {
	s := newSession(t, "-- dbt_project.yml --\nname: shop\nprofile: shop\n")
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	s.start(all, map[string]any{"trusted": true})
	if path := s.save(s.dir); path != nil {
		t.Errorf("saved as %s", *path)
	}
	if told := s.told(); !strings.Contains(told, "There is no profiles.yml") {
		t.Error(told)
	}
	s.write("profiles.yml/x", "")
	if path := s.save(s.dir); path != nil {
		t.Errorf("saved as %s", *path)
	}
	if told := s.told(); !strings.Contains(told, "it is a folder") {
		t.Error(told)
	}
	s.shutdown()
}

// TestSaveBesideAtOnce: every copy gets a name of its own, and none is half.
func TestSaveBesideAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profiles.yml")
	content := strings.Repeat("x: 1\n", 1<<16)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	const copies = 8
	var group sync.WaitGroup
	names := make([]string, copies)
	for i := range copies {
		group.Go(func() {
			var err error
			if names[i], err = saveBeside(path); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for _, name := range names {
		if got, err := os.ReadFile(name); err != nil || string(got) != content || seen[name] {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		seen[name] = true
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != copies+1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

// TestSaveBesideLeavesOthers: a link or a folder under the name is not touched.
func TestSaveBesideLeavesOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profiles.yml")
	if err := os.WriteFile(path, []byte("x: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".saved-1", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", path+".saved-2"); err != nil {
		t.Fatal(err)
	}
	if got, err := saveBeside(path); err != nil || got != path+".saved-3" {
		t.Errorf("%s, %v", got, err)
	}
	if err := giveName(path, path+".saved-3"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over what is there: %v", err)
	}
	if _, err := saveBeside(filepath.Dir(path)); !errors.Is(err, workspace.ErrIrregular) {
		t.Errorf("a folder: %v", err)
	}
}

// TestCredentialsView: the tree explains dbt init, offers to save the file, and
// tells no value. The session itself fails if one gets out.
func TestCredentialsView(t *testing.T) {
	s := newSession(t, shopWithProfiles)
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	s.write("dbt_project.yml", "name: shop\nprofile: shop\ndbt-cloud:\n  project-id: 12\n")
	if err := os.MkdirAll(filepath.Join(s.home, ".dbt"), 0o755); err != nil {
		t.Fatal(err)
	}
	cloud := "version: 1\ncontext: {active-host: h, active-project: 12}\nprojects:\n  - {project-name: s, project-id: 12, account-name: a, account-id: 1, account-host: h, token-name: t, token-value: dbtu_CANARY-7f3a}\n"
	if err := os.WriteFile(filepath.Join(s.home, ".dbt", "dbt_cloud.yml"), []byte(cloud), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start(all, map[string]any{"trusted": true})
	v := s.view()
	if n := v.find(t, "credentials", "init"); !strings.Contains(n.Value, "would overwrite 1 target") {
		t.Errorf("%+v", n)
	}
	if n := v.find(t, "credentials", "cloudFile"); !strings.Contains(n.Value, "a personal token") {
		t.Errorf("%+v", n)
	}
	if n := v.find(t, "credentials", "target"); n.Value != "***" {
		t.Errorf("%+v", n)
	}
	var text string
	s.command("dbtHybrid.status", &text)
	if !strings.Contains(text, "dbt init") {
		t.Error(text)
	}
	s.shutdown()
}
