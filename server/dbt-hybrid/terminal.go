package main

import (
	"os"
	"slices"
	"strconv"

	"github.com/dbt-hybrid/dbt-hybrid/server/report"
)

// maxWidth is the longest line, in columns, that is read with ease.
const maxWidth = 100

// styleOf returns what can be shown in a file: plain text, unless it is a
// terminal that wants more (no-color.org).
func styleOf(f *os.File) report.Style {
	width, ok := terminalWidth(f)
	if !ok {
		return report.Style{}
	}
	style := report.Style{Width: min(width, maxWidth)}
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !escapes(f) {
		return style
	}
	style.Color, style.Links = true, hasLinks(os.Getenv)
	style.Files = style.Links && os.Getenv("TERM_PROGRAM") != "vscode" // which opens path:line:column by itself
	return style
}

// hasLinks reports whether the terminal shows links (OSC 8). There is no way to
// ask it: those that do are known by the variables they set.
func hasLinks(env func(string) string) bool {
	if force := env("FORCE_HYPERLINK"); force != "" {
		return force != "0"
	}
	switch {
	case slices.Contains([]string{"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "WarpTerminal"}, env("TERM_PROGRAM")),
		slices.Contains([]string{"xterm-kitty", "alacritty", "foot", "foot-extra", "contour", "wezterm", "xterm-ghostty"}, env("TERM")),
		env("WT_SESSION") != "", env("KONSOLE_VERSION") != "", env("DOMTERM") != "":
		return true
	}
	vte, err := strconv.Atoi(env("VTE_VERSION")) // GNOME Terminal and its kin, since 0.50
	return err == nil && vte >= 5000
}
