package workspace

import "github.com/dbt-hybrid/dbt-hybrid/workspace/engine"

// copiesOver is the first release in which DBT_ENGINE_X goes before a DBT_X that
// exists as well.
const copiesOver = "2.0.0-preview.203"

// keepsPlain reports whether the dbt that runs is older than that.
func keepsPlain(e *Engine) bool {
	first, ok := e.First()
	if !ok || first.Kind != engine.KindV2 && first.Kind != engine.KindV2OSS {
		return false
	}
	version, err := engine.ParseVersion(first.Version)
	since, _ := engine.ParseVersion(copiesOver)
	return err == nil && version.Compare(since) < 0
}

// keepPlain lets the variables count that dbt does not copy over.
func (e *Environment) keepPlain() {
	e.plain = true
	for name := range e.engine {
		if _, set := e.process(name); set {
			delete(e.engine, name)
		} else if _, set := e.inFile(name); set {
			delete(e.engine, name)
		}
	}
}
