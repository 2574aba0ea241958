package report

// StatusLink says which project of dbt platform the checkout belongs to.
type StatusLink struct {
	Linked    bool           `json:"linked"`
	ProjectID *string        `json:"projectId"`
	Account   *string        `json:"account"`
	Host      *string        `json:"host"`
	Token     bool           `json:"token"`
	From      StatusLinkFrom `json:"from"`
}

// StatusLinkFrom says where each part of the link comes from.
type StatusLinkFrom struct {
	ProjectID *string `json:"projectId"`
	Account   *string `json:"account"`
	Host      *string `json:"host"`
	Token     *string `json:"token"`
}

// StatusDeferral says whether an ordinary command defers to dbt platform.
type StatusDeferral struct {
	On      bool           `json:"on"`
	Reasons []StatusReason `json:"reasons"`
}

// StatusReason is one reason for the state of deferral.
type StatusReason struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	File    *string `json:"file"`
	Line    *int    `json:"line"`
}

func (b statusBuilder) link() StatusLink {
	l := b.Link
	return StatusLink{
		Linked: l.Linked, ProjectID: optional(l.ProjectID.Shown(b.reveal)), Account: optional(l.AccountID.Shown(b.reveal)),
		Host: optional(l.Host.Shown(b.reveal)), Token: l.Token.Known,
		From: StatusLinkFrom{b.origin(l.ProjectID.From), b.origin(l.AccountID.From), b.origin(l.Host.From), b.origin(l.Token.From)},
	}
}

func (b statusBuilder) deferral() StatusDeferral {
	out := StatusDeferral{On: b.Project.Deferral.On, Reasons: []StatusReason{}}
	for _, r := range b.Project.Deferral.Reasons {
		reason := StatusReason{Code: string(r.Code), Message: r.Message}
		if file := b.file(r.At.Path); file != nil {
			line := file.At(r.At.Span).Line()
			reason.File, reason.Line = optional(shorten(b.cwd, r.At.Path)), &line
		}
		out.Reasons = append(out.Reasons, reason)
	}
	return out
}

func (b statusBuilder) platformNode(out StatusProject) Node {
	node := Node{Key: "platform", Label: "dbt platform", Value: "not linked", Mark: MarkOff}
	if out.Link.Linked {
		node.Value, node.Mark, node.From = "linked to project "+or(out.Link.ProjectID, "?"), MarkOK, b.place(b.Link.ProjectID.From)
	}
	node.Children = append(node.Children, b.deferralNode(out))
	if len(out.Mesh.Projects) > 0 {
		node.Children = append(node.Children, b.meshNode(out))
	}
	return node
}

func (b statusBuilder) deferralNode(out StatusProject) Node {
	node := Node{Key: "deferral", Label: "deferral", Value: "off", Mark: MarkOff}
	if out.Deferral.On {
		node.Value, node.Mark = "on", MarkOK
	}
	for _, r := range b.Project.Deferral.Reasons {
		node.Children = append(node.Children, Node{Key: string(r.Code), Label: r.Message, From: b.place(r.At)})
	}
	return node
}
