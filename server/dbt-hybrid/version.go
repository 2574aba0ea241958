package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"go.uber.org/zap"
)

// version is set by the build from package.json.
var version = "0.0.0-dev"

type versionCommand struct{ format string }

func newVersion(s *syntax) action {
	c := &versionCommand{format: "text"}
	s.flags = []option{word(&c.format, "format", "Output: text or json.", "text", "json")}
	return c.run
}

// run prints the version.
func (c *versionCommand) run(*zap.Logger) error {
	known := engine.Builtin()
	if c.format == "text" {
		_, err := fmt.Printf("dbt-hybrid %s (%s)\nknows dbt v2 up to %s (%s)\n", version, revision(), known.Latest(), known.Channels["latest"].Date)
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"version": version, "build": revision(),
		"engines": map[string]string{"v2": known.Latest(), "date": known.Channels["latest"].Date},
	})
}

// revision names the commit that the program was built from.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown build"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value[:min(len(setting.Value), 12)]
		}
	}
	return info.GoVersion
}
