package engine

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"slices"
)

// Reader is who starts a dbt.
type Reader string

// The readers. Each finds a dbt on its own: configuring one configures no other.
const (
	// Terminal is a shell, and all that asks the search path as a shell does:
	// Makefiles, scripts, coding agents.
	Terminal Reader = "terminal"
	// Extension is dbt's own extension of VS Code.
	Extension Reader = "dbt-extension"
	// Python is an environment that is active, or that an editor selects for the
	// terminals it opens.
	Python Reader = "python"
)

// User says that a reader starts an install, and why.
type User struct {
	Reader Reader
	From   string // PATH, VIRTUAL_ENV, dbt.fusionPath, .venv, …
	Folder string // the folder whose projects it concerns; "" for all
}

// concerns reports whether what is said of a folder holds for a project.
func concerns(folder, root string) bool { return folder == "" || fspath.Within(folder, root) }

// Concerns reports whether the user is one of a project.
func (u User) Concerns(root string) bool { return concerns(u.Folder, root) }

// UsersIn returns who starts the install in a project.
func (in *Install) UsersIn(root string) []User {
	var users []User
	for _, u := range in.Users {
		if u.Concerns(root) {
			users = append(users, u)
		}
	}
	return users
}

// In returns the installs that a project can see: those of the machine, and of
// the folders around it.
func In(installs []Install, root string) []Install {
	var seen []Install
	for _, in := range installs {
		if concerns(in.Folder, root) {
			in.Users = in.UsersIn(root)
			seen = append(seen, in)
		}
	}
	return seen
}

// use adds a user that is not there yet.
func (in *Install) use(u User) {
	if u.Reader != "" && !slices.Contains(in.Users, u) {
		in.Users = append(in.Users, u)
	}
}
