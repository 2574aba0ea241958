package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"go.uber.org/zap"
)

type completionCommand struct{ shell string }

func newCompletion(s *syntax) action {
	c := &completionCommand{}
	shell := word(&c.shell, "shell", "bash, zsh, fish or powershell.", "bash", "zsh", "fish", "powershell")
	shell.needed = true
	s.arguments = []option{shell}
	return c.run
}

// run prints a script that makes a shell complete this program's command line.
func (c *completionCommand) run(*zap.Logger) error {
	t := commandTree()
	var out bytes.Buffer
	switch c.shell {
	case "bash":
		t.bash(&out)
	case "zsh":
		t.zsh(&out)
	case "fish":
		t.fish(&out)
	case "powershell":
		t.powershell(&out)
	}
	_, err := os.Stdout.Write(out.Bytes())
	return err
}

// bash writes a function for complete -F. bash takes --flag=value for three
// words.
func (t *tree) bash(out *bytes.Buffer) {
	fmt.Fprintf(out, `# Completion of %[1]s for bash. In ~/.bashrc: eval "$(%[1]s completion bash)"
_dbt_hybrid() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= head= i
	COMPREPLY=()
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		%[2]s)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	[[ $cur == *,* ]] && head=${cur%%,*},
	case "$command $prev" in
`, t.name, strings.Join(t.names(), " | "))
	for _, o := range t.flags {
		bashValue(out, `*" --`+o.name+`"`, o)
	}
	for _, c := range t.commands {
		for _, o := range c.flags {
			bashValue(out, `"`+c.name+" --"+o.name+`"`, o)
		}
	}
	fmt.Fprintf(out, "\tesac\n\tcase \"$command $cur\" in\n\t\" -\"*) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n\t\" \"*) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n",
		strings.Join(names(t.flags), " "), strings.Join(t.names(), " "))
	for _, c := range t.commands {
		fmt.Fprintf(out, "\t\"%s -\"*) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n", c.name, strings.Join(names(t.all(c)), " "))
		switch c.argument.takes {
		case takesWord:
			fmt.Fprintf(out, "\t\"%s \"*) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n", c.name, strings.Join(c.argument.words, " "))
		case takesFile:
			fmt.Fprintf(out, "\t\"%s \"*) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n", c.name)
		case takesFolder:
			fmt.Fprintf(out, "\t\"%s \"*) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n", c.name)
		}
	}
	fmt.Fprintf(out, "\tesac\n}\ncomplete -F _dbt_hybrid %s\n", t.name)
}

func bashValue(out *bytes.Buffer, pattern string, o option) {
	var reply string
	switch {
	case o.takes == takesNothing:
		return
	case o.takes == takesWord && o.list:
		reply = fmt.Sprintf(`COMPREPLY=($(compgen -P "$head" -W "%s" -- "${cur##*,}"))`, strings.Join(o.words, " "))
	case o.takes == takesWord:
		reply = fmt.Sprintf(`COMPREPLY=($(compgen -W "%s" -- "$cur"))`, strings.Join(o.words, " "))
	case o.takes == takesFile:
		reply = `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur")`
	case o.takes == takesFolder:
		reply = `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur")`
	default:
		reply = ":"
	}
	fmt.Fprintf(out, "\t%s)\n\t\t%s\n\t\treturn\n\t\t;;\n", pattern, reply)
}

// zsh writes a function for compinit, which finds it as _dbt-hybrid in $fpath or
// takes it from eval.
func (t *tree) zsh(out *bytes.Buffer) {
	fmt.Fprintf(out, `#compdef %[1]s
# Completion of %[1]s for zsh. In ~/.zshrc, after compinit: eval "$(%[1]s completion zsh)"
_dbt_hybrid() {
	local curcontext=$curcontext state line
	typeset -A opt_args
	_arguments -C \
%[2]s		'1:command:->command' \
		'*::argument:->argument'
	case $state in
	command)
		local -a commands=(
`, t.name, zshFlags(t.flags))
	for _, c := range t.commands {
		fmt.Fprintf(out, "\t\t\t%s\n", zshQuote(c.name+":"+strings.ReplaceAll(c.help, ":", `\:`)))
	}
	out.WriteString("\t\t)\n\t\t_describe command commands\n\t\t;;\n\targument)\n\t\tcase $line[1] in\n")
	for _, c := range t.commands {
		fmt.Fprintf(out, "\t\t%s)\n\t\t\t_arguments \\\n%s", c.name, zshFlags(t.all(c)))
		if c.argument.name != "" {
			fmt.Fprintf(out, "\t\t\t%s\n", zshQuote("*:"+c.argument.name+":"+zshAction(c.argument)))
		}
		out.WriteString("\t\t\t;;\n")
	}
	fmt.Fprintf(out, "\t\tesac\n\t\t;;\n\tesac\n}\nif [[ $funcstack[1] == _dbt-hybrid ]]; then\n\t_dbt_hybrid \"$@\"\nelse\n\tcompdef _dbt_hybrid %s\nfi\n", t.name)
}

func zshFlags(options []option) string {
	var out strings.Builder
	brackets := strings.NewReplacer("[", `\[`, "]", `\]`)
	for _, o := range options {
		spec := "--" + o.name
		if o.takes != takesNothing {
			spec += "="
		}
		spec += "[" + brackets.Replace(o.help) + "]"
		if o.takes != takesNothing {
			spec += ":" + strings.ToLower(o.placeholder) + ":" + zshAction(o)
		}
		fmt.Fprintf(&out, "\t\t%s \\\n", zshQuote(spec))
	}
	return out.String()
}

func zshAction(o option) string {
	switch {
	case o.takes == takesWord && o.list:
		return "_sequence compadd - " + strings.Join(o.words, " ")
	case o.takes == takesWord:
		return "(" + strings.Join(o.words, " ") + ")"
	case o.takes == takesFile:
		return "_files"
	case o.takes == takesFolder:
		return "_files -/"
	}
	return " "
}

func zshQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// fish writes one line for each thing that can be typed.
func (t *tree) fish(out *bytes.Buffer) {
	fmt.Fprintf(out, "# Completion of %[1]s for fish. As a file: %[1]s completion fish > ~/.config/fish/completions/%[1]s.fish\n", t.name)
	fmt.Fprintf(out, "complete -c %s -f\n", t.name)
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'" }
	flag := func(condition string, o option) {
		fmt.Fprintf(out, "complete -c %s", t.name)
		if condition != "" {
			fmt.Fprintf(out, " -n %s", quote(condition))
		}
		fmt.Fprintf(out, " -l %s", o.name)
		if o.short != "" {
			fmt.Fprintf(out, " -s %s", o.short)
		}
		switch {
		case o.takes == takesWord && o.list:
			fmt.Fprintf(out, " -x -a %s", quote("(__fish_append , "+strings.Join(o.words, " ")+")"))
		case o.takes == takesWord:
			fmt.Fprintf(out, " -x -a %s", quote(strings.Join(o.words, " ")))
		case o.takes == takesFile:
			out.WriteString(" -r -F")
		case o.takes == takesFolder:
			out.WriteString(" -x -a '(__fish_complete_directories)'")
		case o.takes == takesText:
			out.WriteString(" -x")
		}
		fmt.Fprintf(out, " -d %s\n", quote(o.help))
	}
	for _, o := range t.flags {
		flag("", o)
	}
	for _, c := range t.commands {
		fmt.Fprintf(out, "complete -c %s -n __fish_use_subcommand -a %s -d %s\n", t.name, c.name, quote(c.help))
	}
	for _, c := range t.commands {
		condition := "__fish_seen_subcommand_from " + c.name
		for _, o := range c.flags {
			flag(condition, o)
		}
		switch c.argument.takes {
		case takesWord:
			fmt.Fprintf(out, "complete -c %s -n %s -a %s\n", t.name, quote(condition), quote(strings.Join(c.argument.words, " ")))
		case takesFile:
			fmt.Fprintf(out, "complete -c %s -n %s -F\n", t.name, quote(condition))
		case takesFolder:
			fmt.Fprintf(out, "complete -c %s -n %s -a '(__fish_complete_directories)'\n", t.name, quote(condition))
		}
	}
}

// powershell writes an argument completer. Where it has nothing to offer,
// PowerShell completes files.
func (t *tree) powershell(out *bytes.Buffer) {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	list := func(words []string) string {
		quoted := make([]string, len(words))
		for i, word := range words {
			quoted[i] = quote(word)
		}
		return "@(" + strings.Join(quoted, ", ") + ")"
	}
	fmt.Fprintf(out, `# Completion of %[1]s for PowerShell. In $PROFILE: %[1]s completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName %[1]s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    $command = @($words | Select-Object -Skip 1 | Where-Object { $_ -in %[2]s })[0]
    $values = @{
`, t.name, list(t.names()))
	for _, c := range append([]node{{flags: t.flags}}, t.commands...) {
		for _, o := range c.flags {
			if o.takes == takesWord {
				fmt.Fprintf(out, "        %s = %s\n", quote(strings.TrimSpace(c.name+" --"+o.name)), list(o.words))
			}
		}
	}
	out.WriteString("    }\n    $flags = @{\n")
	fmt.Fprintf(out, "        '' = %s\n", list(names(t.flags)))
	for _, c := range t.commands {
		fmt.Fprintf(out, "        %s = %s\n", quote(c.name), list(names(t.all(c))))
	}
	out.WriteString("    }\n    $arguments = @{\n")
	fmt.Fprintf(out, "        '' = %s\n", list(t.names()))
	for _, c := range t.commands {
		if c.argument.takes == takesWord {
			fmt.Fprintf(out, "        %s = %s\n", quote(c.name), list(c.argument.words))
		}
	}
	out.WriteString(`    }
    $before = $words[-1]
    $offer = if ($values.ContainsKey("$command $before")) { $values["$command $before"] }
    elseif ($values.ContainsKey("$before")) { $values["$before"] }
    elseif ($wordToComplete -like '-*') { $flags["$command"] }
    else { $arguments["$command"] }
    $offer | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
`)
}
