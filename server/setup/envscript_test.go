//go:build unix

package setup

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// awkward are values with what shells and .env files take for something else.
func awkward() []string {
	return []string{
		canary,
		canary + " two  words ",
		"p@$s1" + canary + "$",
		"${HOME}$(touch pwned)`touch pwned`" + canary,
		"# " + canary + " #not a comment",
		"it's " + canary + "'",
		`say "` + canary + `"`,
		`it's "both" \ and $` + canary,
		`C:\dir\` + canary + `\`,
		canary + `\\`,
		canary + `\\\`,
		`'` + canary + `\`,
		"-----BEGIN KEY-----\n" + canary + "\nDBT_SCHEMA=inside\n-----END KEY-----\n",
		canary + "\n\n",
		"\n" + canary,
		"\t" + canary + "\r\n" + canary + "\r",
		"-n " + canary,
		"%s%d\\n" + canary,
		"é😀" + canary,
		"{\"a\": \"" + canary + "\"}",
		"x\n# <<< dbt-env.\n" + canary,
	}
}

// A vault is a folder of stand-in programs of secrets managers. Each prints the
// secret that is kept under its arguments, as the real one does.
type vault struct {
	dir string // of the programs
	log string // the arguments that they were given
}

// newVault makes the programs; secrets are by program and arguments. What the
// real program adds to the value is part of it here.
func newVault(t *testing.T, secrets map[string]string) *vault {
	t.Helper()
	v := &vault{dir: t.TempDir()}
	v.log = filepath.Join(v.dir, "log")
	cases := map[string]string{}
	for i, call := range slices.Sorted(maps.Keys(secrets)) {
		kept := filepath.Join(v.dir, "kept", strconv.Itoa(i))
		write(t, kept, secrets[call])
		program, _, _ := strings.Cut(call, " ")
		cases[program] += shellQuote(call) + ") cat " + shellQuote(kept) + " ;;\n"
	}
	for program, known := range cases {
		v.program(t, program, "#!/bin/sh\nprintf '%s\\n' \""+program+" $*\" >>"+shellQuote(v.log)+"\ncase \""+program+" $*\" in\n"+
			known+"*) echo 'no such secret' >&2; exit 1 ;;\nesac\n")
	}
	return v
}

func (v *vault) program(t *testing.T, name, content string) {
	t.Helper()
	write(t, filepath.Join(v.dir, name), content)
	if err := os.Chmod(filepath.Join(v.dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
}

// tools is a search path with what the script needs of a system, and no secrets
// manager that happens to be installed.
func tools(t *testing.T, more ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range append([]string{"cat", "chmod", "cmp", "dirname", "git", "iconv", "mkdir", "mktemp", "mv", "od", "readlink", "rm", "sed", "sh", "tr", "jq"}, more...) {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Logf("there is no %s here", name)
			continue
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// shells are those that run the script here.
func shells() []string {
	var all, known []string
	for _, name := range []string{"dash", "bash", "busybox", "zsh", "ksh", "sh"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		real, err := filepath.EvalSymlinks(path)
		if err == nil && !slices.Contains(known, real) {
			all, known = append(all, path), append(known, real)
		}
	}
	return all
}

func command(shell string, args ...string) *exec.Cmd {
	switch filepath.Base(shell) {
	case "busybox":
		args = append([]string{"sh"}, args...)
	case "zsh":
		args = append([]string{"--emulate", "sh"}, args...)
	}
	return exec.Command(shell, args...)
}

// run runs the script as people do, traced, and fails if a value is in what it
// prints.
func (v *vault) run(t *testing.T, shell, dir string, path ...string) (output string, err error) {
	t.Helper()
	cmd := command(shell, "-x", scriptFile)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + strings.Join(append([]string{v.dir}, path...), ":"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8"}
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), canary) {
		t.Errorf("a value is printed:\n%s", out)
	}
	if log, _ := os.ReadFile(v.log); strings.Contains(string(log), canary) {
		t.Errorf("a value is an argument:\n%s", log)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".dbt-env.*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return string(out), err
}

// fill sets a project up for a template, and runs its script.
func (v *vault) fill(t *testing.T, shell string, files map[string]string) (dir, output string, err error) {
	t.Helper()
	dir = repository(t, files)
	if err := os.Remove(filepath.Join(dir, ".git")); err != nil { // git is asked in a test of its own
		t.Fatal(err)
	}
	twice(t, dir, EnvScript, standalone())
	output, err = v.run(t, shell, dir, tools(t))
	return dir, output, err
}

// loaded reads .env as dbt does.
func loaded(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	env := dotenv.Parse([]byte(read(t, filepath.Join(dir, ".env"))))
	if env.Stop != nil {
		t.Errorf("dbt stops: %+v", env.Stop)
	}
	for _, v := range env.Values(nobody).All() {
		if v.Effective() {
			got[v.Name] = v.Text.Reveal()
		}
	}
	return got
}

func nobody(string) (secret.Text, bool) { return secret.Text{}, false }

// TestEnvScriptAwkwardValues: every value arrives byte for byte, in every shell,
// with a manager that adds a line end and with one that does not; our parser and
// the real dbt read the same.
func TestEnvScriptAwkwardValues(t *testing.T) {
	engine := dbttest.Find(t)
	secrets, want := map[string]string{}, map[string]string{}
	var template strings.Builder
	for i, value := range awkward() {
		op, aws := fmt.Sprintf("DBT_OP_%d", i), fmt.Sprintf("DBT_AWS_%d", i)
		secrets[fmt.Sprintf("op read --no-newline op://shop/warehouse/%d", i)] = value
		secrets[fmt.Sprintf("aws ssm get-parameter --region eu-west-1 --name arn:aws:ssm:eu-west-1:1:parameter/%d --with-decryption --query Parameter.Value --output text", i)] = value + "\n"
		fmt.Fprintf(&template, "%s=op://shop/warehouse/%d\n%s=arn:aws:ssm:eu-west-1:1:parameter/%d\n", op, i, aws, i)
		want[op], want[aws] = value, value
	}
	v := newVault(t, secrets)
	var scenarios []dbttest.Scenario
	for _, shell := range shells() {
		dir, output, err := v.fill(t, shell, map[string]string{".env.example": template.String()})
		if err != nil || !strings.HasSuffix(output, "dbt-env: .env holds 42 values from the secrets manager.\n") {
			t.Fatalf("%s: %v\n%s", shell, err, output)
		}
		if diff := cmp.Diff(want, loaded(t, dir)); diff != "" {
			t.Errorf("%s: %s", shell, diff)
		}
		if info, err := os.Stat(filepath.Join(dir, ".env")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", shell, info.Mode(), err)
		}
		if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
			t.Error("a value was run")
		}
		scenarios = append(scenarios, dbttest.Variables(dbttest.Scenario{Name: shell, Files: map[string]string{".env": read(t, filepath.Join(dir, ".env"))}}, slices.Sorted(maps.Keys(want))))
	}
	for i, got := range engine.Batch(t, scenarios[:1]) {
		values, ok := got.Variables()
		if diff := cmp.Diff(want, values); !ok || diff != "" {
			t.Errorf("dbt, %s: %s\n%s", scenarios[i].Name, diff, got.Stdout+got.Stderr)
		}
	}
}

// TestEnvScriptReferences: each form of a reference asks its manager as that one
// wants to be asked.
func TestEnvScriptReferences(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf"
	get := "aws secretsmanager get-secret-value --region eu-west-1 --secret-id " + arn + " --query SecretString --output text"
	const object = `{"user": "u", "password": "` + canary + `'\n$"}` + "\n"
	const fromObject = canary + "'\n$"
	for line, test := range map[string]struct{ call, kept, want string }{
		`A=op://shop/My Item/password`:                                            {"op read --no-newline op://shop/My Item/password", canary, canary},
		`A="op://shop/My Item/password" # why`:                                    {"op read --no-newline op://shop/My Item/password", canary, canary},
		` export  A = 'op://shop/it/pw'`:                                          {"op read --no-newline op://shop/it/pw", canary, canary},
		"A=op://shop/it/pw # op, not 'it'\r":                                      {"op read --no-newline op://shop/it/pw", canary, canary},
		"A=" + arn:                                                                {get, canary + "\n", canary},
		"A=" + arn + ":password::":                                                {get, object, fromObject},
		"A=" + arn + ":password:AWSPREVIOUS:":                                     {get + " --version-stage AWSPREVIOUS", object, fromObject},
		"A=" + arn + "::AWSPREVIOUS:12-34":                                        {get + " --version-stage AWSPREVIOUS --version-id 12-34", canary + "\n", canary},
		"A=awssm://shop/db":                                                       {"aws secretsmanager get-secret-value --secret-id shop/db --query SecretString --output text", canary + "\n", canary},
		"A=awssm://shop/db#password":                                              {"aws secretsmanager get-secret-value --secret-id shop/db --query SecretString --output text", object, fromObject},
		"A=arn:aws:ssm:us-east-1:1:parameter/shop/pw":                             {"aws ssm get-parameter --region us-east-1 --name arn:aws:ssm:us-east-1:1:parameter/shop/pw --with-decryption --query Parameter.Value --output text", canary + "\n\n", canary + "\n"},
		"A=vault:secret/data/shop/db#password":                                    {"vault kv get -format=table -field=password secret/shop/db", canary, canary},
		"A=vault:secret/shop#password#3":                                          {"vault kv get -format=table -field=password -version=3 secret/shop", canary + "\n", canary + "\n"},
		"A=vault://kv/data/a/data/b#pw":                                           {"vault kv get -format=table -field=pw kv/a/data/b", canary, canary},
		"A=gcpsm://projects/p1/secrets/s1":                                        {"gcloud secrets versions access latest --secret=s1 --project=p1", canary, canary},
		"A=gcpsm://projects/p1/secrets/s1/versions/4":                             {"gcloud secrets versions access 4 --secret=s1 --project=p1", canary, canary},
		"A=gcpsm://p1/s1":                                                         {"gcloud secrets versions access latest --secret=s1 --project=p1", canary, canary},
		"A=gcpsm://p1/s1/7":                                                       {"gcloud secrets versions access 7 --secret=s1 --project=p1", canary, canary},
		"A=gcpsm://p1/s1#7":                                                       {"gcloud secrets versions access 7 --secret=s1 --project=p1", canary, canary},
		"A=azurekeyvault://v1/s1":                                                 {"az keyvault secret show --vault-name v1 --name s1 --query value --output tsv", canary + "\n", canary},
		"A=azurekeyvault://v1.vault.azure.net/s1/abc":                             {"az keyvault secret show --vault-name v1 --name s1 --version abc --query value --output tsv", canary + "\n", canary},
		"A=@Microsoft.KeyVault(VaultName=v1;SecretName=s1)":                       {"az keyvault secret show --vault-name v1 --name s1 --query value --output tsv", canary + "\n", canary},
		"A=@Microsoft.KeyVault(SecretUri=https://v1.vault.azure.net/secrets/s1/)": {"az keyvault secret show --id https://v1.vault.azure.net/secrets/s1 --query value --output tsv", canary + "\n", canary},
		"A=ref+awssecrets://shop/db#/password":                                    {"vals get ref+awssecrets://shop/db#/password", canary, canary},
	} {
		t.Run(line, func(t *testing.T) {
			v := newVault(t, map[string]string{test.call: test.kept})
			for _, shell := range shells() {
				dir, output, err := v.fill(t, shell, map[string]string{".env.example": "# all\nB=\n" + line + "\n"})
				if err != nil {
					t.Fatalf("%v\n%s\n%s", err, output, read(t, v.log))
				}
				if diff := cmp.Diff(map[string]string{"A": test.want}, loaded(t, dir)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// TestEnvScriptKeepsTheRest: nothing of .env moves but the secrets, also the
// second time, and with another value.
func TestEnvScriptKeepsTheRest(t *testing.T) {
	const template = "# the warehouse\nDBT_PASSWORD=op://shop/wh/pw\nDBT_SCHEMA=\n"
	for name, test := range map[string]struct{ before, rest string }{
		"nothing":                {"", ""},
		"lines":                  {"DBT_SCHEMA=dev # mine\n\n# x\nDBT_KEY='a\nDBT_PASSWORD=inside\n'\n", "DBT_SCHEMA=dev # mine\n\n# x\nDBT_KEY='a\nDBT_PASSWORD=inside\n'\n"},
		"no line end":            {"A=1\nB=2", "A=1\nB=2"},
		"CRLF":                   {"A=1\r\nB=2\r\n", "A=1\r\nB=2\r\n"},
		"a byte order mark":      {"\ufeffA=1\n", "A=1\n"},
		"the reference itself":   {"A=1\nDBT_PASSWORD=op://shop/wh/pw\nexport DBT_PASSWORD=\"op://shop/wh/pw\" # x\r\nB=2\n", "A=1\nB=2\n"},
		"a value of its own":     {"DBT_PASSWORD=typed\n", "DBT_PASSWORD=typed\n"},
		"a line dbt stops at":    {"A=1\nBAD LINE\nB=2\n", "A=1\nBAD LINE\nB=2\n"},
		"backslashes and marks":  {"A=\\\\\n  B = %s \\n `x` $(y)\n\\\n", "A=\\\\\n  B = %s \\n `x` $(y)\n\\\n"},
		"empty lines at the end": {"A=1\n\n\n", "A=1\n\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, map[string]string{"op read --no-newline op://shop/wh/pw": canary + "'\n$x"})
			files := map[string]string{".env.example": template}
			if test.before != "" {
				files[".env"] = test.before
			}
			for _, shell := range shells() {
				dir, output, err := v.fill(t, shell, files)
				if err != nil {
					t.Fatalf("%v\n%s", err, output)
				}
				block := "# >>> dbt-env: secrets, written by scripts/dbt-env.sh\nDBT_PASSWORD=\"" + canary + "'\n\\$x\"\n# <<< dbt-env\n"
				if diff := cmp.Diff(block+test.rest, read(t, filepath.Join(dir, ".env"))); diff != "" {
					t.Errorf("%s: %s", shell, diff)
				}
				if output, err := v.run(t, shell, dir, tools(t)); err != nil {
					t.Fatalf("%v\n%s", err, output)
				}
				if diff := cmp.Diff(block+test.rest, read(t, filepath.Join(dir, ".env"))); diff != "" {
					t.Errorf("the second time, %s: %s", shell, diff)
				}
			}
		})
	}
}

// TestEnvScriptFails: where anything is missing the script says what, and .env
// stays as it is, byte for byte.
func TestEnvScriptFails(t *testing.T) {
	const before = "DBT_SCHEMA=" + canary + "\n"
	const template = "DBT_A=op://shop/wh/a\nDBT_B=vault:secret/data/shop#b\n"
	op, kv := "op read --no-newline op://shop/wh/a", "vault kv get -format=table -field=b secret/shop"
	for name, test := range map[string]struct {
		secrets map[string]string
		spoil   func(t *testing.T, dir string)
		want    string
	}{
		"no program":               {map[string]string{op: canary}, nil, `DBT_B is kept in Vault, and there is no program "vault" on the search path to ask it. Nothing is changed.`},
		"not signed in":            {map[string]string{kv: canary, "op whoami": ""}, nil, "no such secret\n"},
		"an empty secret":          {map[string]string{op: canary, kv: ""}, nil, "DBT_B: the secret is empty."},
		"bytes that are not UTF-8": {map[string]string{op: canary + "\xff", kv: canary}, nil, "DBT_A: the secret is not a text in UTF-8."},
		"a mark in the secret":     {map[string]string{op: "x\n# <<< dbt-env\n" + canary, kv: canary}, nil, "DBT_A: the secret holds"},
		"no template":              {map[string]string{op: canary, kv: canary}, func(t *testing.T, dir string) { remove(t, dir, ".env.example") }, "there is no .env.example"},
		"no reference left":        {map[string]string{op: canary, kv: canary}, func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".env.example"), "A=\n") }, ".env.example names no secret."},
		"no field":                 {map[string]string{op: canary, kv: canary}, func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".env.example"), "A=vault:secret/x\n") }, "name the field behind #"},
		"the end mark is gone": {map[string]string{op: canary, kv: canary}, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, ".env"), "# >>> dbt-env: secrets, written by scripts/dbt-env.sh\nA=1\n")
		}, "of .env is gone"},
		"UTF-16":   {map[string]string{op: canary, kv: canary}, func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".env"), "A\x00=\x00") }, "holds NUL bytes"},
		"a folder": {map[string]string{op: canary, kv: canary}, func(t *testing.T, dir string) { remove(t, dir, ".env"); write(t, filepath.Join(dir, ".env", "a"), "") }, ".env is not a regular file"},
		"a circular link": {map[string]string{op: canary, kv: canary}, func(t *testing.T, dir string) {
			remove(t, dir, ".env")
			if err := os.Symlink(".env", filepath.Join(dir, ".env")); err != nil {
				t.Fatal(err)
			}
		}, ".env is a link that leads nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, test.secrets)
			for _, shell := range shells() {
				dir := repository(t, map[string]string{".env.example": template, ".env": before, ".gitignore": ".env\n"})
				twice(t, dir, EnvScript, standalone())
				if test.spoil != nil {
					test.spoil(t, dir)
				}
				was, _ := os.ReadFile(filepath.Join(dir, ".env"))
				output, err := v.run(t, shell, dir, tools(t))
				if err == nil || !strings.Contains(output, test.want) {
					t.Errorf("%s: %v\n%s", shell, err, output)
				}
				if now, _ := os.ReadFile(filepath.Join(dir, ".env")); string(now) != string(was) {
					t.Errorf("%s: .env has changed to %q", shell, now)
				}
			}
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// TestEnvScriptAsksGit: secrets are not written where git would commit them.
func TestEnvScriptAsksGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal("there is no git to ask")
	}
	for ignored, want := range map[string]string{"target/\n": "git would commit .env", "target/\n.env\n": "dbt-env: .env holds 1 value from the secrets manager.\n"} {
		v := newVault(t, map[string]string{"op read --no-newline op://a/b/c": canary})
		dir := repository(t, map[string]string{".env.example": "A=op://a/b/c\n", ".gitignore": ignored})
		remove(t, dir, ".git")
		if out, err := exec.Command(git, "-C", dir, "init", "-q").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		twice(t, dir, EnvScript, standalone())
		if output, _ := v.run(t, "sh", dir, tools(t)); !strings.Contains(output, want) {
			t.Errorf("%q: %s", ignored, output)
		}
	}
}

// TestEnvScriptFollowsLinks: a .env that several work trees share stays shared.
func TestEnvScriptFollowsLinks(t *testing.T) {
	v := newVault(t, map[string]string{"op read --no-newline op://a/b/c": canary})
	dir := repository(t, map[string]string{".env.example": "A=op://a/b/c\n", "shared/real": "B=1\n"})
	remove(t, dir, ".git")
	for link, to := range map[string]string{".env": "shared/link", "shared/link": "real"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	twice(t, dir, EnvScript, standalone())
	if output, err := v.run(t, "sh", dir, tools(t)); err != nil {
		t.Fatal(output)
	}
	info, err := os.Lstat(filepath.Join(dir, "shared", "real"))
	if err != nil || info.Mode() != 0o600 || loaded(t, dir)["A"] != canary {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if link, err := os.Readlink(filepath.Join(dir, ".env")); link != "shared/link" {
		t.Errorf("the link is %q now, %v", link, err)
	}
}

// TestEnvScriptKilled: a script that is killed while a manager answers leaves
// .env alone, and nothing that git could take.
func TestEnvScriptKilled(t *testing.T) {
	v := newVault(t, map[string]string{"op read --no-newline op://a/b/c": canary})
	v.program(t, "mv", "#!/bin/sh\nkill -KILL $PPID\n")
	dir := repository(t, map[string]string{".env.example": "A=op://a/b/c\n", ".env": "B=1\n", ".gitignore": ".env\n"})
	carryOut(t, request(t, dir, standalone()), EnvScript)
	cmd := exec.Command("sh", scriptFile)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + v.dir + ":" + tools(t)}
	if err := cmd.Run(); err == nil {
		t.Fatal("it was not killed")
	}
	if got := read(t, filepath.Join(dir, ".env")); got != "B=1\n" {
		t.Errorf(".env is %q", got)
	}
	for name, content := range tree(t, dir) { // without what lies in a folder .git
		if strings.Contains(content, canary) {
			t.Errorf("a value is in %s", name)
		}
	}
}

// TestEnvScriptFromDotEnv: references that stand in .env alone move to a file
// for everybody.
func TestEnvScriptFromDotEnv(t *testing.T) {
	dir := repository(t, map[string]string{".env": "DBT_SCHEMA=" + canary + "\nDBT_A=op://shop/wh/a # x\nDBT_B='vault:secret/data/x#b'\n"})
	twice(t, dir, EnvScript, standalone())
	if got, want := read(t, filepath.Join(dir, ".env.tpl")), "# Where the secrets are. They are not in here: this file is for everybody.\nDBT_A=op://shop/wh/a\nDBT_B='vault:secret/data/x#b'\n"; got != want {
		t.Errorf("%q", got)
	}
	for name, content := range tree(t, dir) {
		if name != ".env" && strings.Contains(content, canary) {
			t.Errorf("a value is in %s", name)
		}
	}
}

// TestEnvScriptParts: a script holds what the team uses and nothing else, every
// combination is one that shells can read, and one of ours is renewed where
// another manager comes in. One that was changed is left alone.
func TestEnvScriptParts(t *testing.T) {
	all := stores()
	for set := range 1 << len(all) {
		var names []string
		for i, s := range all {
			if set&(1<<i) != 0 {
				names = append(names, s.name)
			}
		}
		text := script(".env.example", names)
		if strings.Contains(text, "#: ") || len(names) > 0 && strings.Contains(text, "@template@") {
			t.Fatalf("%v:\n%s", names, text)
		}
		if len(names) == 0 {
			continue
		}
		for _, s := range all {
			for _, word := range map[string][]string{"1Password": {"op read"}, "AWS Systems Manager": {"aws ssm"}, "AWS Secrets Manager": {"get-secret-value", "jq"}, "Vault": {"vault kv", "kv get"}, "Google Secret Manager": {"gcloud"}, "Azure Key Vault": {"az keyvault"}, "the store that it names": {"vals get"}}[s.name] {
				if word != "vault kv" && strings.Contains(text, word) != slices.Contains(names, s.name) {
					t.Errorf("%v: %q", names, word)
				}
			}
		}
		for _, shell := range shells() {
			cmd := command(shell, "-n")
			cmd.Stdin = strings.NewReader(text)
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Fatalf("%s, %v: %v\n%s", shell, names, err, out)
			}
		}
	}
	dir := repository(t, map[string]string{".env.example": "A=op://a/b/c\n"})
	twice(t, dir, EnvScript, standalone())
	path := filepath.Join(dir, filepath.FromSlash(scriptFile))
	golden(t, "dbt-env-1password.sh", read(t, path))
	write(t, filepath.Join(dir, ".env.example"), "A=op://a/b/c\nB=gcpsm://p/s\n")
	twice(t, dir, EnvScript, standalone())
	if !strings.Contains(read(t, path), "gcloud") {
		t.Error("the script does not know the second manager")
	}
	write(t, path, read(t, path)+"# mine\n")
	write(t, filepath.Join(dir, ".env.example"), "A=vault:a#b\n")
	if notes := twice(t, dir, EnvScript, standalone()); !strings.Contains(strings.Join(notes, "\n"), "was changed by hand: it is left alone") {
		t.Errorf("%q", notes)
	}
}

// TestStoresAreThoseOfTheRule: whatever the rule env-reference knows, the script
// can ask, and the reverse.
func TestStoresAreThoseOfTheRule(t *testing.T) {
	for _, s := range stores() {
		if got := diagnostics.Reference(s.sample); got != s.name {
			t.Errorf("%s is a reference to %q", s.sample, got)
		}
	}
	source, err := os.ReadFile("../../diagnostics/env_reference.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(source), "func reference(")
	for _, m := range regexp.MustCompile(`\{"([^"]+)", (?:"([^"]+)"|onePassword)\}`).FindAllStringSubmatch(table, -1) {
		known := slices.ContainsFunc(stores(), func(s store) bool {
			return slices.ContainsFunc(s.patterns, func(p string) bool { return strings.HasPrefix(strings.ReplaceAll(p, "'", ""), m[1]) })
		})
		if !known {
			t.Errorf("the script does not know %s", m[1])
		}
	}
}
