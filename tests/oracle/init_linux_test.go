package oracle

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// An answer to a prompt of dbt.
type prompted struct{ prompt, keys string }

const (
	down  = "\x1b[B"
	enter = "\r"
)

// initCases are projects in which `dbt init` overwrites the profile shop.
func initCases() map[string]map[string]string {
	const profile = `shop: # the key
  target: prod # c1
  outputs:
    # c2
    dev: {type: postgres, host: "{{ env_var('HOST') }}", user: u, password: "{{ env_var('P') }}", port: 5, dbname: d, schema: s}

    prod: {type: postgres, host: 127.0.0.1, user: u, password: p, port: 5, dbname: d, schema: s}
`
	const before, after = "# top\nother: # keep\n  target: dev\n  outputs:\n    dev: {type: duckdb}\n\n", "\n# behind\nthird:\n  target: dev\n  outputs: {dev: {type: duckdb}}\n"
	return map[string]map[string]string{
		"between others":          {"profiles.yml": before + profile + after},
		"alone":                   {"profiles.yml": profile},
		"over an older backup":    {"profiles.yml": before + profile, "profiles.yml.bkp": "older"},
		"a comment at the margin": {"profiles.yml": before + strings.Replace(profile, "    # c2", "# c2", 1) + after},
		"in the home folder":      {"home/.dbt/profiles.yml": before + profile + after},
	}
}

// TestInitOverwrites drives `dbt init` and compares what it does to profiles.yml
// with what we say that it would do.
func TestInitOverwrites(t *testing.T) {
	for name, files := range initCases() {
		t.Run(name, func(t *testing.T) {
			top, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			root, home := filepath.Join(top, "root"), filepath.Join(top, "home")
			same := strings.NewReplacer().Replace
			writeAll(t, root, map[string]string{"dbt_project.yml": "name: shop\nprofile: shop\ndbt-cloud:\n  project-id: 12\n"}, same)
			writeAll(t, home, map[string]string{".dbt/dbt_cloud.yml": strings.ReplaceAll(cloudFileOfHere, "HOST", "127.0.0.1:9")}, same)
			for path, content := range files {
				if rest, ok := strings.CutPrefix(path, "home/"); ok {
					writeAll(t, home, map[string]string{rest: content}, same)
				} else {
					writeAll(t, root, map[string]string{path: content}, same)
				}
			}
			plan := planOf(root, home)
			if !plan.Exists || !plan.Possible {
				t.Fatalf("%+v", plan.Init)
			}
			content, err := os.ReadFile(plan.Path)
			if err != nil {
				t.Fatal(err)
			}
			said := drive(t, root, home, []prompted{
				{"What would you like to do?", down + enter}, {"Which adapter", adapterKeys(files)}, {"Use active project", enter},
				{"Host", "127.0.0.1" + enter}, {"Username", "me" + enter}, {"Password", "literal" + enter}, {"Port", "9" + enter},
				{"Database", "d" + enter}, {"Schema", "s" + enter}, {"overwrite it?", "y"},
			}, "Profile written to")
			if !strings.Contains(said, "Found active project: shop (ID: 12)") || plan.Offered == nil || plan.Offered.ProjectID.Text != "12" {
				t.Errorf("it offers another project than we say:\n%s", said)
			}
			got, err := os.ReadFile(plan.Path)
			if err != nil {
				t.Fatal(err)
			}
			kept := string(content[:plan.Block.Start]) + string(content[plan.Block.End:])
			written, ok := strings.CutPrefix(string(got), kept)
			if !ok {
				t.Fatalf("it keeps\n%s\nwe say\n%s", got, kept)
			}
			if strings.Count(written, "type:") != 1 || !strings.Contains(written, "    dev:\n") || strings.Contains(written, "env_var") || strings.Contains(written, "#") {
				t.Errorf("it writes\n%s", written)
			}
			if backup, err := os.ReadFile(plan.Backup); err != nil || !bytes.Equal(backup, content) {
				t.Errorf("the backup is another: %v\n%s", err, backup)
			}
			if margin := name == "a comment at the margin"; margin != (plan.Leftover != nil) || margin != strings.Contains(kept, "env_var") {
				t.Errorf("left behind: %v\n%s", plan.Leftover, kept)
			}
			if (name == "over an older backup") != plan.Older {
				t.Errorf("an older backup: %v", plan.Older)
			}
		})
	}
}

// adapterKeys choose postgres: where dbt reads a profile of it, it stands there.
func adapterKeys(files map[string]string) string {
	if _, ok := files["home/.dbt/profiles.yml"]; ok {
		return enter
	}
	return strings.Repeat(down, 4) + enter
}

const cloudFileOfHere = `version: "1"
context: {active-host: "HOST", active-project: "12"}
projects:
  - {project-name: shop, project-id: "12", account-name: a, account-id: "1", account-host: "HOST", token-name: t, token-value: dbtu_x}
`

func planOf(root, home string) *workspace.InitPlan {
	w := workspace.New(&workspace.Machine{Home: home, Environ: map[string]secret.Text{}})
	w.SetEngine(running())
	w.SetFolders([]string{root})
	return w.Snapshot().Projects()[0].InitPlan()
}

// drive runs `dbt init` in a terminal of its own, answers its prompts, each once
// and in their order where they come up, and ends it when it says the last words.
func drive(t *testing.T, root, home string, prompts []prompted, last string) string {
	t.Helper()
	dbt := dbttest.Find(t).Path()
	master, name := terminal(t)
	defer func() { _ = master.Close() }()
	slave, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), dbt, "init")
	cmd.Dir = root
	cmd.Env = []string{
		"HOME=" + home, "PATH=/usr/bin:/bin", "TERM=xterm", "DO_NOT_TRACK=1", "DBT_SEND_ANONYMOUS_USAGE_STATS=false",
		"DBT_ALLOW_EXPERIMENTAL_ADAPTERS=true", "HOST=127.0.0.1", "P=secret",
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	colours := regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)
	var said strings.Builder
	seen := 0
	buffer := make([]byte, 4096)
	_ = master.SetReadDeadline(time.Now().Add(2 * time.Minute))
	for {
		n, err := master.Read(buffer)
		said.WriteString(string(buffer[:n]))
		clean := colours.ReplaceAllString(said.String(), "")
		if strings.Contains(clean, last) {
			return clean
		}
		if err != nil {
			t.Fatalf("dbt init ends with %v:\n%s", err, clean)
		}
		for i, p := range prompts {
			if at := strings.Index(clean[min(seen, len(clean)):], p.prompt); at >= 0 {
				seen += at + len(p.prompt)
				prompts = prompts[i+1:]
				if _, err := master.WriteString(p.keys); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
	}
}

// terminal opens a pseudo-terminal (pty(7)).
func terminal(t *testing.T) (master *os.File, name string) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "/dev/ptmx"), "/dev/pts/" + strconv.Itoa(number)
}
