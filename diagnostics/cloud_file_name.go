package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var cloudFileName = Rule{
	Code:       "cloud-file-name",
	Section:    Platform,
	Rank:       70,
	Severity:   Info,
	Scope:      Machine,
	Title:      "A file in ~/.dbt is named almost like dbt_cloud.yml",
	Fix:        "rename it",
	Everywhere: true,
	Check: func(p *workspace.Project, report func(Finding)) {
		if !cloudIsMisnamed(p) || meshNeedsLink(p) {
			return
		}
		file := p.CloudCopies[0]
		report(Finding{
			At:      file.Start(),
			Message: fmt.Sprintf("dbt does not read %s, without a word: it looks for ~/.dbt/dbt_cloud.yml only.", file.Name()),
			Remedy:  "Rename the file.",
			Fixes:   []Fix{renameCloudCopy(p)},
		})
	},
}

func cloudIsMisnamed(p *workspace.Project) bool {
	return p.Platform && len(p.CloudCopies) > 0 && p.CloudFile.Absent() && !p.Link.Credentials()
}
