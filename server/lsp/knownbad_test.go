package lsp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// TestKnownBadFollowsTheSetting: releases that only a file of the dbt extension's
// setting calls bad are forgotten with the setting.
func TestKnownBadFollowsTheSetting(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(list, []byte(`{"2.0.5": {"known_bad": true}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServer(strings.NewReader(""), discard{}, Options{Home: dir})
	defer s.close()
	s.folders.Store(&[]folder{{path: dir}})
	for _, set := range []bool{false, true, false} {
		var own folderSettings
		if set {
			own.badReleases = engine.Setting{Value: list}
		}
		s.settings.Store(&settings{common: own})
		s.findEngine(t.Context())
		if bad := s.workspace.Snapshot().Engine().Releases.KnownBad; slices.Contains(bad, "2.0.5") != set {
			t.Errorf("set %v: %v", set, bad)
		}
	}
}
