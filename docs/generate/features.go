package main

import (
	"fmt"
	"slices"
	"strings"
)

// feature is what the language server does with one message.
type feature struct{ method, what string }

// features describes every message that the server takes. A method that is not
// described here, or one that is and that the server does not know, is an error.
func features(methods []string) (string, error) {
	described := []feature{
		{"initialize", "answers at once; nothing is read before the client is initialized"},
		{"initialized", "asks for settings and file events, starts the first check"},
		{"shutdown", "ends all work"},
		{"exit", "ends the process; also when the client's process is gone"},
		{"$/setTrace", "accepted, without effect"},
		{"dbtHybrid/focus", "of our own client: the window has the focus again, and what changed on the disk is looked for"},
		{"dbtHybrid/statusView", "of our own client: the status of every project as a tree, each line with its place and what mends it"},
		{"textDocument/didOpen", "the document counts instead of the file"},
		{"textDocument/didChange", "incremental; findings of the whole project follow the keystroke"},
		{"textDocument/didSave", "the content is known already; what else changed on the disk is looked for"},
		{"textDocument/didClose", "the file on the disk counts again; its findings stay"},
		{"textDocument/codeAction", "quick fixes, `source.fixAll.dbtHybrid` for the safe ones"},
		{"textDocument/completion", "names of variables: as keys of an environment file, and within the quotes of `env_var()`; projects and their public models within those of `ref()`"},
		{"textDocument/definition", "from a call to the lines that give the variable a value; from a line of the example to that of `.env`; from a ref to the line that declares its project"},
		{"textDocument/hover", "what dbt takes for a variable and where that comes from, its value only where `showValues` says so; of a ref to another project, what dbt has fetched of it"},
		{"textDocument/inlayHint", "behind a call, where its variable gets its value; the value only where `showValues` says so"},
		{"workspace/didChangeConfiguration", "settings are asked for again, folder by folder"},
		{"workspace/didChangeWatchedFiles", "files that git or another program changed"},
		{"workspace/didChangeWorkspaceFolders", "projects come and go with their folders"},
		{"workspace/executeCommand", "`dbtHybrid.fixAll`, `dbtHybrid.syncExample`, `dbtHybrid.createEnv`, `dbtHybrid.addVariables`, `dbtHybrid.checkForUpdates`, `dbtHybrid.status`, `dbtHybrid.setup`, `dbtHybrid.mendDeferral`, `dbtHybrid.clearDeferCache`, `dbtHybrid.clearPublications`, `dbtHybrid.saveProfiles`"},
	}
	var out strings.Builder
	out.WriteString("# What the language server does\n\n" + generated)
	out.WriteString("`dbt-hybrid serve` speaks the Language Server Protocol 3.17 on stdin and stdout. Files are known by their\nnames, never by a language id.\n\n")
	out.WriteString("| message | what happens |\n|---|---|\n")
	for _, f := range described {
		if !slices.Contains(methods, f.method) {
			return "", fmt.Errorf("the server does not know %s", f.method)
		}
		fmt.Fprintf(&out, "| `%s` | %s |\n", f.method, f.what)
	}
	for _, method := range methods {
		if !slices.ContainsFunc(described, func(f feature) bool { return f.method == method }) {
			return "", fmt.Errorf("%s is not described", method)
		}
	}
	out.WriteString(sent)
	return out.String(), nil
}

// sent are the messages of the server to the client.
const sent = `
## What it sends

| message | when |
|---|---|
| ` + "`textDocument/publishDiagnostics`" + ` | findings of a file change, open or not; only the files that differ |
| ` + "`dbtHybrid/status`" + ` | the state of the projects changes: health, engine, deferral, numbers of findings, whether a status bar is to warn; for our own client also a sentence for each concern and the steps of setting up |
| ` + "`experimental/serverStatus`" + ` | the same in short, for clients that announce it |
| ` + "`workspace/configuration`" + `, ` + "`client/registerCapability`" + ` | at the start, for clients that support it |
| ` + "`workspace/applyEdit`" + `, ` + "`window/showDocument`" + `, ` + "`window/showMessage`" + ` | as the answer to a command that a person started |
`
