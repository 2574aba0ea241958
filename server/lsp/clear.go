package lsp

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// kept are files that dbt has fetched from dbt platform and keeps in a project.
type kept struct {
	of          func(p *workspace.Project) []string
	gone, never string // what is said when they are deleted, and where there are none
}

// keptManifests are those that dbt defers to.
func keptManifests() kept {
	return kept{
		of: func(p *workspace.Project) []string {
			var paths []string
			for _, c := range p.DeferralCaches() {
				paths = append(paths, c.Path, c.Info)
			}
			return paths
		},
		gone:  "dbt fetches the manifest of dbt platform anew with its next command.",
		never: "dbt has kept no manifest of dbt platform here.",
	}
}

// keptPublications are the public models of other projects, but not those of a
// folder that a variable names: dbt fetches none into it.
func keptPublications() kept {
	return kept{
		of: func(p *workspace.Project) []string {
			var paths []string
			for _, a := range p.Artifacts() {
				if !a.Given {
					paths = append(paths, a.Path, a.Info)
				}
			}
			return paths
		},
		gone:  "dbt fetches the public models of other projects anew with its next command.",
		never: "dbt has kept nothing of other projects here.",
	}
}

// clear deletes what dbt has kept in a project, or in all. Only these files go,
// only in a trusted workspace, and only where no link leads out of the project.
func (s *Server) clear(snapshot *workspace.Snapshot, args []protocol.LSPAny, what kept) (any, error) {
	if !s.client.trusted {
		s.showMessage(protocol.MessageTypeWarning, "dbt Hybrid deletes nothing in a workspace that you have not trusted.")
		return 0, nil
	}
	var root string
	if len(args) > 0 && !decodeArguments(args, &root) {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "the argument is a project's root")
	}
	return rpc.Later(func(ctx context.Context) (any, error) {
		projects := snapshot.Projects()
		if root != "" {
			p := projectAt(snapshot, root)
			if p == nil {
				return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "no project at that root")
			}
			projects = []*workspace.Project{p}
		}
		var deleted, problems []string
		for _, p := range projects {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			gone, wrong := deleteIn(p, what.of(p))
			deleted, problems = append(deleted, gone...), append(problems, wrong...)
		}
		if len(deleted) > 0 {
			s.filesChanged(deleted)
		}
		s.tellCleared(deleted, problems, what)
		return len(deleted), nil
	}), nil
}

func (s *Server) tellCleared(deleted, problems []string, what kept) {
	switch {
	case len(problems) > 0:
		s.showMessage(protocol.MessageTypeWarning, "Not everything is deleted: "+strings.Join(problems, "; ")+".")
	case len(deleted) > 0:
		s.showMessage(protocol.MessageTypeInfo, "Deleted "+words.Plural(len(deleted), "file")+". "+what.gone)
	default:
		s.showMessage(protocol.MessageTypeInfo, what.never)
	}
}

// deleteIn deletes files of a project. It says what it deleted, and what it could
// not.
func deleteIn(p *workspace.Project, paths []string) (deleted, problems []string) {
	root, err := os.OpenRoot(p.Root)
	if err != nil {
		return nil, []string{"the project's folder cannot be opened"}
	}
	defer func() { _ = root.Close() }()
	for _, path := range paths {
		name, err := filepath.Rel(p.Root, path)
		if err != nil || !filepath.IsLocal(name) {
			if _, err := os.Lstat(path); err == nil {
				problems = append(problems, path+" lies outside of the project")
			}
			continue
		}
		switch err := removeFile(root, name); {
		case err == nil:
			deleted = append(deleted, path)
		case !errors.Is(err, fs.ErrNotExist):
			problems = append(problems, filepath.ToSlash(name)+" "+cause(err))
		}
	}
	return deleted, problems
}

var errFolder = errors.New("is a folder")

// removeFile deletes a file, or a link, below a folder. A link on the way that
// leads out of the folder is not followed.
func removeFile(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errFolder
	}
	return root.Remove(name)
}

// cause says in words why a file was not deleted.
func cause(err error) string {
	var of *fs.PathError
	switch {
	case errors.Is(err, errFolder):
		return errFolder.Error()
	case errors.Is(err, fs.ErrPermission):
		return "may not be deleted"
	case errors.As(err, &of) && strings.Contains(of.Err.Error(), "escapes"):
		return "is reached through a link that leads out of the project"
	}
	return "cannot be deleted"
}
