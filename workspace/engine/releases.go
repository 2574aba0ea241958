package engine

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Source says where a release list comes from.
type Source string

// The sources of a release list.
const (
	FromNetwork Source = "network"
	FromCache   Source = "cache"
	FromBuiltin Source = "builtin"
)

// Release is one release of dbt v2.
type Release struct {
	Version string `json:"version"` // 2.0.8
	Date    string `json:"date"`    // 2026-10-02, or "" when not known
}

// Releases is the newest release of every channel.
type Releases struct {
	Channels map[string]Release // by the key of the list: latest, dev, canary, …
	KnownBad []string           // versions that dbt advises against, normalized and sorted
	From     Source
	Fetched  time.Time // when the list was asked for last

	// Follow is the channel, or the release track of dbt platform, to compare
	// with; "" for the usual one.
	Follow string
}

// Latest returns the version of the channel "latest", "" when there is none.
func (r Releases) Latest() string { return r.Channels[usualChannel].Version }

// Newest returns the newest version of the channel that is followed, "" when
// the list does not have it.
func (r Releases) Newest() string { return r.Channels[r.Channel()].Version }

// Channel returns the key of the list that is followed. The name of a release
// track stands for its key, unless the list has a channel of that very name.
func (r Releases) Channel() string {
	if r.Follow == "" {
		return usualChannel
	}
	if _, ok := r.Channels[r.Follow]; ok {
		return r.Follow
	}
	if track, ok := ParseTrack(r.Follow); ok && track.Channel != "" {
		return track.Channel
	}
	return r.Follow
}

// IsKnownBad reports whether dbt advises against a version.
func (r Releases) IsKnownBad(version string) bool {
	_, found := slices.BinarySearch(r.KnownBad, normalized(version))
	return found
}

// WithKnownBad returns the list with more known-bad versions.
func (r Releases) WithKnownBad(versions []string) Releases {
	if len(versions) > 0 {
		r.KnownBad = slices.Concat(r.KnownBad, versions)
		slices.Sort(r.KnownBad)
		r.KnownBad = slices.Compact(r.KnownBad)
	}
	return r
}

const usualChannel = "latest"

// Builtin returns the list as it was known when this program was built.
func Builtin() Releases {
	return Releases{
		Channels: map[string]Release{usualChannel: {Version: "2.0.8", Date: "2026-10"}},
		From:     FromBuiltin,
		Fetched:  time.Date(2026, time.October, 31, 0, 0, 0, 0, time.UTC),
	}
}

// DefaultURL is the address of the release list
// (dbt-labs/dbt-core@43aa6e8 crates/dbt-common/src/constants.rs).
const DefaultURL = "https://public.cdn.getdbt.com/fs/versions.json"

// ListURL returns the address of the release list; DBT_CDN_URL replaces its
// folder, as for dbt itself. The lookup must be that of the process, not of a
// project's files, which are not asked where to connect to.
func ListURL(env Lookup) string {
	if base := strings.TrimRight(value(env, "DBT_CDN_URL"), "/"); base != "" {
		return base + "/versions.json"
	}
	return DefaultURL
}

const (
	requestTimeout = 5 * time.Second
	bodyLimit      = 1 << 20 // bytes; the list has a few hundred
	keepFor        = 24 * time.Hour
	retryAfter     = time.Hour // after a failure
	cacheFile      = "versions.json"
)

// Client asks for the release list. Its zero value asks dbt's own address and
// keeps nothing. The only request it makes is one anonymous GET.
type Client struct {
	URL      string            // of the list; DefaultURL when empty
	CacheDir string            // folder for the list, "" to keep none; see CacheDir
	Offline  bool              // never ask the network
	HTTP     http.RoundTripper // http.DefaultTransport when nil
	Now      func() time.Time  // time.Now when nil
	Timeout  time.Duration     // of the request, body included; 5 s when zero
}

// CacheDir returns the folder in which this program keeps the release list, ""
// when the system names none.
func CacheDir() string {
	base, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(base, "dbt-hybrid")
}

// Latest returns the release list: the kept one if it is younger than a day,
// else that of the network. The list is usable even with an error: it is then
// the kept one of any age, or Builtin. After a failure the network is left
// alone for an hour.
func (c *Client) Latest(ctx context.Context) (Releases, error) {
	kept := c.load()
	age, tried := c.now().Sub(kept.Fetched), c.now().Sub(kept.Tried)
	fresh := kept.usable() && age >= 0 && age < keepFor
	failed := kept.Tried.After(kept.Fetched) && tried >= 0 && tried < retryAfter
	if c.Offline || fresh || failed {
		return kept.releases(), nil
	}
	return c.refresh(ctx, kept)
}

// Refresh is Latest that asks the network whatever the age of the kept list.
func (c *Client) Refresh(ctx context.Context) (Releases, error) {
	kept := c.load()
	if c.Offline {
		return kept.releases(), nil
	}
	return c.refresh(ctx, kept)
}

func (c *Client) refresh(ctx context.Context, kept cached) (Releases, error) {
	answer, err := c.get(ctx, kept)
	if err != nil {
		if ctx.Err() == nil { // the caller's own end is no failure of the network
			kept.Tried = c.now()
			err = errors.Join(err, c.store(kept))
		}
		return kept.releases(), fmt.Errorf("release list of dbt: %w", err)
	}
	answer.Fetched = c.now()
	list := answer.releases()
	list.From = FromNetwork
	if err := c.store(answer); err != nil {
		return list, fmt.Errorf("release list of dbt: %w", err)
	}
	return list, nil
}

// get makes the request. A 304 gives the kept list.
func (c *Client) get(ctx context.Context, kept cached) (cached, error) {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = requestTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url(), nil)
	if err != nil {
		return cached{}, errors.New("the address of the list is not a URL") // err would print it, with a password in it
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "dbt-hybrid")
	if kept.usable() && kept.ETag != "" {
		request.Header.Set("If-None-Match", kept.ETag)
	}
	client := &http.Client{Transport: c.HTTP, CheckRedirect: sameHost}
	response, err := client.Do(request)
	if err != nil {
		return cached{}, plainCause(err)
	}
	defer func() { _ = response.Body.Close() }()
	switch {
	case response.StatusCode == http.StatusNotModified && kept.usable():
		return kept, nil
	case response.StatusCode != http.StatusOK:
		return cached{}, fmt.Errorf("HTTP status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyLimit+1))
	if err != nil {
		return cached{}, plainCause(err)
	}
	if len(body) > bodyLimit {
		return cached{}, fmt.Errorf("the answer has more than %d bytes", bodyLimit)
	}
	channels, knownBad, err := parseList(body)
	if err != nil {
		return cached{}, err
	}
	return cached{Channels: channels, KnownBad: knownBad, ETag: response.Header.Get("ETag")}, nil
}

// errRedirect is wrapped by every refusal of a redirect.
var errRedirect = errors.New("redirect refused")

// sameHost refuses a redirect to another host, or from https to less: the list
// decides what people are told to install.
func sameHost(next *http.Request, before []*http.Request) error {
	first := before[0].URL
	switch {
	case len(before) > 5:
		return fmt.Errorf("%w: more than five in a row", errRedirect)
	case next.URL.Host != first.Host:
		return fmt.Errorf("%w: it leads to another host", errRedirect)
	case first.Scheme == "https" && next.URL.Scheme != "https":
		return fmt.Errorf("%w: it leads to an address without encryption", errRedirect)
	}
	return nil
}

// plainCause says in our words why a request failed. The texts of net/http
// hold the address, and that of a proxy, which may hold passwords.
func plainCause(err error) error {
	var (
		timeout     interface{ Timeout() bool }
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, errRedirect):
		var inner *url.Error
		if errors.As(err, &inner) {
			return inner.Err
		}
		return err
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("no answer in time")
	case errors.As(err, &name):
		return errors.New("the name of the host is not known")
	case errors.As(err, &certificate):
		return errors.New("the certificate of the host is not trusted")
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("connection refused")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the answer was cut short")
	}
	return errors.New("the connection failed")
}

// parseList reads the channels of a versions.json, and the known-bad releases
// that it may hold beside them. Its keys are open: an entry that is no object,
// or has no version under "tag", is passed over.
func parseList(body []byte) (map[string]Release, []string, error) {
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(body, &entries); err != nil {
		return nil, nil, errors.New("the answer is not a list of releases in JSON")
	}
	channels := make(map[string]Release)
	for key, raw := range entries {
		var entry struct {
			Tag  string `json:"tag"`
			Date string `json:"date"`
		}
		if json.Unmarshal(raw, &entry) != nil {
			continue
		}
		version := strings.TrimPrefix(entry.Tag, "v")
		if _, err := ParseVersion(version); err != nil {
			continue
		}
		if _, err := time.Parse(time.DateOnly, entry.Date); err != nil {
			entry.Date = ""
		}
		channels[key] = Release{version, entry.Date}
	}
	if channels[usualChannel].Version == "" {
		return nil, nil, errors.New("the answer names no latest release")
	}
	return channels, parseKnownBad(body), nil
}

// parseKnownBad reads the versions that are marked as known bad in the form of
// dbt's releases.json: {"2.0.5": {"known_bad": true}}. Anything else is passed
// over; the versions are normalized and sorted.
func parseKnownBad(content []byte) []string {
	var entries map[string]json.RawMessage
	if json.Unmarshal(content, &entries) != nil {
		return nil
	}
	var versions []string
	for key, raw := range entries {
		var entry struct {
			KnownBad bool `json:"known_bad"`
		}
		if _, err := ParseVersion(key); err == nil && json.Unmarshal(raw, &entry) == nil && entry.KnownBad {
			versions = append(versions, normalized(key))
		}
	}
	slices.Sort(versions)
	return slices.Compact(versions)
}

// cached is the file that keeps the list between two runs.
type cached struct {
	Address  string             `json:"address"` // hash of the list's URL, which may hold a password
	ETag     string             `json:"etag"`
	Fetched  time.Time          `json:"fetched"`
	Tried    time.Time          `json:"tried"` // last failure
	Channels map[string]Release `json:"channels"`
	KnownBad []string           `json:"knownBad,omitempty"`
}

func (k cached) usable() bool { return k.Channels[usualChannel].Version != "" }

// releases returns the kept list, or the built-in one where that is newer.
func (k cached) releases() Releases {
	if builtin := Builtin(); !k.usable() || k.Fetched.Before(builtin.Fetched) {
		return builtin
	}
	return Releases{Channels: maps.Clone(k.Channels), KnownBad: slices.Clone(k.KnownBad), From: FromCache, Fetched: k.Fetched}
}

// load returns the kept list of this address. What cannot be read, or does not
// look like a list, is not there.
func (c *Client) load() cached {
	if c.CacheDir == "" {
		return cached{}
	}
	var kept cached
	if json.Unmarshal(readBounded(filepath.Join(c.CacheDir, cacheFile)), &kept) != nil || kept.Address != c.address() {
		return cached{}
	}
	for key, release := range kept.Channels {
		if _, err := ParseVersion(release.Version); err != nil {
			delete(kept.Channels, key)
		}
	}
	kept.KnownBad = slices.DeleteFunc(kept.KnownBad, func(version string) bool {
		_, err := ParseVersion(version)
		return err != nil
	})
	slices.Sort(kept.KnownBad)
	return kept
}

// store keeps a list: a temporary file and a rename, so that another window
// never reads half of it.
func (c *Client) store(keep cached) error {
	if c.CacheDir == "" {
		return nil
	}
	keep.Address = c.address()
	content, err := json.Marshal(keep)
	if err != nil {
		return fmt.Errorf("keeping it: %w", err)
	}
	if err := replaceFile(c.CacheDir, cacheFile, content); err != nil {
		return fmt.Errorf("keeping it in the cache folder: %w", fspath.WithoutPath(err))
	}
	return nil
}

func replaceFile(folder, name string, content []byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(folder, name+".*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), filepath.Join(folder, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

func (c *Client) url() string {
	if c.URL == "" {
		return DefaultURL
	}
	return c.URL
}

func (c *Client) address() string {
	sum := sha256.Sum256([]byte(c.url()))
	return hex.EncodeToString(sum[:])
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
