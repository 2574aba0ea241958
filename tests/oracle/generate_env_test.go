package oracle

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// set gives a variable a value, in .env or the shell.
func (g *generator) set(name, value string) {
	if g.chance(60) && !strings.ContainsAny(value, " '\"#$\\") {
		g.envFile = append(g.envFile, name+"="+value)
		return
	}
	g.env[name] = value
}

// envLines are lines of .env that mean something else than they seem to.
func (g *generator) envLines() {
	for range 1 + g.IntN(3) {
		n, m := g.name(), g.name()
		line := g.one(
			n+"=main", n+"=", n+"=  # c", n+"='main'", "export "+n+"=dev", "# "+n+"=x", n+"=main", n+" = main",
			n+"=hello world", n+": v", n+"=O'Brien", n+"=\"a b\"", n+"=$"+m, n+"=${"+m+"}", n+"=prod", n+"=main\n"+n+"=other",
			"set "+n+"=v", n+"=\"C:\\Users\\me\"", n+"='C:\\Users\\me'", n+"=main  # it's", n+"=main # it's", n+"=a  # it's\n"+m+"=b # don't",
			n+"=\"x\ny\"", n+"='x\ny'", "[section]", "// comment", n, "export "+n, n+"-X=1", "1"+n+"=1", n+"=$NOPE", n+"=${NOPE:-d}", n+"=\"$HOME\"",
			n+"=\"${HOME}\"", n+"=x\\", n+"=$(cmd)", n+"=*****", n+"=op://a/b/c", n+"=<x>", n+"=<x y>", n+"=a|b", "\t"+n+"=v", n+"=v\t# c", "---", "; c",
			n+"=\"abc\"def", n+"=\"abc\" def", n+"=pa$$word", n+"=a#b", n+"=x=y", "export="+n, "\ufeff"+n+"=v",
			n+"='{{ x.y }}'", n+"='{{ "+m+" | nofilter }}'", n+"='a{{ env_var(\""+m+"\") }}'", n+"='a{# c #}b'", n+"='{{ target.schema }}'", n+"='{% if true %}main{% else %}{{ x.y() }}{% endif %}'", n+"='a{{x'",
		)
		g.envFile = append(g.envFile, line)
	}
}

// envBytes makes the whole .env odd.
func (g *generator) envBytes() {
	a, b := g.name(), g.name()
	content := a + "=main\n" + b + "=p\nC=x\nD=y\n"
	g.rawEnv = g.one(
		"\ufeff"+content, strings.ReplaceAll(content, "\n", "\r\n"), strings.ReplaceAll(content, "\n", "\r"), "\xff\xfeA\x00=\x001\x00\n\x00",
		content+"K=x\x00y\n"+a+"=z\n", "K\x00=1\n"+content, "# \x00\n"+content, content+"# caf\xe9\nDBT_F=1\n", "Z=caf\xe9\n"+content, content+"Z=v  ", content+"Z=v ", "\n\n"+content, " "+content,
	)
}

// envPlace puts .env elsewhere, or something else in its place.
func (g *generator) envPlace() {
	a := g.name()
	switch g.IntN(8) {
	case 0:
		g.files[".env/x"] = ""
	case 1:
		g.links[".env"] = "{root}/real.env"
		g.files["real.env"] = a + "=main\nB=main\n"
	case 2:
		g.links[".env"] = "{root}/nowhere"
	case 3:
		g.files[g.one(".env.local", "env", ".ENV", ".env.dev", ".envrc")] = a + "=main\n"
	case 4:
		g.files["models/.env"] = a + "=main\n"
	case 5:
		g.outside[".env"] = a + "=main\nB=main\n"
	case 6:
		g.home[".env"] = a + "=main\n"
	case 7:
		g.files[".env.example"] = a + "=\nB=\n"
	}
}

// settings are dbt's own options.
func (g *generator) settings() {
	for range 1 + g.IntN(2) {
		name := g.one("TARGET", "TARGET", "PROFILE", "PROFILES_DIR", "PROFILES_DIR", g.one(dbt.OptionNames()...))
		name = strings.TrimPrefix(strings.TrimPrefix(name, "DBT_"), "ENGINE_")
		prefix := "DBT_"
		if dbt.Copied(name) && g.chance(25) {
			prefix = "DBT_ENGINE_"
		}
		var value string
		switch name {
		case "TARGET":
			value = g.one("dev", "prod", "nope", "", " dev", "DEV")
		case "PROFILE":
			value = g.one("p", "q", "", "P")
		case "PROFILES_DIR":
			value = g.one("{root}", "{home}/conf", "conf", ".", "", "nowhere", "~/.dbt", "{home}/.dbt")
			if g.chance(50) {
				g.home["conf/profiles.yml"] = g.files["profiles.yml"]
				g.files["conf/profiles.yml"] = strings.ReplaceAll(g.files["profiles.yml"], "main", "other")
			}
		default:
			value = g.one("", "true", "false", "1", "0", "maybe", "5", "info", "text", "x", "{home}/some")
			if elsewhere(name) {
				value = ""
			}
		}
		g.set(prefix+name, value)
	}
	if g.chance(15) {
		g.add("models/m.sql", ", '{{ env_var('DBT_TARGET'"+g.one("", ", 'none'")+") }}' as t\n")
	}
}

// elsewhere reports whether an option with a value makes it another project.
func elsewhere(option string) bool {
	return slices.Contains([]string{"PROJECT_DIR", "TARGET_PATH", "PACKAGES_INSTALL_PATH", "INTERNAL_PACKAGE_MODE", "FS_INTERNAL_PACKAGES_INSTALL_PATH", "TIME_MACHINE_MODE", "TIME_MACHINE_PATH"}, option)
}

// engineNames begin with the prefix that dbt keeps for itself.
func (g *generator) engineNames() {
	name := g.one(append(dbt.ReservedNames(), "DBT_ENGINE_NOPE", "DBT_ENGINE_", "dbt_engine_nope", "DBT_ENGINES", "DBT_ENGINE_MINE")...)
	if !elsewhere(strings.TrimPrefix(name, "DBT_ENGINE_")) {
		g.set(name, g.one("true", "", "1", "x"))
	}
}

// folder is where dbt runs.
func (g *generator) folder() {
	g.work = g.one("models", "..", "..", "models/deep", "conf")
	switch {
	case g.work == "..":
		g.outside["README.md"] = "x\n"
		if g.chance(60) {
			g.outside["profiles.yml"] = g.files["profiles.yml"]
			if g.chance(50) {
				delete(g.files, "profiles.yml")
			}
		}
	case g.chance(60):
		g.home[".dbt/profiles.yml"] = g.files["profiles.yml"]
		if g.chance(50) {
			delete(g.files, "profiles.yml")
		}
	}
	if g.work == "conf" && g.chance(50) {
		g.files["conf/profiles.yml"] = g.files["profiles.yml"]
	}
}

// secrets are names that dbt reads in a few files only.
func (g *generator) secrets() {
	call := "env_var('" + g.one("DBT_ENV_SECRET_G", "DBT_ENV_SECRET_G", "_DBT_H", "DBT_SECRET_G") + "'" + g.one("", "", ", 'd'") + ")"
	switch g.IntN(8) {
	case 0:
		g.add("models/m.sql", g.one(", {{ "+call+" }} as s", "{% if execute %}{{ "+call+" }}{% endif %}", "{# "+call+" #}")+"\n")
	case 1:
		g.edit("profiles.yml", "path: x.duckdb", "path: \"x{{ "+call+" }}.duckdb\"")
	case 2:
		g.edit("profiles.yml", "path: x.duckdb", "path: \"{{ "+call+" }}{{ env_var('DBT_ENV_SECRET_G', 'd') }}\"")
	case 3:
		g.add("dbt_project.yml", "models:\n  p:\n    +meta:\n      k: \"{{ "+call+" }}\"\n")
	case 4:
		g.files["models/secret.yml"] = "models:\n  - name: m\n    description: \"{{ " + call + " }}\"\n"
	case 5:
		g.edit("profiles.yml", "target: dev", "target: \"{{ "+call+" }}\"")
	case 6:
		g.edit("dbt_project.yml", "profile: p", "profile: \"{{ "+call+" }}\"")
	case 7:
		g.edit("profiles.yml", "PROD_ONLY", "DBT_ENV_SECRET_G")
	}
}
