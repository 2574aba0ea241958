package dotenv

type form uint8

func (f *File) parse() {}

// Values returns what the engine would set, in the order of the file, up to the
// stop: the first line of a name wins, the process environment is never
// overwritten, references see the process environment and the earlier lines. A
// nil env is an empty environment.
func (f *File) Values(env Lookup) []Value { return nil }

// Refs returns the references in an entry's value, in order.
func (f *File) Refs(e *Entry) []Ref { return nil }

// Swallows returns the entries that dbt loads and whose quote hides lines that
// look like assignments.
func (f *File) Swallows() []Swallow { return nil }
