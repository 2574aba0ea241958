package workspace

import (
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// asked are the variables that were looked up in one Environment while projects
// were put together, and what they were. A nil one takes no notes.
type asked struct {
	env     *Environment
	mu      sync.Mutex
	answers map[string]answer
}

// An answer is what a variable was.
type answer struct {
	value  secret.Text
	source Source
	origin dbt.Origin // the zero Origin where nobody asked for the place
}

// noted returns an Environment that is the same, and takes notes: where notes of
// this one were taken before, below those.
func (e *Environment) noted(before *asked) *Environment {
	noted := *e
	if noted.asked = before; before == nil || before.env != e {
		noted.asked = &asked{env: e, answers: map[string]answer{}}
	}
	return &noted
}

func (a *asked) note(name string, now answer) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if was, known := a.answers[name]; !known || was.origin == (dbt.Origin{}) {
		a.answers[name] = now
	}
}

// hold reports whether every variable is in an Environment what it was.
func (a *asked) hold(e *Environment) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, was := range a.answers {
		value, source := e.answer(name)
		if value != was.value || source != was.source || was.origin != (dbt.Origin{}) && e.origin(name, source) != was.origin {
			return false
		}
	}
	return true
}

// retyped returns the project with another state of its .env, in which something
// was typed that nothing but the variables themselves follows from: every one that
// was looked up while the project was put together is what it was. It is nil where
// that is not so, or cannot be told so quickly.
func (p *Project) retyped(env *File) *Project {
	if !p.EnvFile.Exists() || !env.Exists() || p.index.reads(env.Path) || holds(p.around.inputs, env.Path) {
		return nil
	}
	next := *p
	next.EnvFile, next.looked = env, p.Machine.Time()
	if next.Env = next.environment(p); !p.asked.hold(next.Env) {
		return nil
	}
	next.collect(p)
	return &next
}
