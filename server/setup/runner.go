package setup

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// target is what is added to a Makefile, a justfile or a Taskfile.yml.
type target struct {
	name, about string
	folder      string // in which its commands run, relative to the file, with "/"; "" for the file's own
	commands    []string
}

// runner is a kind of file that holds targets.
type runner struct {
	names []string // the one to be created first
	// has reports whether a file has a target already.
	has func(content, name string) bool
	// add returns the place for a target, and its text.
	add func(file *workspace.File, t target) (at int, lines string, err error)
	// condition returns the directive under which alone a file has a target; nil for
	// files that know none.
	condition func(content, name string) string
}

func runners() []runner {
	return []runner{
		{[]string{"Makefile", "makefile", "GNUmakefile"}, makeHas, makeAdd, makeCondition},
		{[]string{"justfile", "Justfile", ".justfile"}, justHas, justAdd, nil},
		{[]string{"Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"}, taskHas, taskAdd, nil},
	}
}

// runnerFile is a file of a runner that exists.
type runnerFile struct {
	runner
	*workspace.File
}

// under says in what a target stands alone.
func (f *runnerFile) under(name string) string {
	if f.condition != nil {
		if directive := f.condition(string(f.Content), name); directive != "" {
			return ", within `" + directive + "` only"
		}
	}
	return ""
}

// runnerFiles returns the files with targets, the project's own first.
func (m *maker) runnerFiles() ([]runnerFile, error) {
	var all []runnerFile
	for _, folder := range m.folders() {
		for _, r := range runners() {
			for _, name := range r.names {
				file, err := m.file(filepath.Join(folder, name))
				if err != nil {
					return nil, err
				}
				if file != nil {
					all = append(all, runnerFile{r, file})
					break
				}
			}
		}
	}
	return all, nil
}

// devTarget adds the target dev.
func (m *maker) devTarget() error {
	files, err := m.runnerFiles()
	if err != nil {
		return err
	}
	commands, remark := m.sessionStart()
	t := target{name: "dev", about: "Start of a session: the newest dbt, then a test of the connection.", commands: commands}
	if len(commands) == 1 {
		t.about = "Start of a session: a test of the connection."
	}
	script, err := m.file(filepath.Join(m.home(), filepath.FromSlash(scriptFile)))
	if err != nil {
		return err
	}
	if script != nil {
		t.commands = append([]string{"sh " + scriptFile}, t.commands...)
	}
	done, err := m.addTarget(files, t, true)
	if done && remark != "" {
		m.note("%s", remark)
	}
	return err
}

// addTarget adds a target to the first of some files; where there is none it
// creates a Makefile, if that is wanted. A target of the name is left alone.
func (m *maker) addTarget(files []runnerFile, t target, create bool) (done bool, err error) {
	for _, f := range files {
		if f.has(string(f.Content), t.name) {
			m.note("%s has a target %s already%s, which is left alone.", m.rel(f.Path), t.name, f.under(t.name))
			return false, nil
		}
	}
	if len(files) == 0 {
		if !create {
			return false, nil
		}
		path := filepath.Join(m.home(), "Makefile")
		_, lines, err := makeAdd(nil, t)
		m.add(nil, path, lines)
		return true, err
	}
	f := files[0]
	if t.folder, _ = fspath.Rel(filepath.Dir(f.Path), m.home()); t.folder == "." {
		t.folder = ""
	}
	at, lines, err := f.add(f.File, t)
	if err != nil {
		return false, fmt.Errorf("%s: %w; nothing is changed", m.rel(f.Path), err)
	}
	m.insert(f.File, at, lines)
	return true, nil
}

// sessionStart returns the commands by which a session starts: the update that
// the dbt of this machine takes, and a test of the connection. The remark says
// why there is no update.
func (m *maker) sessionStart() (commands []string, remark string) {
	first, ok := m.Project.Engine.First()
	switch {
	case !ok:
		commands = append(commands, engine.InstallCommand("linux"))
		remark = "No dbt was found here: the target calls dbt's own installer."
	case first.Kind == engine.KindPlatformCLI:
		return []string{"dbt parse"}, "The dbt of this machine is the platform CLI. It runs what dbt platform runs: there is nothing to update."
	case first.Update != "":
		commands = append(commands, first.Update)
	default:
		remark = "How the dbt of this machine was installed cannot be told: the target does not update it."
	}
	debug := "dbt debug"
	if name := m.targetName(); name != "" {
		debug += " --target " + name
	}
	return append(commands, debug), remark
}

// targetName is the target that every contributor has: the one of dbt-hybrid.yml,
// of a flag, or of the repository's own profiles.yml. One of ~/.dbt or of a
// variable is one person's.
func (m *maker) targetName() string {
	p := m.Project
	name := p.Settings.Target
	if from := p.Profile.TargetFrom; name == "" && from.Kind == dbt.OriginFile {
		if _, ok := fspath.Rel(m.Top, from.Path); ok && p.Profile.TargetNode != nil && !dbt.HasJinja(p.Profile.TargetNode.Value) {
			name = p.Profile.Target
		}
	}
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != "" || strings.HasPrefix(name, "-") {
		return ""
	}
	return name
}

// shellQuote writes a word for a shell.
func shellQuote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// inFolder are the commands of a target as a shell takes them from the folder of
// the file.
func (t target) inFolder() []string {
	if t.folder == "" {
		return t.commands
	}
	var all []string
	for _, command := range t.commands {
		all = append(all, "cd "+shellQuote(t.folder)+" && "+command)
	}
	return all
}

// makeHas reports whether a Makefile has a rule for a target.
func makeHas(content, name string) bool {
	return slices.ContainsFunc(readMakefile(content).rules, func(r makeRule) bool { return r.isOf(name) })
}

// makefile is what a Makefile has outside the texts that it defines.
type makefile struct {
	rules []makeRule
	open  string // what is not closed at its end: define, ifeq, …; "" for nothing
}

// makeRule is the line of one rule.
type makeRule struct {
	targets   []string
	condition string // the directive around it, "" where there is none
}

func (r makeRule) isOf(name string) bool { return slices.Contains(r.targets, name) }

func readMakefile(content string) makefile {
	var m makefile
	var open []string // the directives around a line
	for _, line := range logicalLines(content) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		inText := len(open) > 0 && open[len(open)-1] == "define"
		switch directive := makeDirective(line); {
		case directive == "endef" && inText, directive == "endif" && len(open) > 0 && !inText:
			open = open[:len(open)-1]
		case directive == "define", strings.HasPrefix(directive, "if") && !inText:
			open = append(open, directive)
		case inText || directive != "":
		default:
			if targets := makeTargets(line); len(targets) > 0 {
				m.rules = append(m.rules, makeRule{targets, strings.Join(open[:min(len(open), 1)], "")})
			}
		}
	}
	if len(open) > 0 {
		m.open = open[len(open)-1]
	}
	return m
}

// makeDirective returns the directive of a line that begins or ends something, ""
// for another line.
func makeDirective(line string) string {
	for word := range strings.FieldsSeq(line) {
		word, _, _ = strings.Cut(word, "(")
		switch word {
		case "override", "export", "private", "unexport":
			continue
		case "define", "endef", "endif", "ifdef", "ifndef", "ifeq", "ifneq":
			return word
		}
		return ""
	}
	return ""
}

// makeTargets returns the targets of a line that begins a rule.
func makeTargets(line string) []string {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil
	}
	targets, rest, ok := strings.Cut(line, ":")
	if !ok || strings.HasPrefix(strings.TrimLeft(rest, ":"), "=") || strings.Contains(targets, "=") {
		return nil
	}
	return strings.Fields(strings.TrimSuffix(targets, "&"))
}

// makeCondition returns the directive under which alone a Makefile has a target,
// "" where it has none or always has it.
func makeCondition(content, name string) string {
	condition := ""
	for _, rule := range readMakefile(content).rules {
		if rule.isOf(name) {
			if rule.condition == "" {
				return ""
			}
			condition = rule.condition
		}
	}
	return condition
}

// logicalLines joins the lines that end in a backslash.
func logicalLines(content string) []string {
	content = strings.ReplaceAll(content, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(content, "\\\n", " "), "\n")
}

func makeAdd(file *workspace.File, t target) (int, string, error) {
	content, prefix := "", "\t"
	if file != nil {
		content = string(file.Content)
		if open := readMakefile(content).open; open != "" {
			return 0, "", fmt.Errorf("a `%s` in it is not closed", open)
		}
		for _, line := range logicalLines(content) {
			if name, value, ok := strings.Cut(line, "="); ok && strings.Trim(name, " \t:?") == ".RECIPEPREFIX" {
				prefix = "\t"
				if value = strings.TrimSpace(value); value != "" {
					prefix = value[:1]
				}
			}
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n.PHONY: %s\n%s:\n", t.about, t.name, t.name)
	for _, command := range t.inFolder() {
		fmt.Fprintf(&out, "%s%s\n", prefix, strings.ReplaceAll(command, "$", "$$"))
	}
	return len(content), gap(content) + out.String(), nil
}

// justHas reports whether a justfile has a recipe or an alias of a name.
func justHas(content, name string) bool {
	for line := range strings.Lines(content) {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "#") {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "alias "); ok {
			word, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			if strings.TrimSuffix(word, ":=") == name {
				return true
			}
			continue
		}
		head, rest, ok := strings.Cut(line, ":")
		word, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(head), "@"), " ")
		if ok && word == name && (strings.TrimSpace(head) != word || !strings.HasPrefix(rest, "=")) {
			return true
		}
	}
	return false
}

func justAdd(file *workspace.File, t target) (int, string, error) {
	content, indent := string(file.Content), "    "
	for line := range strings.Lines(content) {
		if body := strings.TrimLeft(line, " \t"); len(body) < len(line) && strings.TrimSpace(body) != "" {
			indent = line[:len(line)-len(body)]
			break
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n%s:\n", t.about, t.name)
	for _, command := range t.inFolder() {
		fmt.Fprintf(&out, "%s%s\n", indent, strings.ReplaceAll(command, "{{", "{{{{"))
	}
	return len(content), gap(content) + out.String(), nil
}

// taskHas reports whether a Taskfile has a task or an alias of a name.
func taskHas(content, name string) bool {
	tasks := yamlfile.Parse([]byte(content)).Root.Get("tasks")
	for pair := range tasks.All() {
		if pair.Key.Value == name {
			return true
		}
		if aliases := pair.Value.Resolved().Get("aliases"); aliases != nil {
			for _, item := range aliases.Items {
				if alias, ok := item.Text(); ok && alias == name {
					return true
				}
			}
		}
	}
	return false
}

// taskAdd puts a task behind the others.
func taskAdd(file *workspace.File, t target) (int, string, error) {
	content := string(file.Content)
	tree := file.YAML()
	if tree.Broken() {
		return 0, "", fmt.Errorf("it is not YAML that can be read")
	}
	pair, ok := tree.Root.Pair("tasks")
	if !ok {
		if tree.Root != nil && (tree.Root.Kind != yamlfile.Mapping || tree.Root.Style == yamlfile.Flow) {
			return 0, "", fmt.Errorf("it is no mapping with lines of its own")
		}
		return len(content), gap(content) + "tasks:\n" + t.task("  ", "  "), nil
	}
	tasks := pair.Value.Resolved()
	at := content[:pair.Key.Span.Start]
	base := at[strings.LastIndexByte(at, '\n')+1:]
	if strings.TrimSpace(base) != "" {
		return 0, "", fmt.Errorf("`tasks:` does not begin its line")
	}
	switch {
	case tasks.IsNull() && tasks == nil || tasks.IsNull() && tasks.Span.Empty():
		end := lineEndFrom(content, pair.Key.Span.End)
		return end, lead(content, end) + t.task(base+"  ", "  "), nil
	case tasks.Kind != yamlfile.Mapping || tasks.Style == yamlfile.Flow || len(tasks.Pairs) == 0 || pair.Value.Kind == yamlfile.Alias:
		return 0, "", fmt.Errorf("`tasks:` is no mapping with lines of its own")
	}
	first := tasks.Pairs[0].Key.Span.Start
	indent := content[strings.LastIndexByte(content[:first], '\n')+1 : first]
	if strings.TrimSpace(indent) != "" {
		return 0, "", fmt.Errorf("its first task does not begin a line")
	}
	step := strings.TrimPrefix(indent, base)
	if step == "" {
		step = "  "
	}
	end := lineEndFrom(content, lastByte(tasks, content))
	between := ""
	if n := len(tasks.Pairs); n > 1 && blankBefore(content, tasks.Pairs[n-1].Key.Span.Start) || n == 1 {
		between = "\n"
	}
	return end, lead(content, end) + between + t.task(indent, step), nil
}

// lastByte returns where the last line of a node with something on it ends.
func lastByte(n *yamlfile.Node, content string) int {
	return len(strings.TrimRight(content[:n.Span.End], " \t\r\n"))
}

// lineEndFrom returns where the line of an offset ends, its line break included.
func lineEndFrom(content string, at int) int {
	if n := strings.IndexByte(content[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(content)
}

// lead is the line break that a last line lacks.
func lead(content string, at int) string {
	if at > 0 && content[at-1] != '\n' {
		return "\n"
	}
	return ""
}

// blankBefore reports whether an empty line, or comments behind one, stand above.
func blankBefore(content string, at int) bool {
	lines := strings.Split(content[:lineStart(content, at)], "\n")
	for i := len(lines) - 2; i >= 0; i-- {
		switch line := strings.TrimSpace(lines[i]); {
		case line == "":
			return true
		case !strings.HasPrefix(line, "#"):
			return false
		}
	}
	return false
}

// task writes a target as a task.
func (t target) task(indent, step string) string {
	var out strings.Builder
	line := func(depth int, s string) {
		out.WriteString(indent + strings.Repeat(step, depth) + s + "\n")
	}
	line(0, t.name+":")
	line(1, "desc: "+yamlScalar(t.about))
	if t.folder != "" {
		line(1, "dir: "+yamlScalar(t.folder))
	}
	line(1, "cmds:")
	for _, command := range t.commands {
		line(2, "- "+yamlScalar(strings.ReplaceAll(command, "{{", `{{"{{"}}`)))
	}
	return out.String()
}

// yamlScalar writes a text, in quotes where it needs them.
func yamlScalar(s string) string {
	plain := yamlfile.Parse([]byte("- " + s + "\n")).Root
	if plain != nil && len(plain.Items) == 1 && plain.Items[0].Style == yamlfile.Plain && plain.Items[0].Value == s && plain.Items[0].Type() == yamlfile.String {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
