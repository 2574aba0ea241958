// Floor linked does nothing, and has linked what our binary calls of other
// modules. Imports alone do not link a package: the linker drops what nobody can
// reach, and with it the tables that a package makes at its start. The benchmark
// calls it without an argument.
package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"regexp"

	"github.com/aymanbagabas/go-udiff"
	"github.com/fsnotify/fsnotify"
	"github.com/spf13/pflag"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/mod/semver"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println(link(os.Args[1]))
	}
}

// link calls each of the modules as our binary does.
func link(name string) []error {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.Bool(name, false, name)
	errs := []error{flags.Parse(os.Args)}

	watcher, err := fsnotify.NewWatcher()
	if err == nil {
		err = watcher.Add(name)
	}
	errs = append(errs, err)

	reply, err := (&http.Client{}).Get(name)
	if err == nil {
		err = reply.Body.Close()
	}
	errs = append(errs, err)

	log := zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(zap.NewProductionEncoderConfig()), os.Stderr, zap.DebugLevel))
	log.Info(udiff.Unified(name, name, name, name), zap.Int(name, semver.Compare(name, name)))

	_, err = user.Current()
	errs = append(errs, err, exec.Command(name).Run())
	_, err = csv.NewReader(os.Stdin).Read()
	errs = append(errs, err, json.Unmarshal([]byte(name), &errs))
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	_, err = regexp.Compile(name)
	return append(append(errs, err), messages([]byte(name))...)
}

// messages reads and writes the messages of the protocol that our server does.
func messages(raw []byte) []error {
	var errs []error
	for _, message := range []any{
		new(protocol.DidOpenTextDocumentParams), new(protocol.DidChangeTextDocumentParams),
		new(protocol.DidSaveTextDocumentParams), new(protocol.DidCloseTextDocumentParams),
		new(protocol.DidChangeWatchedFilesParams), new(protocol.DidChangeWorkspaceFoldersParams),
		new(protocol.DidChangeConfigurationParams), new(protocol.ExecuteCommandParams),
		new(protocol.CodeActionParams), new(protocol.CompletionParams), new(protocol.DefinitionParams),
		new(protocol.HoverParams), new(protocol.InlayHintParams), new(protocol.ApplyWorkspaceEditResult),
	} {
		errs = append(errs, protocol.Unmarshal(raw, message))
	}
	for _, message := range []any{
		protocol.InitializeResult{}, []protocol.CodeAction{}, protocol.CompletionList{}, protocol.Hover{},
		[]protocol.InlayHint{}, []protocol.Location{{URI: uri.File(string(raw))}}, protocol.PublishDiagnosticsParams{},
		protocol.RegistrationParams{}, protocol.ShowMessageParams{}, protocol.ShowDocumentParams{},
		protocol.ConfigurationParams{}, protocol.ApplyWorkspaceEditParams{},
	} {
		_, err := protocol.Marshal(message)
		errs = append(errs, err)
	}
	return errs
}
