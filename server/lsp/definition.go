package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// definition leads from a call to the lines that give the variable a value; from
// a line of the example to the line of .env.
func (s *Server) definition(p *protocol.DefinitionParams) (any, error) {
	path, err := s.path(p.TextDocument)
	if err != nil {
		return nil, err
	}
	snapshot := s.workspace.Snapshot()
	return rpc.Later(func(context.Context) (any, error) {
		places := append([]protocol.Location{}, s.refPlaces(snapshot, path, p.Position)...)
		for _, m := range mentions(snapshot.Projects(), path, func(f *workspace.File) int { return s.offsetOf(f, p.Position) }) {
			if m.variable == nil {
				continue
			}
			for _, line := range m.project.Assignments(m.variable) {
				places = append(places, s.location(m.project.EnvFile.At(line.Key())))
			}
			if !m.variable.Assigned() && m.variable.Example != nil {
				places = append(places, s.location(m.project.Example.At(m.variable.Example.Key())))
			}
		}
		return places, nil
	}), nil
}
