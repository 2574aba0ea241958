package lsp

import (
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// folder is one folder of the workspace.
type folder struct {
	uri  uri.URI
	path string
}

// folders returns those that are on a disk.
func folders(list []protocol.WorkspaceFolder) []folder {
	var all []folder
	for _, f := range list {
		if u := uri.URI(strings.Clone(string(f.URI))); u.IsFile() {
			all = append(all, folder{u, u.FsPath()})
		}
	}
	return all
}

func paths(folders []folder) []string {
	all := make([]string, len(folders))
	for i, f := range folders {
		all[i] = f.path
	}
	return all
}

func (s *Server) didChangeWorkspaceFolders(p *protocol.DidChangeWorkspaceFoldersParams) (any, error) {
	removed := folders(p.Event.Removed)
	next := slices.DeleteFunc(slices.Clone(*s.folders.Load()), func(f folder) bool {
		return slices.ContainsFunc(removed, func(r folder) bool { return r.path == f.path })
	})
	for _, f := range folders(p.Event.Added) {
		if !slices.ContainsFunc(next, func(g folder) bool { return g.path == f.path }) {
			next = append(next, f)
		}
	}
	s.folders.Store(&next)
	s.workspace.SetFolders(paths(next))
	s.edited()
	s.engineAgain()
	s.background("configuration", s.pullConfiguration)
	return nil, nil
}
