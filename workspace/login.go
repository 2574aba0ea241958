package workspace

import (
	"os"
	"path/filepath"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// sessionsFile is where `dbt login` keeps its sessions. Its format is dbt's own
// business: only whether it is there is looked at.
const sessionsFile = "oauth_sessions.json"

// Login returns what `dbt login status` would say. It looks at the disk.
func (p *Project) Login() dbt.Login {
	session := false
	if p.Machine.Home != "" && !p.Machine.Repository {
		info, err := os.Stat(filepath.Join(p.Machine.Home, dbt.HomeFolder, sessionsFile))
		session = err == nil && info.Mode().IsRegular()
	}
	q := dbt.LoginQuery{Cloud: p.Cloud, Env: p.Env.Lookup, Session: session}
	if p.WorkingDir == p.Root {
		q.Project = p.File.YAML()
	}
	return dbt.ResolveLogin(q)
}
