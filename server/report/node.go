package report

// Node is one line of the status, for the text and for the tree of an editor:
// what it is about, what holds, where that comes from, and what mends it.
type Node struct {
	Key      string   `json:"key"` // stable among the node's siblings
	Label    string   `json:"label"`
	Value    string   `json:"value"`
	Mark     Mark     `json:"mark"`
	From     *Place   `json:"from"` // nil where there is nothing to name
	Actions  []Action `json:"actions"`
	Children []Node   `json:"children"`

	// Collapsed says that the children, and what can be done about them, are for a
	// tree: a text leaves them out.
	Collapsed bool `json:"collapsed"`
}

// Mark says how a line of the status is to be taken.
type Mark string

// The marks. MarkNone is for a plain value, MarkOff for what is off because
// somebody wanted that or because the project has no use for it.
const (
	MarkNone    Mark = ""
	MarkOK      Mark = "ok"
	MarkOff     Mark = "off"
	MarkWarning Mark = "warning"
	MarkError   Mark = "error"
)

// Place says where a value comes from. Path is "" where it is no file: a flag,
// a variable of the shell.
type Place struct {
	Text   string `json:"text"` // for people: "profiles.yml:2", "DBT_TARGET"
	Path   string `json:"path"` // absolute
	Line   int    `json:"line"` // from 1, as Column; 0 for the file as a whole
	Column int    `json:"column"`
}

// The commands of the server that change files by the fixes of findings. CreateEnv
// and AddVariables take the root of a project as their argument; without one they
// mean all projects.
const (
	FixAll       = "dbtHybrid.fixAll"
	CreateEnv    = "dbtHybrid.createEnv"
	AddVariables = "dbtHybrid.addVariables"
)

// Action is what a person may do about a line. Exactly one of Shell, Command
// and Open is set.
type Action struct {
	Title     string `json:"title"`
	Shell     string `json:"shell,omitempty"`     // a command line for a terminal; never run by the server
	Command   string `json:"command,omitempty"`   // of workspace/executeCommand, or one that the client registers
	Arguments []any  `json:"arguments,omitempty"` // of Command
	Open      string `json:"open,omitempty"`      // an address, or a page of ours

	Typed string `json:"-"` // the command line that does without an editor what Command does, or shows what Open does; "" where none does
}
