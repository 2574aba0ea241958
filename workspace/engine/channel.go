package engine

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
	ChannelUV         Channel = "uv" // a virtual environment that uv filled
	ChannelPoetry     Channel = "poetry"
	ChannelPDM        Channel = "pdm"
	ChannelPipenv     Channel = "pipenv"
	ChannelConda      Channel = "conda"
	ChannelPip        Channel = "pip"
	ChannelUnclaimed  Channel = "unclaimed" // any other compiled program
)
