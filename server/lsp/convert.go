package lsp

import (
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// rangeOf returns the range of a span in the encoding of the client.
func (s *Server) rangeOf(file *workspace.File, span text.Span) protocol.Range {
	return protocol.Range{Start: s.position(file, span.Start), End: s.position(file, span.End)}
}

func (s *Server) position(file *workspace.File, offset int) protocol.Position {
	line, character := file.Lines().Encoded(offset, s.client.encoding)
	return protocol.Position{Line: line, Character: character}
}

// offsetOf returns the byte of a file that a position of the client stands at.
func (s *Server) offsetOf(file *workspace.File, p protocol.Position) int {
	return file.Lines().Decoded(p.Line, p.Character, s.client.encoding)
}

func (s *Server) location(at workspace.Location) protocol.Location {
	return protocol.Location{URI: s.uriOf(at.File.Path), Range: s.rangeOf(at.File, at.Span)}
}

// uriOf returns the URI of a path: as the client spells it where it has the
// document open.
func (s *Server) uriOf(path string) uri.URI {
	if u, ok := s.publish.openURI(path); ok {
		return u
	}
	return uri.File(path)
}

func severityOf(s diagnostics.Severity) protocol.DiagnosticSeverity {
	switch s {
	case diagnostics.Error:
		return protocol.DiagnosticSeverityError
	case diagnostics.Warning:
		return protocol.DiagnosticSeverityWarning
	case diagnostics.Info:
		return protocol.DiagnosticSeverityInformation
	}
	return protocol.DiagnosticSeverityHint
}

// diagnostic returns a finding as the client shows it.
func (s *Server) diagnostic(f *diagnostics.Finding) protocol.Diagnostic {
	d := protocol.Diagnostic{
		Range:    s.rangeOf(f.At.File, f.At.Span),
		Severity: severityOf(f.Severity),
		Code:     protocol.String(f.Rule.Code),
		Source:   protocol.NewOptional(Source),
		Message:  protocol.String(f.Text()),
	}
	if s.client.codeDescription {
		d.CodeDescription.Href = uri.URI(docs.Address(f.Rule.Code))
	}
	if s.client.relatedInformation {
		for _, r := range f.Related {
			d.RelatedInformation = append(d.RelatedInformation, protocol.DiagnosticRelatedInformation{
				Location: s.location(r.At), Message: r.Message,
			})
		}
	}
	return d
}
