package yamlfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// kindName is the name that tests give a kind.
func kindName(k ProblemKind) string {
	return [...]string{"Syntax", "Tab", "DuplicateKey", "Documents", "Encoding", "UnquotedJinja", "Depth", "BadValue", "Size"}[k]
}

// problems writes the problems of a text: kind, place, what the span covers,
// message, related place.
func problems(content string) string {
	f := Parse([]byte(content))
	var b strings.Builder
	for _, p := range f.Problems {
		fmt.Fprintf(&b, "%s %v %q %s", kindName(p.Kind), f.Lines.Position(p.Span.Start), p.Span.Of(f.Content), p.Message)
		if p.Related != (text.Span{}) {
			fmt.Fprintf(&b, " (%v)", f.Lines.Position(p.Related.Start))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestProblems(t *testing.T) {
	const quote = "Jinja at the start of a value must stand in quotes\n"
	const twice = "this key stands twice in one mapping"
	for _, test := range []struct{ content, want string }{
		{"a: 1\n", ""},
		{"", ""},
		// What lies on the line above shows on that line.
		{"a: 1\nb\nc: 2\n", "Syntax 2:1 \"b\" could not find expected ':', while scanning a simple key on line 2\n"},
		{"a: \"x y\nb: 1\n", "Syntax 1:4 \"\\\"x y\" found unexpected end of stream, while scanning a quoted scalar on line 1\n"},
		{"a: b: c\n", "Syntax 1:5 \":\" mapping values are not allowed in this context\n"},
		{"a:\n  b: 1\n c: 2\n", "Syntax 3:2 \"c:\" did not find expected key, while parsing a block mapping on line 1 (1:1)\n"},
		{"a: [1\nb: 2\n", "Syntax 2:2 \":\" did not find expected ',' or ']', while parsing a flow sequence on line 1 (1:4)\n"},
		{"a: @x\n", "Syntax 1:4 \"@x\" found character that cannot start any token, while scanning for the next token on line 1 (1:4)\n"},
		{"a: [1", "Syntax 1:5 \"1\" did not find expected ',' or ']', while parsing a flow sequence on line 1 (1:4)\n"},
		{"a: \"\\q\"\n", "Syntax 1:5 \"\\\\q\\\"\" found unknown escape character, while parsing a quoted scalar on line 1 (1:4)\n"},
		{"a: *b\n", "Syntax 1:4 \"*b\" unknown anchor\n"},
		{"a: &x 1\nb: &x 2\n", "Syntax 2:7 \"2\" found duplicate anchor, which is defined already on line 1 (1:7)\n"},
		{"a:\n\tb: 1\n", "Tab 2:1 \"\\t\" a tab stands where YAML wants blanks (found character that cannot start any token)\n"},
		{"a:\n  b: 1\n \t\tc: 1\n", "Tab 3:2 \"\\t\\t\" a tab stands where YAML wants blanks (found a tab character that violates indentation)\n"},
		{"a: 1\nb: 2\na: 3\n\"a\": 4\n", "DuplicateKey 3:1 \"a\" " + twice + " (1:1)\nDuplicateKey 4:1 \"\\\"a\\\"\" " + twice + " (1:1)\n"},
		{"a: {b: 1, b: 2}\na: 1\n", "DuplicateKey 1:11 \"b\" " + twice + " (1:5)\nDuplicateKey 2:1 \"a\" " + twice + " (1:1)\n"},
		{"a: {b: &b {c: 1}, <<: *b, c: 2}\n", ""},
		{"a: 1\n---\nb: 2\n", "Documents 2:1 \"---\" a second document begins here; dbt reads files of one document only\n"},
		{"a: 1\n...\nb: 2\n", "Documents 3:1 \"b:\" a second document begins here; dbt reads files of one document only\n"},
		{"a: caf\xe9\n", "Encoding 1:7 \"\\xe9\" not valid UTF-8\n"},
		{"a: 1\nb: \x00\n", "Encoding 2:4 \"\\x00\" control characters are not allowed\n"},
		{"a: \u0080\n", "Encoding 1:4 \"\\u0080\" control characters are not allowed\n"},
		{"\xff\xfea\x00", "Encoding 1:1 \"\\xff\\xfe\" written in UTF-16; dbt reads UTF-8 only\n"},
		{"a\x00:\x00 \x001\x00\n\x00b\x00:\x00 \x002\x00\n\x00", "Encoding 1:2 \"\\x00\" written in UTF-16; dbt reads UTF-8 only\n"},
		{"a: 99999999999999999999\nb: '99999999999999999999'\n", "BadValue 1:4 \"99999999999999999999\" a whole number of more than 64 bits\n"},
		{"a: !!int x\n", "BadValue 1:10 \"x\" the tag wants an integer\n"},
		{"a: {<<: 1}\n", "BadValue 1:9 \"1\" only a mapping, or a list of mappings, can be merged\n"},
		{"a: {<<: [{b: 1}, c]}\n", "BadValue 1:18 \"c\" only a mapping can be merged\n"},
		{"a: {<<: !t {b: 1}}\n", "BadValue 1:12 \"{b: 1}\" a value with a tag cannot be merged\n"},
		{"a: &a [*a]\n", "Depth 1:8 \"*a\" an alias inside the anchor that it names\n"},

		{"a: {{ b }}\n", "UnquotedJinja 1:4 \"{{ b }}\" " + quote},
		{"a: {{ b }} # c\n", "UnquotedJinja 1:4 \"{{ b }}\" " + quote},
		{"- {{ b }}\n", "UnquotedJinja 1:3 \"{{ b }}\" " + quote},
		{"a: [{{ b }}, {c: {{ d }}}]\n", "UnquotedJinja 1:5 \"{{ b }}\" " + quote + "UnquotedJinja 1:18 \"{{ d }}\" " + quote},
		{"a: {{ f('x', 'y') }} # c\nb: 1\n", "UnquotedJinja 1:4 \"{{ f('x', 'y') }}\" " + quote},
		{"- {{ f('x', 'y') }}\n", "UnquotedJinja 1:3 \"{{ f('x', 'y') }}\" " + quote},
		{"- a: {{ f('x', 'y') }}\n  b: {{ c }}\n", "UnquotedJinja 1:6 \"{{ f('x', 'y') }}\" " + quote + "UnquotedJinja 2:6 \"{{ c }}\" " + quote},
		{"a: {{ b }}_c\n", "UnquotedJinja 1:4 \"{{ b }}_c\" " + quote},
		{"a: {{ b }} and {{ c }}\n", "UnquotedJinja 1:4 \"{{ b }} and {{ c }}\" " + quote},
		{"a: {% if b %}c{% endif %}\n", "UnquotedJinja 1:4 \"{% if b %}c{% endif %}\" " + quote},
		{"a: {# c #}\n", "UnquotedJinja 1:4 \"{# c #}\" " + quote},
		{"a: {{ f('}}', \"#\") }}\n", "UnquotedJinja 1:4 \"{{ f('}}', \\\"#\\\") }}\" " + quote},
		{"a: {{ {'x': {'y': 1}} }}\n", "UnquotedJinja 1:4 \"{{ {'x': {'y': 1}} }}\" " + quote},
		{"a: {{ f('x',\n  'y') }}\nb: 1\n", "UnquotedJinja 1:4 \"{{ f('x',\\n  'y') }}\" " + quote},
		{"a: [{{ f('x', 'y') }}, b]\n", "UnquotedJinja 1:5 \"{{ f('x', 'y') }}\" " + quote},
		{"a: {b: {{ f('x', 'y') }}, c: 1}\n", "UnquotedJinja 1:8 \"{{ f('x', 'y') }}\" " + quote},
		{"a: {{ f('x', \nb: 1\nc: {{ d }}\n", "UnquotedJinja 1:4 \"{{ f('x', \" " + quote + "UnquotedJinja 3:4 \"{{ d }}\" " + quote},
		{"a:\n  {{ f('x', 'y') }}\n", "UnquotedJinja 2:3 \"{{ f('x', 'y') }}\" " + quote},
		{"a: {{ x }}\nb: c: d\n", "UnquotedJinja 1:4 \"{{ x }}\" " + quote + "Syntax 2:5 \":\" mapping values are not allowed in this context\n"},
		// Not Jinja that lacks quotes.
		{"a: \"{{ b }}\"\n", ""},
		{"a: x {{ b }}\n", ""},
		{"a: {{b: 1}: 2}\n", ""},
		{"a: {{b: 1}: {c: 2}}\n", ""},
		{"a: |\n  b: {{ c }}\n  - {{ f('x', 'y') }}\n", ""},
		{"a: {b: {}}\n", ""},
	} {
		if diff := cmp.Diff(test.want, problems(test.content)); diff != "" {
			t.Errorf("%q\n%s", test.content, diff)
		}
	}
}

func TestUnquotedJinjaIsQuoted(t *testing.T) {
	for before, after := range map[string]string{
		"a: {{ b }} # c\n":                    "a: \"{{ b }}\" # c\n",
		"a: {{ f('x') }}\n":                   "a: \"{{ f('x') }}\"\n",
		"a: {{ f(\"x\") }}\n":                 "a: '{{ f(\"x\") }}'\n",
		"a: {{ f('x', \"y\") }}\n":            "a: '{{ f(''x'', \"y\") }}'\n",
		"a: {{ f('\\\\d') }}\n":               "a: '{{ f(''\\\\d'') }}'\n",
		"a: [{{ f('x', 'y') }}, {{ z }}-1]\n": "a: [\"{{ f('x', 'y') }}\", \"{{ z }}-1\"]\n",
		"a: {{ f('x',\r\n  'y') }}\r\n":       "a: \"{{ f('x',\r\n  'y') }}\"\r\n",
		"- {% if x %}a{% endif %}\n":          "- \"{% if x %}a{% endif %}\"\n",
	} {
		f := Parse([]byte(before))
		var edits []text.Edit
		for _, p := range f.Problems {
			edits = append(edits, p.Edits...)
		}
		got, err := text.Apply(f.Content, edits)
		if err != nil || string(got) != after {
			t.Errorf("%q: %q %v", before, got, err)
		}
		if g := Parse(got); len(g.Problems) > 0 {
			t.Errorf("%q: %v", got, g.Problems)
		}
	}
}

func TestTabEdits(t *testing.T) {
	for before, after := range map[string]string{
		"a:\n\tb: 1\n\tc:\n\t\td: 2\n":   "a:\n  b: 1\n  c:\n    d: 2\n",
		"a:\n\t- b\n\t-\tc\n":            "a:\n  - b\n  - c\n",
		"a:\r\n\tb: 1\r\n":               "a:\r\n  b: 1\r\n",
		"a:\n  b: 1\n\t\n  c: 2\n":       "a:\n  b: 1\n  \n  c: 2\n",
		"a: 1\n\t# c\nb: 1\n":            "a: 1\n  # c\nb: 1\n",
		"a:\n  b: 1\n\tc: 1\n":           "a:\n  b: 1\n  c: 1\n",
		"a:\n  b:\n\tc: 1\n":             "", // below b, or beside it
		"a: 1\n":                         "",
		"a:\n\tb: 1\nc: [\n":             "",
		"a:\n\tb: 1\n    c:\n\t\td: 1\n": "a:\n    b: 1\n    c:\n        d: 1\n",
	} {
		f := Parse([]byte(before))
		edits := f.TabEdits()
		got, err := text.Apply(f.Content, edits)
		if err != nil || edits != nil && string(got) != after || edits == nil && after != "" {
			t.Errorf("%q: %q %v", before, got, err)
		}
	}
}

// No problem of a file repeats what the file says.
func TestMessagesKeepSecrets(t *testing.T) {
	const secret = "hunter2secret"
	for _, content := range []string{
		"a: " + secret + ": b\n", "a: \"" + secret, "a: @" + secret, "a:\n\t" + secret, secret, "%" + secret + "\n---\n", "a: *" + secret,
		"a: &" + secret + " 1\nb: &" + secret + " 2\n", "{" + secret + ": 1, " + secret + ": 2}", "a: !" + secret + "!x y", "a: {{ f('" + secret + "', 1) }}",
		"a: !!int " + secret, "a: " + secret + "\x00", "a: {<<: " + secret + "}", "a: 1\n---\n" + secret, "a: &a [*a, " + secret + "]",
	} {
		for _, p := range Parse([]byte(content)).Problems {
			if strings.Contains(p.Message, secret) {
				t.Errorf("%s %s", kindName(p.Kind), p.Message)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	many := 100_000 // levels, keys, lines
	nested := func(levels int) string {
		var b strings.Builder
		b.WriteString("a0: &a0 [x]\n")
		for i := range levels {
			fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
		}
		return b.String()
	}
	var steps strings.Builder
	for i := range 2000 {
		steps.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for name, test := range map[string]struct {
		content string
		kind    ProblemKind
	}{
		"brackets":         {strings.Repeat("[", many), Depth},
		"braces":           {strings.Repeat("{", many), Depth},
		"closed brackets":  {strings.Repeat("[", many) + strings.Repeat("]", many), Depth},
		"bracket per line": {strings.Repeat("[\n", many), Depth},
		"dashes":           {strings.Repeat("- ", many), Depth},
		"keys":             {strings.Repeat("? ", many), Depth},
		"steps":            {steps.String(), Depth},
		"unquoted Jinja":   {strings.Repeat("a: {{\n", many), UnquotedJinja},
		"alias bomb":       {nested(40), Depth},
		"alias chain":      {nested(100), Depth},
		"30 MB":            {strings.Repeat("x", 30<<20), Size},
		"quote":            {"a: \"" + strings.Repeat("x\n", many), Syntax},
		"long key":         {strings.Repeat("x", 1<<20) + ":", Syntax},
		"many anchors":     {strings.Repeat("- &a\n", many), Syntax},
	} {
		f := Parse([]byte(test.content))
		if len(f.Problems) == 0 || f.Problems[0].Kind != test.kind || !f.Broken() {
			t.Errorf("%s: %d problems, broken %v", name, len(f.Problems), f.Broken())
		}
		f.Walk(func([]string, *Node) bool { return true })
	}
	for name, content := range map[string]string{
		"long value": "a: " + strings.Repeat("x", 1<<20),
		"wide":       strings.Repeat("- {a: 1, b: [x, y]}\n", many),
		"many keys": func() string {
			var b strings.Builder
			for i := range many {
				fmt.Fprintf(&b, "k%d: v\n", i)
			}
			return b.String()
		}(),
		"blank":    strings.Repeat("\n", 1<<20),
		"comments": strings.Repeat("# c\n", many),
		"aliases":  "a: &a x\nb: [" + strings.Repeat("*a, ", many) + "]\n",
	} {
		if f := Parse([]byte(content)); len(f.Problems) > 0 {
			t.Errorf("%s: %v", name, f.Problems[0])
		}
	}
}
