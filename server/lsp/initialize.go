package lsp

import (
	"slices"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// client is what initialize tells of the other side.
type client struct {
	encoding text.Encoding
	trusted  bool
	commands []string // that the client carries out itself

	configuration, configurationEvents bool
	watches, relativeWatches           bool
	documentChanges                    bool
	create, remove                     bool // of files, in an edit
	snippets                           bool
	applyEdit                          bool
	relatedInformation                 bool
	codeDescription                    bool
	preferred                          bool
	actionLiterals                     bool
	markdown                           bool
	serverStatus                       bool
	refreshesHints                     bool
	showsDocuments                     bool
}

// initialize answers before anything is read from the disk.
func (s *Server) initialize(p *protocol.InitializeParams) (any, error) {
	options := decodeObject(p.InitializationOptions)
	s.client = readClient(&p.Capabilities)
	s.client.trusted, _ = options.get("trusted").(bool)
	s.client.commands = options.texts("clientCommands")
	current := initialFolders(p)
	s.folders.Store(&current)
	s.settings.Store(&settings{common: readSettings(options)})
	s.applySettings()
	s.workspace.SetFolders(paths(current))
	if p.ProcessID != nil && *p.ProcessID > 0 {
		go watchProcess(s.ctx, int(*p.ProcessID), s.orphaned)
	}
	s.phase = phaseRunning
	s.log.Info("initialize", zap.String("client", p.ClientInfo.Name), zap.Int("folders", len(current)), zap.Bool("trusted", s.client.trusted))
	return &protocol.InitializeResult{
		Capabilities: s.capabilities(),
		ServerInfo:   protocol.ServerInfo{Name: Source, Version: protocol.NewOptional(s.options.Version)},
	}, nil
}

func (s *Server) capabilities() protocol.ServerCapabilities {
	incremental := protocol.TextDocumentSyncKindIncremental
	yes := true
	c := protocol.ServerCapabilities{
		PositionEncoding: encodingKind(s.client.encoding),
		TextDocumentSync: &protocol.TextDocumentSyncOptions{
			OpenClose: &yes, Change: &incremental, Save: protocol.Boolean(true),
		},
		HoverProvider:      protocol.Boolean(true),
		DefinitionProvider: protocol.Boolean(true),
		InlayHintProvider:  protocol.Boolean(true),
		CompletionProvider: &protocol.CompletionOptions{TriggerCharacters: []string{"'", `"`}},
		CodeActionProvider: protocol.Boolean(true),
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{
			Commands: s.commands(),
		},
		Workspace: &protocol.WorkspaceOptions{
			WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{
				Supported: &yes, ChangeNotifications: protocol.Boolean(true),
			},
		},
	}
	if s.client.actionLiterals {
		c.CodeActionProvider = &protocol.CodeActionOptions{
			CodeActionKinds: []protocol.CodeActionKind{protocol.CodeActionKindQuickFix, kindFixAll},
		}
	}
	return c
}

func readClient(caps *protocol.ClientCapabilities) client {
	c := client{encoding: text.UTF16}
	if g := caps.General; g != nil && slices.Contains(g.PositionEncodings, protocol.PositionEncodingKindUTF8) {
		c.encoding = text.UTF8
	}
	if w := caps.Workspace; w != nil {
		c.configuration = isTrue(w.Configuration)
		c.applyEdit = isTrue(w.ApplyEdit)
		if d := w.DidChangeConfiguration; d != nil {
			c.configurationEvents = isTrue(d.DynamicRegistration)
		}
		if d := w.DidChangeWatchedFiles; d != nil {
			c.watches, c.relativeWatches = isTrue(d.DynamicRegistration), isTrue(d.RelativePatternSupport)
		}
		if h := w.InlayHint; h != nil {
			c.refreshesHints = isTrue(h.RefreshSupport)
		}
		if e := w.WorkspaceEdit; e != nil {
			// WorkspaceEdit: either of the two is enough; Neovim announces the second only.
			c.documentChanges = isTrue(e.DocumentChanges) || len(e.ResourceOperations) > 0
			c.snippets = c.documentChanges && isTrue(e.SnippetEditSupport)
			c.create = c.documentChanges && slices.Contains(e.ResourceOperations, protocol.ResourceOperationKindCreate)
			c.remove = c.documentChanges && slices.Contains(e.ResourceOperations, protocol.ResourceOperationKindDelete)
		}
	}
	if w := caps.Window; w != nil && w.ShowDocument != nil {
		c.showsDocuments = w.ShowDocument.Support
	}
	if d := caps.TextDocument; d != nil {
		if a := d.CodeAction; a != nil {
			c.preferred = isTrue(a.IsPreferredSupport)
			c.actionLiterals = len(a.CodeActionLiteralSupport.CodeActionKind.ValueSet) > 0
		}
		if p := d.PublishDiagnostics; p != nil {
			c.relatedInformation = isTrue(p.RelatedInformation)
			c.codeDescription = isTrue(p.CodeDescriptionSupport)
		}
		if h := d.Hover; h != nil {
			c.markdown = slices.Contains(h.ContentFormat, protocol.MarkupKindMarkdown)
		}
	}
	c.serverStatus, _ = decodeObject(caps.Experimental).get("serverStatusNotification").(bool)
	return c
}

func isTrue(b *bool) bool { return b != nil && *b }

func encodingKind(e text.Encoding) protocol.PositionEncodingKind {
	if e == text.UTF8 {
		return protocol.PositionEncodingKindUTF8
	}
	return protocol.PositionEncodingKindUTF16
}

// initialFolders are the folders of the workspace, by the newest member that
// the client fills in.
func initialFolders(p *protocol.InitializeParams) []folder {
	if list, ok := p.WorkspaceFolders.Get(); ok {
		return folders(list)
	}
	if p.RootURI != nil && *p.RootURI != "" {
		return folders([]protocol.WorkspaceFolder{{URI: *p.RootURI}})
	}
	if path, ok := p.RootPath.Get(); ok && path != "" {
		return folders([]protocol.WorkspaceFolder{{URI: uri.File(path)}})
	}
	return nil
}
