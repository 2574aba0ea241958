package diagnostics

// Rules returns the table of rules, in the order of the documentation.
func Rules() []*Rule {
	return []*Rule{
		&envParse,
		&envMissing,
		&envLost,
		&envSilentMacro,
		&envEmpty,
		&envDuplicate,
		&envAbsent,
		&envNotIgnored,
		&exampleMissingKey,
		&localMissingKey,
		&yamlSyntax,
		&jinjaUnquoted,
		&profilesNotFound,
		&profileUnset,
		&profileMissing,
		&targetMissing,
		&linkMissing,
		&deferOff,
		&meshUnlinked,
		&meshIgnored,
		&meshBoth,
		&dependenciesSchema,
		&engineNone,
		&engineStale,
	}
}

// ByCode returns the rule of a code, nil without one.
func ByCode(code string) *Rule {
	for _, rule := range Rules() {
		if rule.Code == code {
			return rule
		}
	}
	return nil
}
