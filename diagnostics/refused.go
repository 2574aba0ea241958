package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// refused is a finding about a call at which dbt fails whatever the variable
// is. cause says why, as a clause; who meets it, and how badly, follows from when
// dbt gets there.
func refused(p *workspace.Project, c *workspace.Call, cause string) Finding {
	return refusedAs(p, c, "dbt stops here", cause)
}

// refusedAs is refused with other words for what dbt does at parse.
func refusedAs(p *workspace.Project, c *workspace.Call, stop, cause string) Finding {
	f := Finding{Severity: Info, At: c.At()}
	switch {
	case c.Reach == workspace.NeedParse:
		f.Message = stop + ": " + cause + "."
		f.Severity, f.Refuses = Error, true
	case c.Reach == workspace.NeedLater:
		f.Severity, f.Message = Warning, cause+": `dbt parse` goes on, but a command that reaches this call fails."
	case c.Swallowed:
		f.Severity, f.Message = Warning, cause+": dbt swallows the error, and "+insteadOf(c)+"."
	case c.Reach == workspace.NeedMaybe:
		f.Message = cause + ": dbt stops if the condition around the call holds."
	case strings.HasPrefix(c.Scope, "profiles:"):
		_, target, _ := strings.Cut(c.Scope, "/")
		f.Message = cause + ": dbt stops if the target is " + target + "."
	default:
		f.Message = cause + ": dbt stops once something leads to this call."
	}
	return f
}

// worst is the call of several that dbt reaches first and most surely.
func worst(calls []*workspace.Call) *workspace.Call {
	first := calls[0]
	for _, c := range calls {
		if c.Reach > first.Reach || c.Reach == first.Reach && c.Swallowed && !first.Swallowed {
			first = c
		}
	}
	return first
}

// alike are the other calls of a finding, as related places.
func alike(calls []*workspace.Call, first *workspace.Call) []Related {
	var related []Related
	for _, c := range calls {
		if c != first && c.Package == "" && c.At() != first.At() {
			related = append(related, Related{c.At(), "also called here"})
		}
	}
	return related
}
