package engine

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// Channel says how a dbt was installed, and so how it is updated.
type Channel string

// The channels, in the order in which dbt's own crate dbt-dist tries them
// (dbt-labs/dbt-core@43aa6e8, 2026-08).
const (
	ChannelStandalone Channel = "standalone" // dbt's installer
	ChannelHomebrew   Channel = "homebrew"
	ChannelWinget     Channel = "winget"
	ChannelScoop      Channel = "scoop"
	ChannelChocolatey Channel = "chocolatey"
	ChannelPipx       Channel = "pipx"
	ChannelUVTool     Channel = "uv-tool"
	ChannelRye        Channel = "rye"
	ChannelAsdf       Channel = "asdf"
	ChannelPyenv      Channel = "pyenv"
	ChannelMise       Channel = "mise"
	ChannelUV         Channel = "uv"         // a virtual environment that uv filled
	ChannelUVProject  Channel = "uv-project" // the environment of a project with a uv.lock
	ChannelPoetry     Channel = "poetry"
	ChannelPDM        Channel = "pdm"
	ChannelPipenv     Channel = "pipenv"
	ChannelConda      Channel = "conda"
	ChannelPip        Channel = "pip"
	ChannelUnclaimed  Channel = "unclaimed" // any other compiled program
)

// channelOf tells how a program was installed, from its paths and the package
// that owns it. One thing differs from dbt-dist: a compiled program that pip
// put at ~/.local/bin/dbt is pip's, since `dbt system update` would replace a
// file that pip keeps a record of.
func channelOf(path, resolved string, script bool, owner distribution, env Lookup) Channel {
	owned := owner.name != ""
	slashed := forwardSlashes(resolved)
	if c, ok := systemChannel(forwardSlashes(path), slashed, !script && !owned, env); ok {
		return c
	}
	if c, ok := toolChannel(slashed, forwardSlashes(path), env); ok {
		return c
	}
	if owned || script {
		return environmentChannel(slashed, owner, env)
	}
	return ChannelUnclaimed
}

func systemChannel(path, resolved string, bare bool, env Lookup) (Channel, bool) {
	home := homeFolder(env)
	lower := strings.ToLower(path + "\n" + resolved)
	switch {
	case bare && home != "" && (resolved == home+"/.local/bin/dbt" || resolved == home+"/.local/bin/dbt.exe"):
		return ChannelStandalone, true
	case strings.Contains(resolved, "/Cellar/"):
		return ChannelHomebrew, true
	case bare && underAny(resolved, variable(env, "HOMEBREW_PREFIX"), "/opt/homebrew", "/home/linuxbrew/.linuxbrew"):
		return ChannelHomebrew, true
	case strings.Contains(lower, "/winget/links/"), strings.Contains(lower, "/winget/packages/"):
		return ChannelWinget, true
	case strings.Contains(lower, "/scoop/apps/"), strings.Contains(lower, "/scoop/shims/"):
		return ChannelScoop, true
	case strings.Contains(lower, "/chocolatey/"):
		return ChannelChocolatey, true
	}
	return "", false
}

func toolChannel(resolved, path string, env Lookup) (Channel, bool) {
	home := homeFolder(env)
	inHome := func(folder string) string {
		if home == "" {
			return ""
		}
		return home + folder
	}
	for _, place := range []struct {
		channel Channel
		folders []string
	}{
		{ChannelPipx, []string{variable(env, "PIPX_HOME"), inHome("/.local/pipx"), inHome("/.local/share/pipx"), inHome("/pipx")}},
		{ChannelUVTool, []string{variable(env, "UV_TOOL_DIR"), inHome("/.local/share/uv/tools"), inHome("/AppData/Roaming/uv/tools")}},
		{ChannelRye, []string{inHome("/.rye/tools")}},
		{ChannelAsdf, []string{variable(env, "ASDF_DATA_DIR"), inHome("/.asdf")}},
		{ChannelPyenv, []string{variable(env, "PYENV_ROOT"), inHome("/.pyenv/shims"), inHome("/.pyenv/versions")}},
		{ChannelMise, []string{variable(env, "MISE_DATA_DIR"), inHome("/.local/share/mise")}},
	} {
		if underAny(resolved, place.folders...) || underAny(path, place.folders...) {
			return place.channel, true
		}
	}
	return "", false
}

// environmentChannel tells what manages a Python environment: what its
// installer wrote, where it lies, or the lock file of the project around it.
func environmentChannel(resolved string, owner distribution, env Lookup) Channel {
	switch {
	case owner.installer == "conda", owner.installer == "" && exists(filepath.Join(environmentOf(resolved), "conda-meta")):
		return ChannelConda
	case strings.Contains(resolved, "/pypoetry/virtualenvs/"), strings.Contains(resolved, "/pypoetry/Cache/virtualenvs/"):
		return ChannelPoetry
	case strings.Contains(resolved, "/.local/share/virtualenvs/"), strings.Contains(resolved, "/.virtualenvs/"):
		return ChannelPipenv
	}
	prefix := owner.prefix
	if prefix == "" {
		prefix = environmentOf(resolved)
	}
	if exists(filepath.Join(prefix, "pyvenv.cfg")) {
		if c, ok := lockedBy(prefix, homeFolder(env)); ok {
			return c
		}
	}
	if owner.installer == "uv" {
		return ChannelUV
	}
	return ChannelPip
}

// environmentOf returns the folder of the Python environment that a program
// would be of.
func environmentOf(program string) string {
	return filepath.Dir(filepath.Dir(filepath.FromSlash(program)))
}

// lockedBy looks for a lock file in the folders above a virtual environment,
// up to the home folder, which is no project.
func lockedBy(prefix, home string) (Channel, bool) {
	for folder := filepath.Dir(prefix); forwardSlashes(folder) != home; folder = filepath.Dir(folder) {
		for _, lock := range []struct {
			file    string
			channel Channel
		}{
			{"uv.lock", ChannelUVProject}, {"poetry.lock", ChannelPoetry},
			{"pdm.lock", ChannelPDM}, {"Pipfile.lock", ChannelPipenv},
		} {
			if exists(filepath.Join(folder, lock.file)) {
				return lock.channel, true
			}
		}
		if folder == filepath.Dir(folder) {
			break
		}
	}
	return "", false
}

// InstallCommand returns the command line of dbt's installer, which puts dbt v2
// at ~/.local/bin or renews it there.
func InstallCommand(goos string) string {
	if goos == "windows" {
		return "irm https://public.cdn.getdbt.com/fs/install/install.ps1 | iex"
	}
	return "curl -fsSL https://public.cdn.getdbt.com/fs/install/install.sh | sh -s -- --update"
}

// updateCommand returns the command that brings an install to the newest
// release of its own kind, "" where there is none: for the platform CLI, which
// is no engine, for packages that nobody publishes, and where `dbt system
// update` refuses. A pre-release asks for pre-releases again, nothing else does.
//
// One that is not on the search path is named by its path: `pip` alone would
// update another environment.
func updateCommand(in Install) string {
	command := ""
	switch in.Kind {
	case KindV1:
		command = updateV1(in)
	case KindV2, KindV2OSS:
		command = updateV2(in)
	}
	if in.OffPath {
		return byPath(command, in.Path)
	}
	return command
}

// byPath makes an update command work for the program at a path.
func byPath(command, path string) string {
	environment := quoted(environmentOf(path))
	for _, c := range []struct{ begin, instead string }{
		{"dbt ", started(path) + " "},
		{"pip ", started(filepath.Join(filepath.Dir(path), "python")) + " -m pip "},
		{"uv pip install ", "uv pip install --python " + environment + " "},
		{"conda update ", "conda update --prefix " + environment + " "},
	} {
		if rest, ok := strings.CutPrefix(command, c.begin); ok {
			return c.instead + rest
		}
	}
	return command
}

// onWindows tells the shells: PowerShell there, those of POSIX elsewhere.
const onWindows = filepath.Separator == '\\'

// started returns a path as the first word of a command line.
func started(path string) string { return callWord(path, onWindows) }

// callWord is a path as a shell starts it. PowerShell takes one in quotes for a
// text, unless an & says to call it.
func callWord(path string, windows bool) string {
	word := shellWord(path, windows)
	if windows && word != path {
		return "& " + word
	}
	return word
}

// quoted returns a path as a shell takes it.
func quoted(path string) string { return shellWord(path, onWindows) }

func shellWord(path string, windows bool) string {
	const special = " \t\n'\"$`&;()<>|*?[]#~!{}"
	switch {
	case windows && !strings.ContainsAny(path, special+",@"):
		return path
	case windows:
		return "'" + strings.ReplaceAll(path, "'", "''") + "'"
	case !strings.ContainsAny(path, special+`\`):
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// updateV1 keeps below 2: an upgrade of dbt-core without a bound brings v2.
func updateV1(in Install) string {
	switch in.Channel {
	case ChannelPip, ChannelPyenv, ChannelAsdf, ChannelMise:
		return `pip install --upgrade "dbt-core<2"`
	case ChannelPipx:
		return "pipx runpip " + toolName(in) + ` install --upgrade "dbt-core<2"`
	case ChannelUV:
		return `uv pip install --upgrade "dbt-core<2"`
	}
	return ""
}

func updateV2(in Install) string {
	pkg := packageName(in)
	v, err := ParseVersion(in.Version)
	pre := err == nil && v.Prerelease()
	when := func(flag string) string {
		if pre {
			return flag
		}
		return ""
	}
	switch in.Channel {
	case ChannelStandalone, ChannelUnclaimed:
		if in.Kind == KindV2 {
			return "dbt system update"
		}
		return "" // refused by the open-source build
	case ChannelHomebrew:
		return "brew upgrade " + pkg
	case ChannelWinget:
		return "winget upgrade --id dbtLabs." + pkg + " --exact"
	case ChannelPipx:
		return "pipx upgrade " + toolName(in) + when(` --pip-args="--pre"`)
	case ChannelUVTool:
		return "uv tool upgrade " + toolName(in) + when(" --prerelease allow")
	case ChannelRye:
		return "rye install " + pkg
	case ChannelUV:
		return "uv pip install" + when(" --prerelease allow") + " --upgrade " + pkg
	case ChannelUVProject:
		return "uv sync" + when(" --prerelease allow") + " --upgrade-package " + pkg
	case ChannelPoetry:
		return "poetry update " + pkg
	case ChannelPDM:
		return "pdm update " + pkg
	case ChannelPipenv:
		return "pipenv update " + pkg
	case ChannelConda:
		return "conda update " + pkg
	case ChannelPip, ChannelPyenv, ChannelAsdf, ChannelMise:
		return "pip install" + when(" --pre") + " --upgrade " + pkg
	}
	return ""
}

func packageName(in Install) string {
	switch {
	case in.Package != "":
		return in.Package
	case in.Kind == KindV2OSS:
		return "dbt-core"
	}
	return "dbt"
}

var toolFolder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`/(?:venvs|tools)/([^/]+)/(?:bin|Scripts)/`)
})

// toolName returns the name by which pipx or uv knows a tool: its folder's.
func toolName(in Install) string {
	if m := toolFolder().FindStringSubmatch(forwardSlashes(in.Real)); m != nil {
		return m[1]
	}
	return packageName(in)
}

func homeFolder(env Lookup) string {
	if home := variable(env, "HOME"); home != "" {
		return home
	}
	return variable(env, "USERPROFILE")
}

func variable(env Lookup, name string) string {
	return strings.TrimSuffix(forwardSlashes(value(env, name)), "/")
}

func underAny(path string, folders ...string) bool {
	for _, folder := range folders {
		if folder != "" && strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

// forwardSlashes makes Windows paths readable by the tests above on every
// system.
func forwardSlashes(path string) string { return strings.ReplaceAll(path, `\`, "/") }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
