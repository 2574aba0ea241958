package setup

import (
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// Offer is one thing that can be set up in a project, or that is.
type Offer struct {
	What What
	Path string // of the file that has it; "" where it is not known to be there
}

// Offers tells what can be set up, from the files that the project was read with:
// nothing else is read. Whether CONTRIBUTING.md has its section is not among
// that.
func Offers(p *workspace.Project) []Offer {
	container, target, script := Offer{What: DevContainer}, Offer{What: DevTarget}, Offer{What: EnvScript}
	for _, file := range p.Tools {
		content := string(file.Content)
		switch name := file.Name(); {
		case name == devContainerName || name == devContainerShort:
			if updatesDbt(content) {
				container.Path = file.Path
			}
		case name == filepath.Base(scriptFile):
			script.Path = file.Path
		default:
			if r, ok := runnerOf(name); ok && r.has(content, "dev") {
				target.Path = file.Path
			}
		}
	}
	all := []Offer{container, target, {What: Contributing}}
	if script.Path != "" || UsesReferences(p) {
		all = append(all, script)
	}
	return all
}

// runnerOf returns the runner whose file has a name.
func runnerOf(name string) (runner, bool) {
	for _, r := range runners() {
		for _, known := range r.names {
			if strings.EqualFold(known, name) {
				return r, true
			}
		}
	}
	return runner{}, false
}
