package text

import "strings"

// plainWord are the signs that no shell takes for more than themselves.
const plainWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-@+:,"

// ShellWord writes a text as one word of a command line of an operating system, of
// which nothing is expanded. On Windows both shells take it where they can; only
// PowerShell takes a text with signs that are its own.
func ShellWord(s, goos string) string {
	switch {
	case goos != "windows":
		if s != "" && strings.Trim(s, plainWord) == "" {
			return s
		}
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	case s != "" && strings.Trim(s, plainWord+`\`) == "":
		return s
	case strings.ContainsAny(s, "$`"):
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return `"` + s + `"`
}
