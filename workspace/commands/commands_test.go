package commands_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/commands"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// TestFlags marks what is found with «», and shows what is left of the file when
// that is removed; "-" where it cannot be removed.
func TestFlags(t *testing.T) {
	for _, c := range []struct{ name, path, content, marked, left string }{
		{"a target", "Makefile", "x:\n\t@dbt build --no-defer -s a\n", "x:\n\t@dbt build «--no-defer» -s a\n", "x:\n\t@dbt build -s a\n"},
		{"behind a continuation", "run.sh", "dbt build \\\n  --no-defer \\\n  -s a\n", "dbt build \\\n  «--no-defer» \\\n  -s a\n", "dbt build \\\n  -s a\n"},
		{"the last behind a continuation", "run.sh", "dbt build \\\n  --no-defer\nls\n", "dbt build \\\n  «--no-defer»\nls\n", "dbt build\nls\n"},
		{"a continuation with CRLF", "run.sh", "dbt build \\\r\n  --no-defer\r\n", "dbt build \\\r\n  «--no-defer»\r\n", "dbt build\r\n"},
		{"in quotes", "run.sh", "dbt build '--no-defer' -s a\n", "dbt build «'--no-defer'» -s a\n", "dbt build -s a\n"},
		{"a command in quotes", "run.sh", `bash -c "dbt build --no-defer"`, `bash -c "dbt build «--no-defer»"`, `bash -c "dbt build"`},
		{"in a comment", "run.sh", "# dbt build --no-defer\ndbt build # --no-defer\n", "", ""},
		{"another program", "run.sh", "other build --no-defer\ndbt deps && other --no-defer; dbt deps | tool --no-defer\n", "", ""},
		{"both programs", "run.sh", "dbt build --no-defer && other --no-defer", "dbt build «--no-defer» && other --no-defer", "dbt build && other --no-defer"},
		{"only printed", "run.sh", "echo dbt build --no-defer\nprintf 'dbt build --no-defer'\ngit commit -m 'dbt build --no-defer'\n", "", ""},
		{"prose in quotes", "run.sh", "notify 'we run dbt build --no-defer here'\n", "", ""},
		{"a here document that is shown", "run.sh", "cat <<EOF\ndbt build --no-defer\nEOF\ndbt run --no-defer\n", "cat <<EOF\ndbt build --no-defer\nEOF\ndbt run «--no-defer»\n", "cat <<EOF\ndbt build --no-defer\nEOF\ndbt run\n"},
		{"a here document that is run", "run.sh", "bash <<EOF\ndbt build --no-defer\nEOF\n", "bash <<EOF\ndbt build «--no-defer»\nEOF\n", "bash <<EOF\ndbt build\nEOF\n"},
		{"in a substitution", "run.sh", "x=$(dbt ls --no-defer)\n", "x=$(dbt ls «--no-defer»)\n", "x=$(dbt ls)\n"},
		{"in backticks", "run.sh", "x=`dbt ls --no-defer`\n", "x=`dbt ls «--no-defer»`\n", "x=`dbt ls`\n"},
		{"behind wrappers", "run.sh", "DBT_TARGET=ci uv run --with x dbt build --no-defer\n", "DBT_TARGET=ci uv run --with x dbt build «--no-defer»\n", "DBT_TARGET=ci uv run --with x dbt build\n"},
		{"by its path", "run.sh", ".venv/bin/dbt build --no-defer\n", ".venv/bin/dbt build «--no-defer»\n", ".venv/bin/dbt build\n"},
		{"before the command", "run.sh", "dbt --no-defer build\n", "dbt «--no-defer» build\n", "dbt build\n"},
		{"a variable for dbt", "Makefile", "x:\n\t$(DBT) build --no-defer\n", "x:\n\t$(DBT) build «--no-defer»\n", "x:\n\t$(DBT) build\n"},
		{"a variable for flags", "Makefile", "DBT_FLAGS := --quiet --no-defer\n", "DBT_FLAGS := --quiet «--no-defer»\n", "DBT_FLAGS := --quiet\n"},
		{"a variable for flags of a shell", "run.sh", "DBT_ARGS=\"--quiet --no-defer\"\n", "DBT_ARGS=\"--quiet «--no-defer»\"\n", "DBT_ARGS=\"--quiet\"\n"},
		{"a variable of something else", "Makefile", "FLAGS := --no-defer\n", "", ""},
		{"a folder named dbt", "run.sh", "cd dbt && ./other --no-defer\n", "", ""},
		{"a condition", "run.sh", "if dbt build --no-defer; then\n", "if dbt build «--no-defer»; then\n", "if dbt build; then\n"},
		{"a flag with a longer name", "run.sh", "dbt build --no-defer-x\n", "", ""},
		{"state", "run.sh", "dbt build --state st --defer-state=st2\n", "dbt build «--state» st «--defer-state=st2»\n", "-"},
		{"a just recipe", "justfile", "build *args:\n  dbt build {{args}} --no-defer\n", "build *args:\n  dbt build {{args}} «--no-defer»\n", "build *args:\n  dbt build {{args}}\n"},
		{"a Taskfile", "Taskfile.yml", "tasks:\n  x:\n    desc: dbt build --no-defer\n    cmds:\n      - dbt deps\n      - dbt build --no-defer\n", "tasks:\n  x:\n    desc: dbt build --no-defer\n    cmds:\n      - dbt deps\n      - dbt build «--no-defer»\n", "tasks:\n  x:\n    desc: dbt build --no-defer\n    cmds:\n      - dbt deps\n      - dbt build\n"},
		{"a workflow", ".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - name: dbt build --no-defer\n        run: |\n          dbt deps # --no-defer\n          dbt build \\\n            --no-defer\n      # dbt run --no-defer\n", "jobs:\n  a:\n    steps:\n      - name: dbt build --no-defer\n        run: |\n          dbt deps # --no-defer\n          dbt build \\\n            «--no-defer»\n      # dbt run --no-defer\n", "jobs:\n  a:\n    steps:\n      - name: dbt build --no-defer\n        run: |\n          dbt deps # --no-defer\n          dbt build\n      # dbt run --no-defer\n"},
		{"a folded block", "ci.yml", "run: >-\n  dbt build\n  --no-defer\n  -s a\n", "run: >-\n  dbt build\n  «--no-defer»\n  -s a\n", "run: >-\n  dbt build\n  -s a\n"},
		{"quoted in YAML", "ci.yml", "script: [\"dbt build --no-defer\", 'dbt run ''--no-defer''']\n", "script: [\"dbt build «--no-defer»\", 'dbt run «''--no-defer''»']\n", "script: [\"dbt build\", 'dbt run']\n"},
		{"GitLab", ".gitlab-ci.yml", "x:\n  script:\n    - dbt build --no-defer\n", "x:\n  script:\n    - dbt build «--no-defer»\n", "x:\n  script:\n    - dbt build\n"},
		{"compose with words", "docker-compose.yml", "services:\n  x:\n    entrypoint: dbt\n    command: [\"build\", \"--no-defer\"]\n", "services:\n  x:\n    entrypoint: dbt\n    command: [\"build\", «\"--no-defer\"»]\n", "services:\n  x:\n    entrypoint: dbt\n    command: [\"build\"]\n"},
		{"compose with a text", "docker-compose.yml", "services:\n  x:\n    entrypoint: dbt\n    command: build --no-defer\n", "services:\n  x:\n    entrypoint: dbt\n    command: build «--no-defer»\n", "services:\n  x:\n    entrypoint: dbt\n    command: build\n"},
		{"compose of another program", "docker-compose.yml", "services:\n  x:\n    entrypoint: other\n    command: build --no-defer\n", "", ""},
		{"a hook", ".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: x\n    entry: dbt\n    args:\n    - compile\n    - --no-defer\n", "repos:\n- hooks:\n  - id: x\n    entry: dbt\n    args:\n    - compile\n    - «--no-defer»\n", "repos:\n- hooks:\n  - id: x\n    entry: dbt\n    args:\n    - compile\n"},
		{"a hook with one argument", ".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: x\n    entry: dbt compile --no-defer\n  - id: dbt-compile\n    args: [--no-defer]\n", "repos:\n- hooks:\n  - id: x\n    entry: dbt compile «--no-defer»\n  - id: dbt-compile\n    args: [«--no-defer»]\n", "-"},
		{"a hook of dbt-checkpoint", ".pre-commit-config.yaml", "hooks:\n- id: dbt-run\n  args: [--cmd-flags, ++no-defer]\n", "hooks:\n- id: dbt-run\n  args: [--cmd-flags, «++no-defer»]\n", "hooks:\n- id: dbt-run\n  args: [--cmd-flags]\n"},
		{"a hook of another program", ".pre-commit-config.yaml", "hooks:\n- id: other\n  args: [--no-defer]\n", "", ""},
		{"broken YAML", "ci.yml", "run: dbt build --no-defer\nx: [\n", "run: dbt build «--no-defer»\nx: [\n", "run: dbt build\nx: [\n"},
		{"package.json", "package.json", "{\n\t\"description\": \"dbt build --no-defer\",\n\t\"scripts\": {\"b\": \"cross-env A=1 dbt build --no-defer\"}\n}", "{\n\t\"description\": \"dbt build --no-defer\",\n\t\"scripts\": {\"b\": \"cross-env A=1 dbt build «--no-defer»\"}\n}", "{\n\t\"description\": \"dbt build --no-defer\",\n\t\"scripts\": {\"b\": \"cross-env A=1 dbt build\"}\n}"},
		{"tasks.json", ".vscode/tasks.json", "{\"tasks\": [ // --no-defer\n{\"label\": \"dbt build --no-defer\", \"command\": \"dbt\", \"args\": [\"build\", {\"value\": \"--no-defer\", \"quoting\": \"weak\"}, \"-s\"]},\n/* dbt --no-defer */ {\"command\": \"dbtf run --no-defer\"},]}", "{\"tasks\": [ // --no-defer\n{\"label\": \"dbt build --no-defer\", \"command\": \"dbt\", \"args\": [\"build\", {\"value\": «\"--no-defer\"», \"quoting\": \"weak\"}, \"-s\"]},\n/* dbt --no-defer */ {\"command\": \"dbtf run «--no-defer»\"},]}", "-"},
		{"launch.json", ".vscode/launch.json", `{"configurations": [{"module": "dbt.cli.main", "args": ["--no-defer", "run"]}, {"module": "other", "args": ["--no-defer"]}]}`, `{"configurations": [{"module": "dbt.cli.main", "args": [«"--no-defer"», "run"]}, {"module": "other", "args": ["--no-defer"]}]}`, `{"configurations": [{"module": "dbt.cli.main", "args": ["run"]}, {"module": "other", "args": ["--no-defer"]}]}`},
		{"a Jenkinsfile", "Jenkinsfile", "// sh 'dbt build --no-defer'\nsh 'dbt build --no-defer'\nsh \"\"\"\n  dbt deps\n  dbt run --no-defer\n\"\"\"\n/* sh 'dbt --no-defer' */ echo 'dbt x --no-defer'\nsh(script: \"dbt run --vars \\\"{a: 1}\\\" --no-defer\")", "// sh 'dbt build --no-defer'\nsh 'dbt build «--no-defer»'\nsh \"\"\"\n  dbt deps\n  dbt run «--no-defer»\n\"\"\"\n/* sh 'dbt --no-defer' */ echo 'dbt x --no-defer'\nsh(script: \"dbt run --vars \\\"{a: 1}\\\" «--no-defer»\")", "// sh 'dbt build --no-defer'\nsh 'dbt build'\nsh \"\"\"\n  dbt deps\n  dbt run\n\"\"\"\n/* sh 'dbt --no-defer' */ echo 'dbt x --no-defer'\nsh(script: \"dbt run --vars \\\"{a: 1}\\\"\")"},
		{"TOML", "pyproject.toml", "# b = \"dbt build --no-defer\"\n[tool.poe.tasks]\nb = \"dbt build --no-defer\"\n", "# b = \"dbt build --no-defer\"\n[tool.poe.tasks]\nb = \"dbt build «--no-defer»\"\n", "# b = \"dbt build --no-defer\"\n[tool.poe.tasks]\nb = \"dbt build\"\n"},
		{"a Dockerfile", "Dockerfile", "RUN dbt deps && dbt parse --no-defer\nCMD [\"dbt\", \"build\", \"--no-defer\"]\n", "RUN dbt deps && dbt parse «--no-defer»\nCMD [\"dbt\", \"build\", «\"--no-defer\"»]\n", "RUN dbt deps && dbt parse\nCMD [\"dbt\", \"build\"]\n"},
		{"an image that is dbt", "Dockerfile", "ENTRYPOINT [\"dbt\"]\nCMD [\"--no-defer\", \"build\"]\n", "ENTRYPOINT [\"dbt\"]\nCMD [«\"--no-defer\"», \"build\"]\n", "ENTRYPOINT [\"dbt\"]\nCMD [\"build\"]\n"},
		{"an image that is not dbt", "Dockerfile", "ENTRYPOINT [\"other\"]\nCMD [\"build\", \"--no-defer\"]\n", "", ""},
		{"a variable with one flag", "run.sh", "export DBT_FLAGS=--no-defer\n", "export DBT_FLAGS=«--no-defer»\n", "-"},
		{"a batch file", "run.cmd", "rem dbt build --no-defer\r\n:: dbt build --no-defer\r\ncall dbt build ^\r\n  --no-defer\r\n", "rem dbt build --no-defer\r\n:: dbt build --no-defer\r\ncall dbt build ^\r\n  «--no-defer»\r\n", "rem dbt build --no-defer\r\n:: dbt build --no-defer\r\ncall dbt build\r\n"},
		{"PowerShell", "run.ps1", "Write-Host dbt build --no-defer\n& \"$root\\dbt.exe\" build `\n  --no-defer\n", "Write-Host dbt build --no-defer\n& \"$root\\dbt.exe\" build `\n  «--no-defer»\n", "Write-Host dbt build --no-defer\n& \"$root\\dbt.exe\" build\n"},
		{"an empty file", "Makefile", "", "", ""},
		{"no end", "run.sh", "dbt build --no-defer \"", "dbt build «--no-defer» \"", "dbt build \""},
	} {
		t.Run(c.name, func(t *testing.T) {
			flags := commands.Flags(c.path, []byte(c.content), "--no-defer", "--state", "--defer-state")
			if c.marked == "" {
				c.marked, c.left = c.content, c.content
			}
			if diff := cmp.Diff(c.marked, mark(c.content, flags)); diff != "" {
				t.Error(diff)
			}
			var edits []text.Edit
			for _, f := range flags {
				if f.Cut.Empty() {
					edits = nil
					break
				}
				edits = append(edits, text.Edit{Span: f.Cut})
			}
			if c.left == "-" {
				return
			}
			left, err := text.Apply([]byte(c.content), edits)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.left, string(left)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func mark(content string, flags []commands.Flag) string {
	var out strings.Builder
	at := 0
	for _, f := range flags {
		out.WriteString(content[at:f.Span.Start] + "«" + content[f.Span.Start:f.Span.End] + "»")
		at = f.Span.End
	}
	return out.String() + content[at:]
}

// FuzzFlags holds that every place lies in the file, and that what is cut out
// holds the flag.
func FuzzFlags(f *testing.F) {
	for _, path := range paths() {
		f.Add(path, "dbt build \\\n --no-defer '--state' \"x $(dbt ls --no-defer)\" # c\n")
		f.Add(path, "{\"args\": [\"dbt\", \"--no-defer\", \"\\u00e9 --state\"], \"x\": '''dbt --no-defer")
		f.Add(path, "a:\n  - &x dbt run --no-defer\n  - args: [++no-defer, |\n dbt --state\n")
	}
	f.Fuzz(func(t *testing.T, path, content string) {
		for _, flag := range commands.Flags(path, []byte(content), "--no-defer", "--state") {
			if flag.Span.Start < 0 || flag.Span.End > len(content) || flag.Span.Empty() {
				t.Fatalf("%v of %d bytes", flag.Span, len(content))
			}
			if cut := flag.Cut; !cut.Empty() && (cut.Start < 0 || cut.End > len(content) || cut.Start > flag.Span.Start || cut.End < flag.Span.End) {
				t.Fatalf("cut %v of %v", cut, flag.Span)
			}
		}
	})
}

func paths() []string {
	return []string{"Makefile", "x.sh", "x.yml", "x.json", "x.toml", "Jenkinsfile", "x.cmd", "x.ps1"}
}
