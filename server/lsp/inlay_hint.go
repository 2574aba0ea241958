package lsp

import (
	"context"
	"hash/maphash"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// inlayHint says behind each call where its variable comes from; its value only
// where a person wants to see values and it is no secret.
func (s *Server) inlayHint(p *protocol.InlayHintParams) (any, error) {
	path, err := s.path(p.TextDocument)
	if err != nil {
		return nil, err
	}
	snapshot := s.workspace.Snapshot()
	return rpc.Later(func(context.Context) (any, error) {
		hints := []protocol.InlayHint{}
		current := s.settings.Load()
		for _, project := range snapshot.Projects() {
			if !current.of(project.Root).noHints {
				hints = append(hints, s.hintsOf(project, path, p.Range)...)
			}
			if len(hints) > 0 {
				break // a file that several projects share gets the hints of one
			}
		}
		return hints, nil
	}), nil
}

func (s *Server) hintsOf(p *workspace.Project, path string, r protocol.Range) []protocol.InlayHint {
	var hints []protocol.InlayHint
	var file *workspace.File
	var asked text.Span
	yes := true
	valueOf := s.valuesOf(p)
	for _, call := range p.Calls {
		if call.File.Path != path || call.Dynamic {
			continue
		}
		if call.File != file {
			file, asked = call.File, s.spanOf(call.File, r)
		}
		if asked.Overlaps(call.Span) {
			hints = append(hints, protocol.InlayHint{
				Position:    s.position(file, call.Span.End),
				Label:       protocol.String(hintValue(p, call, valueOf) + hintLabel(p, call)),
				PaddingLeft: &yes,
			})
		}
	}
	return hints
}

// hintLabel is the source of a variable in a few letters.
func hintLabel(p *workspace.Project, call *workspace.Call) string {
	v := p.Variable(call.Name)
	if v == nil {
		return "not set"
	}
	switch p.State(v) {
	case workspace.Set, workspace.Shadowed:
		return "from " + p.Source(v).String()
	case workspace.Empty:
		return "empty, from " + p.Source(v).String()
	case workspace.Lost:
		return "lost in .env"
	}
	if call.Default {
		return "default"
	}
	return "not set"
}

// hintState sums up all that hints say, so that clients are told to ask anew
// only when an answer has changed that they cannot know of.
func hintState(seed maphash.Seed, found []*check) uint64 {
	var sum maphash.Hash
	sum.SetSeed(seed)
	add := func(s string) {
		_, _ = sum.WriteString(s)
		_ = sum.WriteByte(0)
	}
	for _, c := range found {
		add(c.Project.Root)
		for _, v := range c.Project.Called {
			add(v.Name)
			_, _ = sum.Write([]byte{byte(c.Project.State(v)), byte(c.Project.Source(v))})
			if c.settings.showValues {
				value, _ := c.Project.Env.Lookup(v.Name)
				add(value.Reveal())
			}
		}
	}
	return sum.Sum64()
}

// refreshHints asks the client to ask for hints again, if what they say may
// have changed.
func (s *Server) refreshHints(now uint64) {
	before, known := s.publish.hints, s.publish.hinted
	s.publish.hints, s.publish.hinted = now, true
	if !s.client.refreshesHints || !known || before == now {
		return
	}
	s.background("hints", func(ctx context.Context) {
		if err := s.conn.Call(ctx, protocol.MethodWorkspaceInlayHintRefresh, nil, nil); err != nil && ctx.Err() == nil {
			s.log.Debug("the client does not ask for hints again", zap.Error(err))
		}
	})
}
