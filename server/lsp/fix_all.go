package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// allSafe returns what all safe fixes make of the files of the workspace, or of
// one file: also those that can be made only after others.
func (s *Server) allSafe(ctx context.Context, snapshot *workspace.Snapshot, only string) change {
	plan := fix.Make(snapshot.Fork(), fix.Options{
		Find:   func(at *workspace.Snapshot) []diagnostics.Finding { return s.safelyFixed(ctx, at, only) },
		Within: s.changeable(snapshot, only),
	})
	var c change
	for _, done := range plan.Changes() {
		for _, e := range udiff.Lines(string(done.Before.Content), string(done.After.Content)) {
			c.edits = append(c.edits, diagnostics.Edit{
				File: done.Before, Edit: text.Edit{Span: text.Span{Start: e.Start, End: e.End}, New: e.New},
			})
		}
	}
	return c
}

// safelyFixed returns the findings that have a safe fix; with only, those whose
// fix touches nothing but that file. It finds nothing once ctx has ended.
func (s *Server) safelyFixed(ctx context.Context, snapshot *workspace.Snapshot, only string) []diagnostics.Finding {
	if ctx.Err() != nil {
		return nil
	}
	var all []diagnostics.Finding
	for _, c := range s.checkedAside(snapshot) {
		for i := range c.Findings {
			f := &c.Findings[i]
			safe := fix.Pick(f, false)
			if safe == nil || only != "" && (f.At.File.Path != only || slices.ContainsFunc(safe.Edits, func(e diagnostics.Edit) bool { return e.File.Path != only })) {
				continue
			}
			all = append(all, *f)
		}
	}
	return all
}

// changeable returns what reports whether a file may be changed: one file, or
// what lies in the folders of the workspace.
func (s *Server) changeable(snapshot *workspace.Snapshot, only string) func(real string) bool {
	if only != "" {
		return func(string) bool { return true } // nothing else is found
	}
	var folders []string
	for _, folder := range snapshot.Folders() {
		if real, err := filepath.EvalSymlinks(folder); err == nil {
			folders = append(folders, strings.TrimSuffix(real, string(filepath.Separator))+string(filepath.Separator))
		}
	}
	return func(real string) bool {
		return slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(real, f) })
	}
}
