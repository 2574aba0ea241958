package commands

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// value is a value of a YAML or JSON file: a text, a list or a mapping.
type value struct {
	source           // of a text
	span   text.Span // of a text, with its quotes
	isText bool
	items  []value
	pairs  []pair
}

type pair struct {
	key   string
	value value
}

func (v value) get(key string) value {
	for _, p := range v.pairs {
		if p.key == key {
			return p.value
		}
	}
	return value{}
}

// word is a text as one argument.
func (v value) word(list int) word { return word{v.text, v.span, list} }

// tree finds the calls in the texts of a file.
func (f *finder) tree(v value) { f.value("", v, nil) }

// value looks through the value of a key. program is what the mapping around it
// starts with the arguments that stand there.
func (f *finder) value(key string, v value, program []word) {
	switch {
	case v.isText && (isProse(key) || v.text == ""):
	case v.isText && takesArguments(key) && len(program) > 0:
		l := lexer{finder: f, source: v.source, words: program}
		l.commands()
	case v.isText:
		f.shell(v.source, posix)
	case v.pairs != nil:
		program := f.program(v)
		for _, p := range v.pairs {
			f.value(p.key, p.value, program)
		}
	case takesArguments(key) || key == "entrypoint" || key == "CMD":
		f.arguments(v.items, program)
	default:
		for _, item := range v.items {
			f.value(key, item, nil)
		}
	}
}

// program returns what a mapping starts with its arguments: `command: dbt`.
func (f *finder) program(v value) []word {
	for _, key := range [...]string{"entrypoint", "command", "program", "module", "runtimeExecutable", "entry"} {
		p := v.get(key)
		if len(p.items) > 0 {
			p = p.items[0]
		}
		if p.isText && isDbt(strings.TrimSpace(p.text)) {
			return []word{p.word(f.list())}
		}
	}
	if hook := v.get("id"); strings.HasPrefix(hook.text, "dbt-") { // of pre-commit
		return []word{{"dbt", hook.span, f.list()}}
	}
	return nil
}

// takesArguments reports whether a key holds the arguments of a program.
func takesArguments(key string) bool { return key == "args" || key == "command" || key == "cmd" }

// arguments reads a list whose items are words of one call. The hooks of
// dbt-checkpoint write "++" for "--".
func (f *finder) arguments(items []value, program []word) {
	number := f.list()
	words := program
	for i, item := range items {
		if item.pairs != nil { // of tasks.json: {"value": "--no-defer", "quoting": "strong"}
			item = item.get("value")
		}
		if !item.isText || i == 0 && len(program) > 0 && item.span == program[0].span {
			continue
		}
		w := item.word(number)
		if rest, ok := strings.CutPrefix(w.text, "++"); ok {
			w.text = "--" + rest
		}
		words = append(words[:len(words):len(words)], w)
		if strings.ContainsAny(item.text, " \n") {
			l := lexer{finder: f, source: item.source, strict: len(items) > 1, depth: 1}
			l.commands()
		}
	}
	f.call(words, false)
}

// isProse reports whether a key holds a text for people.
func isProse(key string) bool {
	switch strings.ToLower(key) {
	case "name", "label", "detail", "description", "title", "message", "displayname", "summary", "desc", "if", "when", "id", "$schema", "version":
		return true
	}
	return false
}

// yamlTree reads a YAML file, as far as it can be read.
func yamlTree(file *yamlfile.File) value {
	root := file.Root
	if file.Broken() {
		root = file.Partial
	}
	return yamlValue(root)
}

func yamlValue(n *yamlfile.Node) value {
	if n == nil {
		return value{}
	}
	switch n.Kind {
	case yamlfile.Scalar:
		var places *yamlfile.SourceMap
		return value{isText: true, span: n.Span, source: source{n.Value, func(i int) int {
			if places == nil {
				m := n.SourceMap()
				places = &m
			}
			return places.At(i)
		}}}
	case yamlfile.Sequence:
		v := value{items: make([]value, len(n.Items))}
		for i, item := range n.Items {
			v.items[i] = yamlValue(item)
		}
		return v
	case yamlfile.Mapping:
		v := value{pairs: []pair{}}
		for _, p := range n.Pairs {
			key, _ := p.Key.Text()
			v.pairs = append(v.pairs, pair{key, yamlValue(p.Value)})
		}
		return v
	}
	return value{}
}

func jsonValue(v *jsonc.Value) value {
	if v == nil {
		return value{}
	}
	switch v.Kind {
	case jsonc.Array:
		out := value{items: make([]value, len(v.Items))}
		for i, item := range v.Items {
			out.items[i] = jsonValue(item)
		}
		return out
	case jsonc.Object:
		out := value{pairs: make([]pair, len(v.Items))}
		for i, item := range v.Items {
			out.pairs[i] = pair{v.Keys[i], jsonValue(item)}
		}
		return out
	}
	return value{isText: v.Kind == jsonc.String, span: v.Span, source: source{v.Text, v.Place}}
}
