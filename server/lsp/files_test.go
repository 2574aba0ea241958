//go:build unix

package lsp

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.lsp.dev/uri"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/watch"
)

// shownCodes are the codes that a client sees, by the name of the file.
type shownCodes map[string]string

// nextSet takes the next published set of any file.
func (s *session) nextSet(state shownCodes) (name string, set published) {
	s.t.Helper()
	if err := json.Unmarshal(s.Next("textDocument/publishDiagnostics").Params, &set); err != nil {
		s.t.Fatal(err)
	}
	name, err := filepath.Rel(s.dir, uri.URI(set.URI).FsPath())
	if err != nil {
		s.t.Fatal(err)
	}
	name = filepath.ToSlash(name)
	if state[name] = set.codes(); state[name] == "" {
		delete(state, name)
	}
	return name, set
}

// until takes what is published until the client sees exactly what is wanted.
func (s *session) until(state, want shownCodes) {
	s.t.Helper()
	defer func() {
		if s.t.Failed() {
			s.t.Logf("the client sees %v, which should be %v", state, want)
		}
	}()
	for !maps.Equal(state, want) {
		s.nextSet(state)
	}
}

// clients are the two ways in which a server learns of the disk. The second one
// tells nothing, so that the server looks itself.
func clients(t *testing.T, test func(t *testing.T, capabilities string, told bool)) {
	t.Run("a client that tells", func(t *testing.T) { test(t, all, true) })
	t.Run("a client that tells nothing", func(t *testing.T) { test(t, little, false) })
}

// tell reports changes if the client is one that does.
func (s *session) tell(told bool, names ...string) {
	if told {
		s.changed(names...)
	}
}

// fewer are settings for tests in which missing names are enough.
func fewer() map[string]any {
	return map[string]any{"rules": rules(map[string]string{"example-missing-key": "off"})}
}

// vanish takes a folder away at once: while one is deleted file by file, what is
// left of it is shown.
func (s *session) vanish(name string) {
	s.t.Helper()
	s.must(os.Rename(s.path(name), filepath.Join(s.t.TempDir(), "gone")))
}

// TestManyReplacements: .env is replaced 300 times as fast as the disk can. What
// is published never goes back to an older content, and ends with the last one.
func TestManyReplacements(t *testing.T) {
	clients(t, func(t *testing.T, capabilities string, told bool) {
		s := newSession(t, shop)
		s.write(".env", duplicate)
		s.start(capabilities, fewer())
		state := shownCodes{}
		s.until(state, shownCodes{".env": "env-duplicate@2:0"})
		if !told {
			s.untilWatched(s.dir)
		}
		const count = 300
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			for i := 1; i <= count; i++ {
				path := s.path(".env")
				content := strings.Repeat("#\n", i) + duplicate
				if err := errors.Join(os.WriteFile(path+".tmp", []byte(content), 0o644), os.Rename(path+".tmp", path)); err != nil {
					t.Error(err)
				}
				s.tell(told, ".env.tmp", ".env")
			}
		}()
		for last := 2; last < 2+count; {
			name, set := s.nextSet(state)
			if name != ".env" || len(set.Diagnostics) != 1 {
				t.Fatalf("%s: %q", name, set.codes())
			}
			line := set.Diagnostics[0].Range.Start.Line
			if line <= last {
				t.Fatalf("line %d after line %d", line, last)
			}
			last = line
		}
		<-sent
		s.shutdown()
	})
}

// TestEnvBecomesOtherThings: .env as a folder, a link to itself, a link to
// nothing, a pipe, gone, a link to a file, and back.
func TestEnvBecomesOtherThings(t *testing.T) {
	clients(t, func(t *testing.T, capabilities string, told bool) {
		s := newSession(t, shop)
		s.write(".env", duplicate)
		s.write("elsewhere", "#\n"+duplicate)
		s.start(capabilities, map[string]any{"rules": rules(map[string]string{"env-unreadable": "warning", "env-missing": "off", "example-missing-key": "off"})})
		path := s.path(".env")
		const unreadable, absent = "env-unreadable@0:6", "env-absent@0:0"
		state := shownCodes{}
		for _, step := range []struct {
			name string
			make func() error
			want shownCodes
		}{
			{"a file", func() error { return nil }, shownCodes{".env": "env-duplicate@2:0"}},
			{"a folder", func() error { return os.Mkdir(path, 0o755) }, shownCodes{"dbt_project.yml": unreadable}},
			{"a file again", func() error { return os.WriteFile(path, []byte("#\n"+duplicate), 0o644) }, shownCodes{".env": "env-duplicate@3:0"}},
			{"a link to itself", func() error { return os.Symlink(".env", path) }, shownCodes{"dbt_project.yml": unreadable}},
			{"gone", func() error { return nil }, shownCodes{".env.example": absent}},
			{"a pipe", func() error { return syscall.Mkfifo(path, 0o644) }, shownCodes{"dbt_project.yml": unreadable}},
			{"a link to a file", func() error { return os.Symlink("elsewhere", path) }, shownCodes{".env": "env-duplicate@3:0"}},
			{"a link to nothing", func() error { return os.Symlink("nowhere", path) }, shownCodes{".env.example": absent}},
			{"a file at last", func() error { return os.WriteFile(path, []byte(env), 0o644) }, shownCodes{}},
		} {
			if step.name != "a file" {
				s.must(os.RemoveAll(path), step.make())
				s.tell(told, ".env")
			}
			s.until(state, step.want)
			if !told && step.name == "a file" {
				s.untilWatched(s.dir)
			}
		}
		s.shutdown()
	})
}

// TestGitCheckout: git replaces thousands of files; afterwards what is shown is
// true of the other branch, and of the first one after the way back.
func TestGitCheckout(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	clients(t, func(t *testing.T, capabilities string, told bool) {
		s := newSession(t, shop)
		const models = 2000
		run := func(args ...string) string {
			cmd := exec.Command(git, append([]string{"-C", s.dir, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "core.fsync=none", "-c", "gc.auto=0"}, args...)...)
			cmd.Env = []string{"HOME=" + s.home, "GIT_CONFIG_NOSYSTEM=1"}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("git %v: %v\n%s", args, err, out)
			}
			return string(out)
		}
		fill := func(branch string) {
			for i := range models {
				call := ""
				if i%100 == 7 {
					call = "{{ env_var('DBT_" + branch + "', 'x') }}"
				}
				s.write(fmt.Sprintf("models/%s/m%d.sql", []string{"a", "b", branch}[i%3], i), "select 1 as "+branch+call)
			}
		}
		run("init", "-q", "-b", "first")
		fill("first")
		s.write("models/only.sql", "{{ env_var('DBT_FIRST') }}")
		run("add", "-A")
		run("commit", "-q", "-m", "first")
		run("checkout", "-q", "-b", "second")
		s.must(os.RemoveAll(s.path("models")))
		fill("second")
		s.write("models/b/other.sql", "{{ env_var('DBT_SECOND') }}")
		s.write(".gitignore", ".env\n#\n")
		run("add", "-A")
		run("commit", "-q", "-m", "second")
		run("checkout", "-q", "first")

		s.start(capabilities, fewer())
		state := shownCodes{}
		first := shownCodes{"models/only.sql": "env-missing@0:12"}
		second := shownCodes{"models/b/other.sql": "env-missing@0:12"}
		s.until(state, first)
		if !told {
			s.untilWatched(s.path("models/first"))
		}
		for _, to := range []struct {
			branch string
			want   shownCodes
		}{{"second", second}, {"first", first}} {
			from := strings.TrimSpace(run("branch", "--show-current"))
			run("checkout", "-q", to.branch)
			if told {
				s.changed(append(strings.Fields(run("diff", "--name-only", from, to.branch)), ".git/HEAD", ".git/index")...)
			}
			s.until(state, to.want)
		}
		s.shutdown()
	})
}

// TestFoldersMoved: clients tell of a folder that was renamed or deleted, and not
// of what is in it.
func TestFoldersMoved(t *testing.T) {
	clients(t, func(t *testing.T, capabilities string, told bool) {
		s := newSession(t, strings.ReplaceAll(shop, "-- ", "-- all/a/"))
		s.write("all/a/.env", duplicate)
		s.write("all/a/models/v1.2/deep/m.sql", "{{ env_var('DBT_M') }}")
		s.write("all/a/models/n.sql", "{{ env_var('DBT_N') }}")
		s.start(capabilities, fewer())
		const env, call = "env-duplicate@2:0", "env-missing@0:12"
		state := shownCodes{}
		s.until(state, shownCodes{"all/a/.env": env, "all/a/models/n.sql": call, "all/a/models/v1.2/deep/m.sql": call})
		if !told {
			s.untilWatched(s.path("all/a/models/v1.2/deep"))
		}
		for _, step := range []struct {
			from, to string // "" for deleted
			want     shownCodes
			watched  string // by the server, before the next step; "" for what is already
		}{
			{"all/a/models/v1.2", "all/a/models/v1.3", shownCodes{"all/a/.env": env, "all/a/models/n.sql": call, "all/a/models/v1.3/deep/m.sql": call}, ""},
			{"all/a/models/v1.3", "", shownCodes{"all/a/.env": env, "all/a/models/n.sql": call}, ""},
			{"all/a", "all/b.c", shownCodes{"all/b.c/.env": env, "all/b.c/models/n.sql": call}, ""},
			{"all", "every", shownCodes{"every/b.c/.env": env, "every/b.c/models/n.sql": call}, "every/b.c/models"},
			{"every/b.c/models", "every/b.c/not-models", shownCodes{"every/b.c/.env": env}, ""},
			{"every", "", shownCodes{}, ""},
		} {
			if step.to == "" {
				s.vanish(step.from)
				s.tell(told, step.from)
			} else {
				s.must(os.Rename(s.path(step.from), s.path(step.to)))
				s.tell(told, step.from, step.to)
			}
			s.until(state, step.want)
			if !told && step.watched != "" {
				s.untilWatched(s.path(step.watched))
			}
		}
		s.shutdown()
	})
}

// TestFolderBetweenIsMoved: a folder between that of the workspace and the project.
// The project is found at its new place, and what changes there is seen.
func TestFolderBetweenIsMoved(t *testing.T) {
	clients(t, func(t *testing.T, capabilities string, told bool) {
		s := newSession(t, strings.ReplaceAll(shop, "-- ", "-- all/team/a/"))
		s.write("all/team/a/.env", duplicate)
		s.start(capabilities, fewer())
		state := shownCodes{}
		s.until(state, shownCodes{"all/team/a/.env": "env-duplicate@2:0"})
		if !told {
			s.untilWatched(s.path("all/team/a/models"))
		}
		s.must(os.Rename(s.path("all/team"), s.path("all/others")))
		s.tell(told, "all/team", "all/others")
		s.until(state, shownCodes{"all/others/a/.env": "env-duplicate@2:0"})
		if !told {
			s.untilWatched(s.path("all/others/a/models"))
		}
		s.write("all/others/a/models/m.sql", "{{ env_var('DBT_M') }}")
		s.tell(told, "all/others/a/models/m.sql")
		s.until(state, shownCodes{"all/others/a/.env": "env-duplicate@2:0", "all/others/a/models/m.sql": "env-missing@0:12"})
		s.shutdown()
	})
}

// TestVanishedFolderOfWhichOneFileIsTold: it goes at once. The mistakes that the
// rest of a project would be full of without its .env are never shown.
func TestVanishedFolderOfWhichOneFileIsTold(t *testing.T) {
	s := newSession(t, strings.ReplaceAll(shop, "-- ", "-- all/a/"))
	s.write("all/a/.env", duplicate)
	s.start(all, fewer())
	state := shownCodes{}
	s.until(state, shownCodes{"all/a/.env": "env-duplicate@2:0"})
	s.vanish("all")
	s.changed("all/a/.env")
	if name, set := s.nextSet(state); name != "all/a/.env" || set.codes() != "" {
		t.Errorf("%s: %q", name, set.codes())
	}
	s.shutdown() // anything else that was sent is unexpected
}

// TestFolderInAnothersPlace: a folder is replaced by another one of its name.
func TestFolderInAnothersPlace(t *testing.T) {
	clients(t, func(t *testing.T, capabilities string, told bool) {
		s := newSession(t, strings.ReplaceAll(shop, "-- ", "-- a/")+strings.ReplaceAll(shop, "-- ", "-- .aside/"))
		s.write("a/.env", duplicate)
		s.write(".aside/.env", "#\n"+duplicate)
		s.start(capabilities, fewer())
		state := shownCodes{}
		s.until(state, shownCodes{"a/.env": "env-duplicate@2:0"})
		if !told {
			s.untilWatched(s.path("a"))
		}
		s.must(os.Rename(s.path("a"), s.path(".old")), os.Rename(s.path(".aside"), s.path("a")))
		s.tell(told, "a")
		s.until(state, shownCodes{"a/.env": "env-duplicate@3:0"})
		s.shutdown()
	})
}

// TestWorkspaceFolderThatDoesNotExist: nothing is wrong, and nothing is missed
// when it is made.
func TestWorkspaceFolderThatDoesNotExist(t *testing.T) {
	clients(t, func(t *testing.T, capabilities string, told bool) {
		s := newSession(t, strings.ReplaceAll(shop, "-- ", "-- aside/"))
		s.write("aside/.env", duplicate)
		s.start(capabilities, fewer(), "later.v2/shop", "never")
		s.Call("workspace/executeCommand", map[string]any{"command": "dbtHybrid.status"}, nil)
		if !told {
			s.untilWatched(s.path("later.v2/shop"))
		}
		s.must(os.Mkdir(s.path("later.v2"), 0o755), os.Rename(s.path("aside"), s.path("later.v2/shop")))
		s.tell(told, "later.v2")
		state := shownCodes{}
		s.until(state, shownCodes{"later.v2/shop/.env": "env-duplicate@2:0"})
		s.vanish("later.v2/shop")
		s.tell(told, "later.v2/shop")
		s.until(state, shownCodes{})
		s.shutdown()
	})
}

// TestNestedAndSiblingProjects: each has its own .env; folders of the workspace
// that lie in each other give each project once.
func TestNestedAndSiblingProjects(t *testing.T) {
	s := newSession(t, strings.ReplaceAll(shop, "-- ", "-- outer/")+strings.ReplaceAll(shop, "-- ", "-- outer/inner/")+strings.ReplaceAll(shop, "-- ", "-- sibling/"))
	s.write("outer/.env", duplicate)
	s.write("outer/inner/.env", "#\n"+duplicate)
	s.write("sibling/.env", "#\n#\n"+duplicate)
	s.start(all, fewer(), "outer", "outer/inner", "sibling", "sibling")
	state := shownCodes{}
	want := shownCodes{"outer/.env": "env-duplicate@2:0", "outer/inner/.env": "env-duplicate@3:0", "sibling/.env": "env-duplicate@4:0"}
	s.until(state, want)
	// The inner one stays while the outer folder still holds it.
	s.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{
		"added": []any{}, "removed": []any{map[string]string{"uri": s.uri("outer/inner"), "name": "inner"}, map[string]string{"uri": s.uri("sibling"), "name": "sibling"}},
	}})
	delete(want, "sibling/.env")
	s.until(state, want)
	s.write("outer/inner/.env", env)
	s.changed("outer/inner/.env")
	delete(want, "outer/inner/.env")
	s.until(state, want)
	s.shutdown()
}

// TestFileAroundAnotherProject: a project within another one looks for names in the
// files around it; those are not its own, so that nothing found there names a project.
func TestFileAroundAnotherProject(t *testing.T) {
	s := newSession(t, strings.ReplaceAll(shop, "-- ", "-- outer/")+strings.ReplaceAll(shop, "-- ", "-- outer/inner/"))
	s.must(os.Mkdir(s.path("outer/.git"), 0o755))
	s.write("outer/models/only.sql", "{{ env_var('DBT_ONLY') }}")
	s.write("outer/inner/.env", env+"DBT_UNUSED=1\n")
	s.start(all, map[string]any{"rules": rules(map[string]string{"env-unused": "hint", "example-missing-key": "off"})}, "outer")
	for _, name := range []string{"outer/models/only.sql", "outer/inner/.env"} {
		got := s.diagnostics(name)
		if len(got.Diagnostics) != 1 || strings.Contains(got.Diagnostics[0].Message, "(1 project") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	s.shutdown()
}

// TestFileChangedDuringALook: a folder comes to the window, and while it is looked at
// a file in it changes that was read already.
func TestFileChangedDuringALook(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	hold := sync.OnceFunc(func() { close(begun); <-goOn })
	s := newSessionWith(t, strings.ReplaceAll(shop, "-- ", "-- a/")+strings.ReplaceAll(shop, "-- ", "-- b/"), Options{
		quickLook: time.Nanosecond, // the look that is held is not one of the goroutine that reads
		check: func(p *workspace.Project, o diagnostics.Options) []diagnostics.Finding {
			if filepath.Base(p.Root) == "b" {
				hold()
			}
			return diagnostics.Check(p, o)
		},
	})
	s.write("a/.env", duplicate)
	s.start(all, fewer(), "a")
	state := shownCodes{}
	s.until(state, shownCodes{"a/.env": "env-duplicate@2:0"})
	s.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{
		"added": []any{map[string]string{"uri": s.uri("b"), "name": "b"}}, "removed": []any{},
	}})
	<-begun
	s.write("b/models/orders.sql", "{{ env_var('DBT_NEW') }}")
	s.changed("b/models/orders.sql")
	s.ask("dbtHybrid.status") // the server has heard of it
	close(goOn)
	s.until(state, shownCodes{"a/.env": "env-duplicate@2:0", "b/models/orders.sql": "env-missing@0:12"})
	s.shutdown()
}

// TestSettingsThatReadAnotherFile: what changes while no setting leads to it is seen
// when one does again.
func TestSettingsThatReadAnotherFile(t *testing.T) {
	clients(t, func(t *testing.T, capabilities string, told bool) {
		s := newSession(t, shop)
		s.write(".env", duplicate)
		s.write("work/.env", "#\n"+duplicate)
		settings := map[string]any{"rules": rules(map[string]string{"example-missing-key": "off", "profiles-not-found": "off"})}
		s.start(capabilities, settings)
		state := shownCodes{}
		s.until(state, shownCodes{".env": "env-duplicate@2:0"})
		dir := func(where string) {
			settings := map[string]any{"rules": settings["rules"], "workingDirectory": where}
			s.mu.Lock()
			s.settings[""] = settings
			s.mu.Unlock()
			s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"dbtHybrid": settings}})
		}
		dir("work")
		s.until(state, shownCodes{"work/.env": "env-duplicate@3:0"})
		s.write(".env", "#\n#\n"+duplicate)
		s.tell(told, ".env")
		s.ask("dbtHybrid.status")
		dir("")
		s.until(state, shownCodes{".env": "env-duplicate@4:0"})
		s.shutdown()
	})
}

// TestTooManyFolders: a window with very many folders says once that it does not
// look for projects in all of them, and shows those near its top.
func TestTooManyFolders(t *testing.T) {
	s := newSessionWith(t, "-- near/dbt_project.yml --\nname: near\n-- a/b/c/far/dbt_project.yml --\nname: far\n", Options{folderLimit: 3})
	s.start(all, map[string]any{"rules": rules(map[string]string{"profile-unset": "error"})})
	if m := s.Next("window/showMessage"); !strings.Contains(string(m.Params), "Open a folder that is nearer to your project.") {
		t.Errorf("got %s", m.Params)
	}
	if got := s.diagnostics("near/dbt_project.yml").codes(); got != "profile-unset@0:6" {
		t.Errorf("near: %q", got)
	}
	s.open("near/dbt_project.yml", 1, "name: near\nprofile:\n")
	if got := s.diagnostics("near/dbt_project.yml").codes(); got != "profile-unset@1:0" {
		t.Errorf("near, after a change: %q", got)
	}
	s.shutdown() // a second message is unexpected, and so is a finding far below
}

// TestMonorepo: a change of one of 200 projects is told of that one only.
func TestMonorepo(t *testing.T) {
	const projects = 200
	s := newSession(t, "")
	want := shownCodes{}
	for i := range projects {
		dir := fmt.Sprintf("team%d/p%d/", i%10, i)
		s.write(dir+"dbt_project.yml", fmt.Sprintf("name: p%d\nprofile: p%d\n", i, i%3))
		s.write(dir+".gitignore", ".env\n")
		s.write(dir+".env", "A=1\n")
		s.write(dir+"models/m.sql", "{{ env_var('B') }}")
		want[dir+"models/m.sql"] = "env-missing@0:12"
	}
	profiles := ""
	for i := range 3 {
		profiles += fmt.Sprintf("p%d:\n  target: dev\n  outputs:\n    dev: {type: duckdb, schema: s}\n", i)
	}
	s.must(os.MkdirAll(filepath.Join(s.home, ".dbt"), 0o755), os.WriteFile(filepath.Join(s.home, ".dbt", "profiles.yml"), []byte(profiles), 0o644))
	s.start(all, fewer())
	state := shownCodes{}
	s.until(state, want)
	s.write("team3/p13/.env", "B=1\n")
	s.changed("team3/p13/.env")
	if name, set := s.nextSet(state); name != "team3/p13/models/m.sql" || set.codes() != "" {
		t.Errorf("%s: %q", name, set.codes())
	}
	s.open("team0/p110/.env", 1, "A=1\nA=2\n")
	if name, set := s.nextSet(state); name != "team0/p110/.env" || set.codes() != "env-duplicate@1:0" {
		t.Errorf("%s: %q", name, set.codes())
	}
	s.shutdown() // anything else that was sent is unexpected
}

// TestSharedFilesOutside: the profiles of the home folder, open and unsaved, count
// for all projects, and what is found in them goes with the last one.
func TestSharedFilesOutside(t *testing.T) {
	s := newSession(t, `
-- a/dbt_project.yml --
name: first
profile: shop
-- b/dbt_project.yml --
name: second
profile: shop
`)
	path := filepath.Join(s.home, ".dbt", "profiles.yml")
	const good = "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, schema: s}\n"
	s.must(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(good), 0o644))
	profiles, err := filepath.Rel(s.dir, path)
	s.must(err)
	s.start(all, fewer(), "a", "b")
	s.open(profiles, 1, strings.Replace(good, "schema: s", `schema: "{{ env_var('DBT_S') }}"`, 1))
	got := s.diagnostics(profiles)
	if got.codes() != "env-missing@3:45" || len(got.Diagnostics[0].RelatedInformation) != 2 {
		t.Fatalf("opened: %+v", got)
	}
	if strings.Contains(got.Diagnostics[0].Message, "first") {
		t.Errorf("the message names a project, although both are in the related places: %s", got.Diagnostics[0].Message)
	}
	leave := func(name string) {
		s.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{
			"added": []any{}, "removed": []any{map[string]string{"uri": s.uri(name), "name": name}},
		}})
	}
	leave("a")
	if got := s.diagnostics(profiles); got.codes() != "env-missing@3:45" || len(got.Diagnostics[0].RelatedInformation) != 0 {
		t.Fatalf("one project left: %+v", got)
	}
	leave("b")
	if got := s.diagnostics(profiles); got.codes() != "" {
		t.Fatalf("none left: %+v", got)
	}
	s.shutdown()
}

// TestOddFilesBelowModels: what cannot be read there hides nothing else.
func TestOddFilesBelowModels(t *testing.T) {
	s := newSession(t, shop)
	s.write("models/binary.sql", "\x00\xff\xfe{{ env_var('DBT_IN_BINARY') }}\x00\x80")
	s.write("models/image.sql", "\x89PNG\r\n\x1a\n"+strings.Repeat("\x00\xff", 5000))
	s.write("models/binary.yml", "\x00\xff\xfe: env_var\n\x80")
	s.write("models/good.sql", "{{ env_var('DBT_GOOD') }}")
	s.write("macros/binary.sql", "\xff\xfe{\x00%\x00")
	s.must(
		syscall.Mkfifo(s.path("models/pipe.sql"), 0o644), syscall.Mkfifo(s.path("models/pipe.yml"), 0o644), syscall.Mkfifo(s.path("macros/pipe.sql"), 0o644),
		os.Mkdir(s.path("models/folder.sql"), 0o755), os.Symlink("round.sql", s.path("models/round.sql")), os.Symlink("..", s.path("models/up")),
		os.Symlink("/dev/zero", s.path("models/zero.sql")), os.Symlink("nowhere", s.path("models/dangling.yml")),
		os.WriteFile(s.path("models/forbidden.sql"), []byte("{{ env_var('DBT_X','') }}"), 0), os.Mkdir(s.path("models/closed"), 0),
		os.Truncate(s.path("models/image.sql"), 65<<20),
	)
	s.start(all, fewer())
	state := shownCodes{}
	for len(state) < 2 {
		s.nextSet(state)
	}
	want := shownCodes{"models/good.sql": "env-missing@0:12", "models/binary.sql": "env-missing@0:15"}
	if !maps.Equal(state, want) {
		t.Errorf("got %v", state)
	}
	for _, name := range []string{"models/pipe.sql", "models/round.sql", "models/zero.sql", "models/closed", "models/folder.sql"} {
		s.changed(name)
	}
	s.write("models/good.sql", "select 1")
	s.changed("models/good.sql")
	delete(want, "models/good.sql")
	s.until(state, want)
	s.shutdown()
}

// TestUnsavedSources: what is typed counts where dbt reads it, functions in all
// their languages and names in capitals too, and nowhere else.
func TestUnsavedSources(t *testing.T) {
	s := newSession(t, shop)
	s.write("dbt_project.yml", "name: shop\nprofile: shop\nfunction-paths: [functions, udfs]\n")
	s.start(all, fewer())
	const call = "{{ env_var('DBT_NOWHERE') }}"
	state, want := shownCodes{}, shownCodes{}
	// The last one, in this order and in that of names, is shown when all others were.
	for _, name := range []string{"functions/tax.py", "models/MODEL.SQL", "scripts/functions/load.py", "models/forecast.py", "site/web.js", "udfs/tax.js"} {
		s.open(name, 1, "")
		s.edit(name, 2, replace(0, 0, 0, 0, call))
	}
	for _, name := range []string{"functions/tax.py", "udfs/tax.js", "models/MODEL.SQL"} {
		want[name] = "env-missing@0:12"
	}
	s.until(state, want)
	for name := range want {
		s.edit(name, 3, whole("select 1"))
	}
	s.until(state, shownCodes{})
	s.shutdown()
}

// TestNamesOfAnotherCase: where the disk tells cases apart, a file of another
// case is another file, on the disk and in the editor.
func TestNamesOfAnotherCase(t *testing.T) {
	s := newSession(t, shop)
	s.write(".ENV", duplicate)
	s.write("other/DBT_PROJECT.YML", "name: other\nprofile: other\n")
	if _, err := os.Lstat(s.path(".env")); err != nil {
		t.Fatal(err)
	}
	same := false // a disk that does not tell cases apart
	if content, err := os.ReadFile(s.path(".env")); err != nil || string(content) == duplicate {
		same = true
	}
	s.start(all, fewer())
	s.open(".ENV", 1, duplicate)
	s.open(".env", 1, env)
	state := shownCodes{}
	for _, name := range []string{".ENV", ".env"} {
		if set := s.diagnostics(name); set.codes() != "" && !same {
			t.Errorf("%s: %q", name, set.codes())
		}
	}
	s.edit(".env", 2, whole(duplicate))
	s.until(state, shownCodes{".env": "env-duplicate@2:0"})
	s.shutdown()
}

// TestNoMoreWatches: where the system allows no watch, folders are polled, and a
// person is told so, once.
func TestNoMoreWatches(t *testing.T) {
	for name, open := range map[string]func(*zap.Logger, time.Duration) (*watch.Watcher, error){
		"no watcher": func(*zap.Logger, time.Duration) (*watch.Watcher, error) {
			return nil, fmt.Errorf("%w: %w", watch.ErrLimit, syscall.EMFILE)
		},
		"no more folders": func(log *zap.Logger, settle time.Duration) (*watch.Watcher, error) {
			return watch.NewPolling(log, settle), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSessionWith(t, shop, Options{watch: open})
			s.write(".env", duplicate)
			s.start(little, fewer())
			state := shownCodes{}
			s.until(state, shownCodes{".env": "env-duplicate@2:0"})
			if m := s.Next("window/showMessage"); !strings.Contains(string(m.Params), "max_user_watches") || !strings.Contains(string(m.Params), "every 2s") {
				t.Errorf("got %s", m.Params)
			}
			s.untilLogged("polling", s.path("models"))
			s.replaceFile(".env", "#\n"+duplicate)
			s.until(state, shownCodes{".env": "env-duplicate@3:0"})
			s.replaceFile("models/orders.sql", "{{ env_var('DBT_NEW') }}")
			s.until(state, shownCodes{".env": "env-duplicate@3:0", "models/orders.sql": "env-missing@0:12"})
			warned := slices.DeleteFunc(s.logs.All(), func(e observer.LoggedEntry) bool { return e.Level < zapcore.WarnLevel })
			if len(warned) != 1 || warned[0].Message != "folders are polled" {
				t.Errorf("the log warns %d times", len(warned))
			}
			s.shutdown()
		})
	}
}

// TestDiskThatTellsNothing: on a network file system no event comes. What is
// changed there is seen when something is saved, and when the window gets the
// focus.
func TestDiskThatTellsNothing(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, fewer())
	s.open("models/orders.sql", 1, "select 1")
	state := shownCodes{}
	if name, set := s.nextSet(state); name != "models/orders.sql" || set.codes() != "" {
		t.Fatalf("%s: %q", name, set.codes())
	}
	s.write(".env", duplicate)
	s.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": s.uri("models/orders.sql")}})
	s.until(state, shownCodes{".env": "env-duplicate@2:0"})
	s.must(os.Remove(s.path(".env")))
	s.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": "file:///elsewhere/x.sql"}})
	s.until(state, shownCodes{".env.example": "env-absent@0:0", "profiles.yml": "env-missing@5:25 env-missing@8:29"})
	s.write(".env", env)
	s.write("models/new.sql", "{{ env_var('DBT_NEW') }}")
	s.Notify("dbtHybrid/focus", map[string]any{})
	s.until(state, shownCodes{"models/new.sql": "env-missing@0:12"})
	s.changed("models/new.sql") // from now on events are known to come
	s.write(".env", duplicate)
	s.Notify("dbtHybrid/focus", map[string]any{})
	s.until(state, shownCodes{"models/new.sql": "env-missing@0:12", ".env": "env-duplicate@2:0"})
	s.shutdown()
}
