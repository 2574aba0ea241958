package workspace

// VarsFile is vars.yml, present or not.
func (p *Project) VarsFile() *File { return p.vars }
