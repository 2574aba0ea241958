package engine

import (
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
	for path, want := range map[string]Channel{
		`C:\Users\u\.local\bin\dbt.exe`:                                                                       ChannelStandalone,
		`C:\Users\u\AppData\Local\Microsoft\WinGet\Links\dbt.exe`:                                             ChannelWinget,
		`C:\Users\u\AppData\Local\Microsoft\WinGet\Packages\dbtLabs.dbt_Microsoft.Winget.Source_8wek\dbt.exe`: ChannelWinget,
		`C:\Users\u\scoop\apps\dbt\current\dbt.exe`:                                                           ChannelScoop,
		`C:\Users\u\scoop\shims\dbt.exe`:                                                                      ChannelScoop,
		`C:\ProgramData\chocolatey\bin\dbt.exe`:                                                               ChannelChocolatey,
		`C:\Users\u\pipx\venvs\dbt\Scripts\dbt.exe`:                                                           ChannelPipx,
		`C:\Users\u\AppData\Roaming\uv\tools\dbt\Scripts\dbt.exe`:                                             ChannelUVTool,
		`C:\dbt\dbt.exe`: ChannelUnclaimed,
	} {
		if got := channelOf(path, path, false, distribution{}, env); got != want {
			t.Errorf("channelOf(%s) = %s, want %s", path, got, want)
		}
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
		if got := updateCommand(c.in); got != c.want {
			t.Errorf("update of %s by %s = %q, want %q", c.in.Kind, c.in.Channel, got, c.want)
		}
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
