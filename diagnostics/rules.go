package diagnostics

// Rules returns the table of rules, in the order of the documentation.
func Rules() []*Rule {
	return []*Rule{
		&envParse,
		&envSwallowed,
		&envMissing,
		&envLost,
		&envSilentMacro,
		&envEmpty,
		&envDuplicate,
		&envSubstitution,
		&envRetype,
		&envJinjaValue,
		&envSettingInvalid,
		&envDisablesModel,
		&envShadowed,
		&envSecretScope,
		&envNameInvalid,
		&envEngineSetting,
		&envEngineUnknown,
		&envNoop,
		&envUnreadable,
		&envAbsent,
		&envEncoding,
		&envNotIgnored,
		&exampleMissingKey,
		&exampleCommentValue,
		&localMissingKey,
		&yamlSyntax,
		&yamlDuplicateKey,
		&yamlUnknownKey,
		&projectSchema,
		&jinjaUnquoted,
		&fileMisnamed,
		&fileMisplaced,
		&profilesNotFound,
		&profileUnset,
		&profileMissing,
		&targetMissing,
		&profileStructure,
		&adapterUnknown,
		&adapterExperimental,
		&profileFieldRequired,
		&profileFieldType,
		&profileSecret,
		&profilesTwoFiles,
		&profilesBackup,
		&linkMissing,
		&linkUnknownProject,
		&linkMixed,
		&linkKey,
		&cloudFileInProject,
		&cloudFileInvalid,
		&cloudFileName,
		&deferOff,
		&deferFlag,
		&deferCacheStale,
		&meshUnlinked,
		&meshIgnored,
		&meshBoth,
		&meshUnknownProject,
		&meshUnusedProject,
		&meshNameClash,
		&dependenciesSchema,
		&engineNone,
		&engineKind,
		&engineStale,
		&engineShadowed,
		&enginePinned,
		&engineRequire,
		&engineUpdateCommand,
		&engineDeadInstaller,
		&configInvalid,
		&unusedSuppression,
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
