package report

// StatusMesh is what dbt knows of other projects.
type StatusMesh struct {
	Projects []StatusUpstream `json:"projects"`
}

// StatusUpstream is one declared project.
type StatusUpstream struct {
	Name     string `json:"name"`
	Used     int    `json:"used"`
	Artifact *any   `json:"artifact"`
}

func (b statusBuilder) mesh() StatusMesh {
	out := StatusMesh{Projects: []StatusUpstream{}}
	for _, project := range b.Project.Mesh.Projects {
		used := 0
		for _, ref := range b.Refs {
			if ref.Package == project.Name {
				used++
			}
		}
		out.Projects = append(out.Projects, StatusUpstream{Name: project.Name, Used: used})
	}
	return out
}

func (b statusBuilder) meshNode(out StatusProject) Node {
	node := Node{Key: "mesh", Label: "mesh", Value: plural(len(out.Mesh.Projects), "project"), Mark: MarkOK}
	for _, project := range out.Mesh.Projects {
		node.Children = append(node.Children, Node{Key: project.Name, Label: project.Name, Value: plural(project.Used, "ref")})
	}
	return node
}
