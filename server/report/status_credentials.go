package report

import "github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"

// StatusProfile is the connection that dbt chooses.
type StatusProfile struct {
	File    *string           `json:"file"`
	Name    *string           `json:"name"`
	Target  *string           `json:"target"`
	Adapter *string           `json:"adapter"`
	From    StatusProfileFrom `json:"from"`
}

// StatusProfileFrom says where each part of the choice comes from.
type StatusProfileFrom struct {
	File   *string `json:"file"`
	Name   *string `json:"name"`
	Target *string `json:"target"`
}

func (b statusBuilder) profile() StatusProfile {
	p := b.Profile
	out := StatusProfile{Name: optional(p.Name), Adapter: optional(p.Adapter)}
	out.From.Name = b.origin(p.NameFrom)
	if p.File != nil {
		out.File = optional(shorten(b.cwd, p.File.Path))
		out.From.File = optional("profile search order")
		if p.Explicit {
			out.From.File = optional("the folder that was given")
		}
	}
	if p.Node != nil && p.Problem != dbt.TargetUnknown {
		out.Target, out.From.Target = optional(p.Target), b.origin(p.TargetFrom)
	}
	return out
}

func (b statusBuilder) credentialsNode(out StatusProject) Node {
	p := out.Profile
	node := Node{Key: "credentials", Label: "credentials", Value: "no profiles.yml", Mark: MarkError}
	if p.File == nil {
		return node
	}
	node.Value, node.Mark, node.From = *p.File, MarkOK, b.whole(b.Profile.File.Path)
	if p.Target == nil || p.Adapter == nil {
		node.Mark = MarkError
	}
	node.Children = []Node{
		{Key: "profile", Label: "profile", Value: or(p.Name, "not known"), From: b.place(b.Profile.NameFrom)},
		{Key: "target", Label: "target", Value: or(p.Target, "not known"), From: b.place(b.Profile.TargetFrom)},
		{Key: "adapter", Label: "adapter", Value: or(p.Adapter, "not known")},
	}
	return node
}
