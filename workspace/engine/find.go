package engine

// Find returns the dbts of the search path in its order: the first is what a
// terminal or a script starts. Several entries of one real path are one.
// Entries that are not absolute never count. Versions come from the metadata
// beside the files; nothing is started. An install for whose real path exclude
// returns true is in the list, marked as Excluded. exclude may be nil.
func Find(env Lookup, exclude func(realPath string) bool) []Install { return nil }

// Inspect returns what Find would say of the program at one absolute path, and
// whether there is one.
func Inspect(path string, env Lookup, exclude func(realPath string) bool) (Install, bool) {
	return Install{}, false
}
