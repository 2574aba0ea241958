package workspace

import (
	"slices"
	"strings"
)

// Remark is how a comment begins that is meant for this program.
const Remark = "dbt-hybrid:"

// remark is the word to look for. Its y is rare in YAML too, where the signs
// in it are not.
func remark() word { return word{text: []byte(Remark), rare: strings.IndexByte(Remark, 'y')} }

// remarks say of a content whether it may hold a comment for this program.
type remarks struct {
	content []byte
	some    bool
}

func findRemarks(content []byte) *remarks { return &remarks{content, remark().in(content)} }

// edited says it of a file that an edit made of that content. Where there was no
// remark, one can only have come about at the edit.
func (r *remarks) edited(f *File) *remarks {
	if r.some {
		return findRemarks(f.Content)
	}
	common := f.shared(r.content)
	from, to := max(common.Head-len(Remark), 0), min(len(f.Content)-common.Tail+len(Remark), len(f.Content))
	return &remarks{f.Content, remark().in(f.Content[from:to])}
}

// Noted reports whether a file may hold a comment for this program. It is
// looked through once.
func (f *File) Noted() bool {
	return f.Exists() && f.noted.get(f, findRemarks, (*remarks).edited).some
}

// Noted returns the project's files that may hold a comment for this program,
// without those of installed packages.
func (p *Project) Noted() []*File {
	var files []*File
	add := func(all ...*File) {
		for _, file := range all {
			if file.Noted() && !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	add(p.File, p.EnvFile, p.Example, p.Packages, p.Dependencies, p.Selectors, p.ProfilesFile, p.vars)
	add(p.Config.Files...)
	add(p.Strays...)
	add(p.Tools...)
	return append(files, p.index.noted...)
}

// note keeps the file of a source where it has a comment for this program.
func (x *index) note(src *source) {
	if src != nil && src.pkg == "" && src.file.Noted() {
		x.noted = append(x.noted[:len(x.noted):len(x.noted)], src.file)
	}
}
