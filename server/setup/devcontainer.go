package setup

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
)

// Where the configuration of a dev container may be, beside the folders of
// .devcontainer: those have one each, and a person is asked which to start.
const (
	devContainerFile  = ".devcontainer/devcontainer.json"
	devContainerShort = ".devcontainer.json"
	devContainerName  = "devcontainer.json"
)

// What a dev container is made of.
const (
	imageBase   = "mcr.microsoft.com/devcontainers/base:ubuntu"
	imagePython = "mcr.microsoft.com/devcontainers/python:3"
	defaultUser = "vscode" // of the images in mcr.microsoft.com/devcontainers

	// Both variables, since only one of them is set: HOME, on Windows USERPROFILE.
	hostFolder = "${localEnv:HOME}${localEnv:USERPROFILE}/.dbt"

	// Docker refuses to mount a folder that is not there. Without -p, which the
	// shell of Windows does not know.
	makeHostFolder = `mkdir "` + hostFolder + `" || exit 0`

	installer = "https://public.cdn.getdbt.com/fs/install/install.sh"

	extensionDbt  = "dbtLabsInc.dbt"
	extensionOurs = "dbt-hybrid.dbt-hybrid"
)

// The installer needs SHELL, which a container does not always have, and
// --update to replace what is there. It is not piped into the shell: a download
// that fails would then look like one that installs nothing.
const installV2 = "curl -fsSL -o /tmp/install-dbt.sh " + installer + " && SHELL=/bin/bash sh /tmp/install-dbt.sh --update"

const stayed = ` || echo "dbt could not be updated: it stays as it is" >&2`

// brought is how a container gets its dbt.
type brought struct {
	image, command, about string
	folder                string // that the program is in, below the user's home; "" when on the search path already
}

// container chooses the newest dbt of the kind that the team uses.
func (m *maker) container() brought {
	if first, ok := m.Project.Engine.First(); ok && first.Kind == engine.KindV2OSS {
		pkg := first.Package
		if pkg == "" {
			pkg = "dbt-core"
		}
		pre := ""
		if v, err := engine.ParseVersion(first.Version); err == nil && v.Prerelease() {
			pre = "--pre "
		}
		return brought{
			image: imagePython, command: "pip install --user --upgrade " + pre + pkg + stayed, folder: "/.local/bin",
			about: "At each start: the newest open-source dbt v2, from PyPI. Offline the one that is there stays.",
		}
	}
	return brought{
		image: imageBase, command: installV2 + stayed, folder: "/.local/bin",
		about: "At each start: the newest dbt v2, by dbt's own installer. Offline the one that is there stays.",
	}
}

// devContainer adds what is missing to the configuration of the dev container,
// and creates one where there is none.
func (m *maker) devContainer() error {
	file, err := m.containerFile()
	if err != nil {
		return err
	}
	if file == nil || strings.TrimSpace(string(file.Content)) == "" {
		return m.newDevContainer(file)
	}
	doc := jsonc.Parse(string(file.Content))
	switch {
	case doc.Err != nil:
		return fmt.Errorf("%s cannot be read as JSON with comments, %w; nothing is changed", m.rel(file.Path), doc.Err)
	case doc.Root.Kind != jsonc.Object:
		return fmt.Errorf("%s is not an object; nothing is changed", m.rel(file.Path))
	}
	if err := m.shapes(doc, file); err != nil {
		return err
	}
	recommended, err := m.recommended()
	if err != nil {
		return err
	}
	c := &containerMerge{maker: m, file: file, doc: doc, brought: m.container()}
	c.image()
	c.start()
	c.mount()
	c.path()
	c.vscode(recommended)
	if len(c.root) > 0 {
		c.insert(doc.Root, c.root)
	}
	if m.Empty() && len(m.Notes) == 0 {
		m.note("%s has all of it already.", m.rel(file.Path))
	}
	return nil
}

// containerFile returns the configuration to add to, nil where there is none: the
// one that needs no name, else a named one.
func (m *maker) containerFile() (*workspace.File, error) {
	for _, folder := range m.folders() {
		for _, name := range []string{devContainerFile, devContainerShort} {
			if file, err := m.file(filepath.Join(folder, filepath.FromSlash(name))); file != nil || err != nil {
				return file, err
			}
		}
		if file, err := m.namedContainer(folder); file != nil || err != nil {
			return file, err
		}
	}
	return nil, nil
}

// namedContainer returns the only one of a folder's named containers; of several,
// the only one that is about dbt.
func (m *maker) namedContainer(folder string) (*workspace.File, error) {
	var all, ofDbt []*workspace.File
	var names []string
	for _, path := range workspace.NamedContainers(folder) {
		file, err := m.file(path)
		if err != nil {
			return nil, err
		}
		if file == nil {
			continue
		}
		all, names = append(all, file), append(names, m.rel(file.Path))
		if strings.Contains(strings.ToLower(string(file.Content)), "dbt") {
			ofDbt = append(ofDbt, file)
		}
	}
	switch {
	case len(all) == 0:
		return nil, nil
	case len(all) == 1:
		return all[0], nil
	case len(ofDbt) == 1:
		return ofDbt[0], nil
	}
	return nil, fmt.Errorf("there are %d dev containers, %s, and it is not clear which of them is for dbt; nothing is changed. Write dbt into the `name` of that one, and try again", len(all), strings.Join(names, ", "))
}

// shapes refuses a file in which something is not of the type that it must have.
func (m *maker) shapes(doc *jsonc.Document, file *workspace.File) error {
	for path, kind := range map[string]jsonc.Kind{
		"mounts": jsonc.Array, "remoteEnv": jsonc.Object, "containerEnv": jsonc.Object, "customizations": jsonc.Object,
		"customizations/vscode": jsonc.Object, "customizations/vscode/extensions": jsonc.Array, "customizations/vscode/settings": jsonc.Object,
	} {
		if v := doc.Root.Get(strings.Split(path, "/")...); v != nil && v.Kind != kind {
			return fmt.Errorf("`%s` of %s has not the form that it must have; nothing is changed", strings.ReplaceAll(path, "/", "."), m.rel(file.Path))
		}
	}
	return nil
}

func (m *maker) newDevContainer(empty *workspace.File) error {
	recommended, err := m.recommended()
	if err != nil {
		return err
	}
	b := m.container()
	name := m.Project.Name
	if name == "" {
		name = filepath.Base(m.Top)
	}
	members := append([]member{
		{key: "name", value: name},
		{key: "image", value: b.image, comment: "An image with curl, git and the user " + defaultUser + ". It holds no dbt, and so none that grows old."},
	}, hostMembers()...)
	members = append(members, startMember("postStartCommand", b), pathMember(defaultUser, b), member{
		key: "customizations", value: object{{key: "vscode", value: object{
			{key: "extensions", value: extensions(recommended), comment: "dbt's extension, the one that explains what dbt will do here" + also(recommended) + "."},
			settingsMember(defaultUser, b),
		}}},
	})
	var out strings.Builder
	out.WriteString("// A dev container with the newest dbt. https://containers.dev/implementors/json_reference explains the keys.\n{\n")
	w := jsonWriter{out: &out, unit: "\t", comments: true}
	w.members(members, "\t", "")
	out.WriteString("}\n")
	if empty != nil {
		m.insert(empty, len(empty.Content), out.String())
		return nil
	}
	m.add(nil, filepath.Join(m.Top, filepath.FromSlash(devContainerFile)), out.String())
	return nil
}

func also(recommended []string) string {
	if len(recommended) == 0 {
		return ""
	}
	return ", and those that .vscode/extensions.json recommends"
}

func hostMembers() []member {
	return []member{
		{
			key: "initializeCommand", value: makeHostFolder,
			comment: "On this machine, before the container: a folder that is not there cannot be mounted.",
		},
		{
			key: "mounts", value: list{mountOf(defaultUser)},
			comment: "dbt_cloud.yml and profiles.yml stay on this machine, and dbt finds them in the container too.",
		},
	}
}

func startMember(key string, b brought) member {
	return member{key: key, value: b.command, comment: b.about}
}

func pathMember(user string, b brought) member {
	return member{
		key: "remoteEnv", value: object{{key: "PATH", value: homeOf(user) + b.folder + ":${containerEnv:PATH}"}},
		comment: "For terminals, Makefiles and scripts alike: an alias would be seen by terminals alone.",
	}
}

func settingsMember(user string, b brought) member {
	return member{
		key: "settings", value: object{{key: "dbt.dbtPath", value: homeOf(user) + b.folder + "/dbt"}},
		comment: "The editor starts the same dbt as the terminal.",
	}
}

func mountOf(user string) string {
	return "source=" + hostFolder + ",target=" + homeOf(user) + "/.dbt,type=bind"
}

func homeOf(user string) string {
	if user == "root" {
		return "/root"
	}
	return "/home/" + user
}

// extensions are dbt's and ours, and what the folder recommends.
func extensions(recommended []string) list {
	all := list{extensionDbt, extensionOurs}
	for _, id := range recommended {
		if !hasFold(all, id) {
			all = append(all, id)
		}
	}
	return all
}

func hasFold(all []string, id string) bool {
	return slices.ContainsFunc(all, func(have string) bool { return strings.EqualFold(have, id) })
}

// recommended reads the extensions that the folder recommends to those who open
// it.
func (m *maker) recommended() ([]string, error) {
	file, err := m.file(filepath.Join(m.Top, ".vscode", "extensions.json"))
	if file == nil || err != nil {
		return nil, err
	}
	doc := jsonc.Parse(string(file.Content))
	if doc.Err != nil {
		m.note("%s cannot be read, %v: what it recommends is left out.", m.rel(file.Path), doc.Err)
		return nil, nil
	}
	return doc.Root.Get("recommendations").Strings(), nil
}

// containerMerge adds to a configuration that is there.
type containerMerge struct {
	*maker
	file    *workspace.File
	doc     *jsonc.Document
	brought brought
	root    []member // new ones of the outermost object
}

// insert adds members at the end of a value.
func (c *containerMerge) insert(into *jsonc.Value, members []member) {
	for _, e := range addMembers(c.doc, into, members) {
		c.maker.insert(c.file, e.Start, e.New)
	}
}

func (c *containerMerge) get(keys ...string) *jsonc.Value { return c.doc.Root.Get(keys...) }

func (c *containerMerge) image() {
	for _, key := range []string{"image", "build", "dockerFile", "dockerComposeFile"} {
		if c.get(key) != nil {
			return
		}
	}
	c.root = append(c.root, member{key: "image", value: c.brought.image, comment: "An image with curl, git and the user " + defaultUser + "."})
}

// start brings the newest dbt at each start: by the first command of its kind
// that the file does not use for something else.
func (c *containerMerge) start() {
	hooks := []string{"postStartCommand", "postAttachCommand"} // those that run more than once
	for _, hook := range hooks {
		if slices.ContainsFunc(c.get(hook).Strings(), updatesDbt) {
			return
		}
	}
	for _, hook := range hooks {
		switch v := c.get(hook); {
		case v == nil:
			c.root = append(c.root, startMember(hook, c.brought))
			return
		case v.Kind == jsonc.Object:
			c.insert(v, []member{startMember("dbt", c.brought)})
			return
		}
	}
	c.note("%s has a postStartCommand and a postAttachCommand of its own: let one of them call `%s`.", c.rel(c.file.Path), c.brought.command)
}

func updatesDbt(command string) bool {
	return strings.Contains(command, "getdbt.com/") || strings.Contains(command, "dbt system update") ||
		strings.Contains(command, "dbt") && (strings.Contains(command, "--upgrade") || strings.Contains(command, " upgrade "))
}

// user is the one whose home folder dbt looks into; "" when that cannot be told.
func (c *containerMerge) user() string {
	for _, key := range []string{"remoteUser", "containerUser"} {
		if v := c.get(key); v != nil && v.Kind == jsonc.String && !strings.Contains(v.Text, "$") {
			return v.Text
		}
	}
	image := c.get("image")
	switch {
	case image == nil && len(c.root) > 0 && c.root[0].key == "image":
		return defaultUser
	case image == nil:
		return ""
	case strings.HasPrefix(image.Text, "mcr.microsoft.com/devcontainers/javascript-node"), strings.HasPrefix(image.Text, "mcr.microsoft.com/devcontainers/typescript-node"):
		return "node"
	case strings.HasPrefix(image.Text, "mcr.microsoft.com/devcontainers/universal"):
		return "codespace"
	case strings.HasPrefix(image.Text, "mcr.microsoft.com/devcontainers/"), strings.HasPrefix(image.Text, "mcr.microsoft.com/vscode/devcontainers/"):
		return defaultUser
	}
	return ""
}

// mount lets dbt find the files of ~/.dbt.
func (c *containerMerge) mount() {
	mounts := c.get("mounts")
	for _, s := range c.doc.Root.Get("mounts").Strings() {
		if strings.Contains(s, "/.dbt") {
			return
		}
	}
	user := c.user()
	if user == "" {
		c.note("%s does not say who works in the container: set remoteUser, then ~/.dbt can be mounted in that home folder.", c.rel(c.file.Path))
		return
	}
	if c.hostFolder(); mounts == nil {
		added := hostMembers()[1]
		added.value = list{mountOf(user)}
		c.root = append(c.root, added)
		return
	}
	c.insert(mounts, []member{{value: mountOf(user), comment: hostMembers()[1].comment}})
}

// hostFolder makes the folder on the host that is mounted.
func (c *containerMerge) hostFolder() {
	switch v := c.get("initializeCommand"); {
	case v == nil:
		c.root = append(c.root, hostMembers()[0])
	case slices.ContainsFunc(v.Strings(), func(s string) bool { return strings.Contains(s, ".dbt") }):
	case v.Kind == jsonc.Object:
		c.insert(v, []member{{key: "dbt", value: makeHostFolder, comment: hostMembers()[0].comment}})
	default:
		c.note("%s has an initializeCommand of its own: let it call `%s` too, since a folder that is not there cannot be mounted.", c.rel(c.file.Path), makeHostFolder)
	}
}

// path lets everything in the container find the dbt that is brought.
func (c *containerMerge) path() {
	user := c.user()
	if user == "" {
		return
	}
	for _, key := range []string{"remoteEnv", "containerEnv"} {
		if v := c.get(key, "PATH"); v != nil {
			if !strings.Contains(v.Text, c.brought.folder) {
				c.note("%s of %s sets PATH: let it begin with %s.", key, c.rel(c.file.Path), homeOf(user)+c.brought.folder)
			}
			return
		}
	}
	added := pathMember(user, c.brought)
	if v := c.get("remoteEnv"); v != nil {
		inner, _ := added.value.(object)
		inner[0].comment = added.comment
		c.insert(v, inner)
		return
	}
	c.root = append(c.root, added)
}

// vscode adds the extensions, and which dbt they start.
func (c *containerMerge) vscode(recommended []string) {
	have := append(c.get("customizations", "vscode", "extensions").Strings(), c.get("extensions").Strings()...)
	var missing list
	for _, id := range extensions(recommended) {
		if !hasFold(have, id) && !hasFold(have, "-"+id) { // "-id" is how a file says that it does not want one
			missing = append(missing, id)
		}
	}
	var added []member
	if at := c.get("customizations", "vscode", "extensions"); len(missing) > 0 && at != nil {
		var ids []member
		for _, id := range missing {
			ids = append(ids, member{value: id})
		}
		c.insert(at, ids)
	} else if len(missing) > 0 {
		added = append(added, member{key: "extensions", value: missing})
	}
	if user := c.user(); user != "" && !c.settles() {
		setting := settingsMember(user, c.brought)
		if at := c.get("customizations", "vscode", "settings"); at != nil {
			inner, _ := setting.value.(object)
			inner[0].comment = setting.comment
			c.insert(at, inner)
		} else {
			added = append(added, setting)
		}
	}
	if len(added) == 0 {
		return
	}
	switch vscode, customizations := c.get("customizations", "vscode"), c.get("customizations"); {
	case vscode != nil:
		c.insert(vscode, added)
	case customizations != nil:
		c.insert(customizations, []member{{key: "vscode", value: object(added)}})
	default:
		c.root = append(c.root, member{key: "customizations", value: object{{key: "vscode", value: object(added)}}})
	}
}

// settles reports whether the file says which dbt the editor starts.
func (c *containerMerge) settles() bool {
	for _, settings := range []*jsonc.Value{c.get("customizations", "vscode", "settings"), c.get("settings")} {
		for _, key := range []string{"dbt.dbtPath", "dbt.fusionPath"} {
			if settings.Get(key) != nil {
				return true
			}
		}
	}
	return false
}
