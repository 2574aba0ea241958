package lsp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// saveProfiles copies the profiles.yml that `dbt init` would write to a file
// beside it, and answers with that file's path. The argument is the root of a
// project; where there is only one it may be left out.
func (s *Server) saveProfiles(snapshot *workspace.Snapshot, args []protocol.LSPAny) (any, error) {
	if !s.client.trusted {
		s.showMessage(protocol.MessageTypeWarning, "dbt Hybrid writes nothing in a workspace that you have not trusted.")
		return nil, nil
	}
	var root string
	if len(args) > 0 && !decodeArguments(args, &root) {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "the argument is a project's root")
	}
	return rpc.Later(func(context.Context) (any, error) {
		p := projectAt(snapshot, root)
		if all := snapshot.Projects(); root == "" && len(all) == 1 {
			p = all[0]
		}
		if p == nil {
			return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "no project at that root")
		}
		path := p.InitPlan().Path
		backup, err := saveBeside(path)
		switch {
		case path == "" || errors.Is(err, fs.ErrNotExist):
			s.showMessage(protocol.MessageTypeInfo, "There is no profiles.yml that `dbt init` would overwrite.")
			return nil, nil
		case err != nil:
			s.showMessage(protocol.MessageTypeWarning, "profiles.yml is not saved: "+workspace.Reason(err)+".")
			return nil, nil
		}
		name := filepath.Base(backup)
		if workspace.GitWouldCommit(backup) {
			s.showMessage(protocol.MessageTypeWarning, "profiles.yml is saved as "+name+", which git would commit: add it to .gitignore.")
		} else {
			s.showMessage(protocol.MessageTypeInfo, "profiles.yml is saved as "+name+".")
		}
		s.filesChanged([]string{backup})
		return filepath.ToSlash(backup), nil
	}), nil
}

// maxSaved is how many copies of a profiles.yml are kept.
const maxSaved = 1000

var errSavedOften = errors.New("too many copies of it are there")

// saveBeside copies a file to the first free name of PATH.saved-1, PATH.saved-2
// and so on, whole or not at all, with the mode of the file. `dbt init` has a
// name of its own for its backup, and overwrites it.
func saveBeside(path string) (backup string, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", workspace.ErrIrregular
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".saving-*")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(content)
	if err == nil {
		err = temporary.Sync()
	}
	if failed := temporary.Close(); err == nil {
		err = failed
	}
	if err == nil {
		err = os.Chmod(temporary.Name(), info.Mode().Perm())
	}
	if err != nil {
		return "", err
	}
	for n := 1; n <= maxSaved; n++ {
		backup = fmt.Sprintf("%s.saved-%d", path, n)
		if err = giveName(temporary.Name(), backup); !errors.Is(err, fs.ErrExist) {
			return backup, err
		}
	}
	return "", errSavedOften
}

// giveName puts a file at a path, never over what is there. Where the file system
// knows no second name for a file, the path is claimed first.
func giveName(file, path string) error {
	if err := os.Link(file, path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	claim, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_ = claim.Close()
	if err = os.Rename(file, path); err != nil {
		_ = os.Remove(path)
	}
	return err
}
