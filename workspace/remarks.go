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

// Noted reports whether a file may hold a comment for this program. It is
// looked through once.
func (f *File) Noted() bool { return f.Exists() && f.noted() }

// Noted returns the project's files that may hold a comment for this program,
// without those of installed packages.
func (p *Project) Noted() []*File {
	var files []*File
	add := func(all ...*File) {
		for _, file := range all {
			if file.Exists() && file.noted != nil && file.noted() && !slices.Contains(files, file) {
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
