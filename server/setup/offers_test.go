package setup

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOffers: what is there is not offered, and a script only where secrets are
// named.
func TestOffers(t *testing.T) {
	offers := func(dir string) map[What]string {
		all := map[What]string{}
		for _, o := range Offers(request(t, dir, standalone()).Project) {
			if all[o.What] = ""; o.Path != "" {
				rel, _ := filepath.Rel(dir, o.Path)
				all[o.What] = filepath.ToSlash(rel)
			}
		}
		return all
	}
	dir := repository(t, map[string]string{"Makefile": "all:\n", ".devcontainer/devcontainer.json": "{}"})
	if diff := cmp.Diff(map[What]string{DevContainer: "", DevTarget: "", Contributing: ""}, offers(dir)); diff != "" {
		t.Error(diff)
	}
	write(t, filepath.Join(dir, ".env.example"), "A=op://a/b/c\n")
	if _, ok := offers(dir)[EnvScript]; !ok {
		t.Error("the script is not offered")
	}
	for _, what := range All() {
		carryOut(t, request(t, dir, standalone()), what)
	}
	if diff := cmp.Diff(map[What]string{
		DevContainer: devContainerFile, DevTarget: "Makefile", Contributing: "", EnvScript: scriptFile,
	}, offers(dir)); diff != "" {
		t.Error(diff)
	}
}
