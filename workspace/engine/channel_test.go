package engine

import (
	"fmt"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

func lookup(values map[string]string) Lookup {
	return func(name string) (secret.Text, bool) {
		v, ok := values[name]
		return secret.New(v), ok
	}
}

func TestChannelOfWindowsPaths(t *testing.T) {
	env := lookup(map[string]string{"USERPROFILE": `C:\Users\u`})
	for name, c := range map[string]struct {
		path    string
		channel Channel
		update  string
	}{
		"standalone":                      {`C:\Users\u\.local\bin\dbt.exe`, ChannelStandalone, "dbt system update"},
		"winget, its link":                {`C:\Users\u\AppData\Local\Microsoft\WinGet\Links\dbt.exe`, ChannelWinget, "winget upgrade --id dbtLabs.dbt --exact"},
		"winget, its package":             {`C:\Users\u\AppData\Local\Microsoft\WinGet\Packages\dbtLabs.dbt_Microsoft.Winget.Source_8wek\dbt.exe`, ChannelWinget, "winget upgrade --id dbtLabs.dbt --exact"},
		"winget, for all users":           {`C:\Program Files\WinGet\Packages\dbtLabs.dbt_Microsoft.Winget.Source_8wek\dbt.exe`, ChannelWinget, "winget upgrade --id dbtLabs.dbt --exact"},
		"winget, in small letters":        {`c:\users\u\appdata\local\microsoft\winget\links\dbt.exe`, ChannelWinget, "winget upgrade --id dbtLabs.dbt --exact"},
		"Scoop: not published there":      {`C:\Users\u\scoop\apps\dbt\current\dbt.exe`, ChannelScoop, ""},
		"Scoop, its shim":                 {`C:\Users\u\scoop\shims\dbt.exe`, ChannelScoop, ""},
		"Scoop, for all users":            {`C:\ProgramData\scoop\shims\dbt.exe`, ChannelScoop, ""},
		"Chocolatey: not published there": {`C:\ProgramData\chocolatey\bin\dbt.exe`, ChannelChocolatey, ""},
		"pipx":                            {`C:\Users\u\pipx\venvs\dbt\Scripts\dbt.exe`, ChannelPipx, "pipx upgrade dbt"},
		"uv tool":                         {`C:\Users\u\AppData\Roaming\uv\tools\dbt\Scripts\dbt.exe`, ChannelUVTool, "uv tool upgrade dbt"},
		"unclaimed":                       {`C:\dbt\dbt.exe`, ChannelUnclaimed, "dbt system update"},
	} {
		t.Run(name, func(t *testing.T) {
			got := channelOf(c.path, c.path, false, distribution{}, env)
			if update := updateCommand(Install{Kind: KindV2, Version: "2.0.8", Channel: got}); got != c.channel || update != c.update {
				t.Errorf("%s is %s, updated by %q; want %s, %q", c.path, got, update, c.channel, c.update)
			}
		})
	}
}

func TestUpdateCommand(t *testing.T) {
	for _, c := range []struct {
		in   Install
		want string
	}{
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelStandalone}, "dbt system update"},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelUnclaimed}, "dbt system update"},
		{Install{Kind: KindV2OSS, Version: "2.0.8", Channel: ChannelUnclaimed}, ""},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelWinget}, "winget upgrade --id dbtLabs.dbt --exact"},
		{Install{Kind: KindV2OSS, Version: "2.0.8", Channel: ChannelWinget}, "winget upgrade --id dbtLabs.dbt-core --exact"},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelScoop}, ""},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelConda}, "conda update dbt"},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelPDM}, "pdm update dbt"},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelPipenv}, "pipenv update dbt"},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelRye}, "rye install dbt"},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelUV}, "uv pip install --upgrade dbt"},
		{Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelMise}, "pip install --upgrade dbt"},
		{Install{Kind: KindV1, Version: "1.12.6", Channel: ChannelHomebrew}, ""},
		{Install{Kind: KindV1, Version: "1.12.6", Channel: ChannelUV}, `uv pip install --upgrade "dbt-core<2"`},
		{Install{Kind: KindPlatformCLI, Version: "0.40.18", Channel: ChannelStandalone}, ""},
		{Install{Kind: KindUnknown, Channel: ChannelPip}, ""},
	} {
		t.Run(fmt.Sprintf("%s %s by %s", c.in.Kind, c.in.Version, c.in.Channel), func(t *testing.T) {
			if got := updateCommand(c.in); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestPathsInCommandLines(t *testing.T) {
	for _, test := range []struct {
		path         string
		windows      bool
		word, called string
	}{
		{"/opt/dbt", false, "/opt/dbt", "/opt/dbt"},
		{"/my apps/it's", false, `'/my apps/it'\''s'`, `'/my apps/it'\''s'`},
		{`/odd\name`, false, `'/odd\name'`, `'/odd\name'`},
		{`C:\dbt\dbt.exe`, true, `C:\dbt\dbt.exe`, `C:\dbt\dbt.exe`},
		{`C:\Program Files\dbt.exe`, true, `'C:\Program Files\dbt.exe'`, `& 'C:\Program Files\dbt.exe'`},
		{`C:\a,$b's\dbt.exe`, true, `'C:\a,$b''s\dbt.exe'`, `& 'C:\a,$b''s\dbt.exe'`},
	} {
		if got := shellWord(test.path, test.windows); got != test.word {
			t.Errorf("%s as a word: %s, want %s", test.path, got, test.word)
		}
		if got := callWord(test.path, test.windows); got != test.called {
			t.Errorf("%s as a program: %s, want %s", test.path, got, test.called)
		}
	}
}
