package lsp

import (
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

// initializeParams are the members of protocol.InitializeParams that are read
// here. Capabilities are looked up one by one, so that one which a client spells
// wrongly costs that one only.
type initializeParams struct {
	ProcessID             *int32                     `json:"processId"`
	ClientInfo            protocol.ClientInfo        `json:"clientInfo"`
	RootPath              *string                    `json:"rootPath"`
	RootURI               *uri.URI                   `json:"rootUri"`
	Capabilities          object                     `json:"capabilities"`
	InitializationOptions protocol.LSPAny            `json:"initializationOptions"`
	WorkspaceFolders      []protocol.WorkspaceFolder `json:"workspaceFolders"`
}

// initialize answers before anything is read from the disk.
func (s *Server) initialize(p *initializeParams) (any, error) {
	options := decodeObject(p.InitializationOptions)
	s.client = readClient(p.Capabilities)
	s.client.trusted, _ = options.get("trusted").(bool)
	s.client.commands = options.texts("clientCommands")
	current := initialFolders(p)
	s.folders.Store(&current)
	own := readSettings(options)
	s.settings.Store(&settings{initial: own, common: own})
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

func readClient(caps object) client {
	c := client{encoding: text.UTF16}
	if caps.has("general.positionEncodings", string(protocol.PositionEncodingKindUTF8)) {
		c.encoding = text.UTF8
	}
	c.configuration = caps.is("workspace.configuration")
	c.applyEdit = caps.is("workspace.applyEdit")
	c.configurationEvents = caps.is("workspace.didChangeConfiguration.dynamicRegistration")
	c.watches = caps.is("workspace.didChangeWatchedFiles.dynamicRegistration")
	c.relativeWatches = caps.is("workspace.didChangeWatchedFiles.relativePatternSupport")
	c.refreshesHints = caps.is("workspace.inlayHint.refreshSupport")
	// WorkspaceEdit: either of the two is enough; Neovim announces the second only.
	const operations = "workspace.workspaceEdit.resourceOperations"
	c.documentChanges = caps.is("workspace.workspaceEdit.documentChanges") || len(caps.texts(operations)) > 0
	c.snippets = c.documentChanges && caps.is("workspace.workspaceEdit.snippetEditSupport")
	c.create = c.documentChanges && caps.has(operations, string(protocol.ResourceOperationKindCreate))
	c.remove = c.documentChanges && caps.has(operations, string(protocol.ResourceOperationKindDelete))
	c.showsDocuments = caps.is("window.showDocument.support")
	c.preferred = caps.is("textDocument.codeAction.isPreferredSupport")
	c.actionLiterals = len(caps.texts("textDocument.codeAction.codeActionLiteralSupport.codeActionKind.valueSet")) > 0
	c.relatedInformation = caps.is("textDocument.publishDiagnostics.relatedInformation")
	c.codeDescription = caps.is("textDocument.publishDiagnostics.codeDescriptionSupport")
	c.markdown = caps.has("textDocument.hover.contentFormat", string(protocol.MarkupKindMarkdown))
	c.serverStatus = caps.is("experimental.serverStatusNotification")
	return c
}

func encodingKind(e text.Encoding) protocol.PositionEncodingKind {
	if e == text.UTF8 {
		return protocol.PositionEncodingKindUTF8
	}
	return protocol.PositionEncodingKindUTF16
}

// initialFolders are the folders of the workspace, by the newest member that
// the client fills in.
func initialFolders(p *initializeParams) []folder {
	if p.WorkspaceFolders != nil {
		return folders(p.WorkspaceFolders)
	}
	if p.RootURI != nil && *p.RootURI != "" {
		return folders([]protocol.WorkspaceFolder{{URI: *p.RootURI}})
	}
	if path := p.RootPath; path != nil && *path != "" {
		return folders([]protocol.WorkspaceFolder{{URI: uri.File(*path)}})
	}
	return nil
}
