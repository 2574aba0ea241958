package engine

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const sampleList = `{
  "latest": { "tag": "v2.0.9", "date": "2026-11-13" },
  "dev":    { "tag": "v2.1.0-dev.157", "date": "soon" },
  "stable": { "tag": "2.0.8" },
  "empty":  {},
  "odd":    "text", "odder": 5, "none": null, "bad": {"tag": "latest"}
}`

var sampleChannels = map[string]Release{
	"latest": {"2.0.9", "2026-11-13"},
	"dev":    {"2.1.0-dev.157", ""},
	"stable": {"2.0.8", ""},
}

// server counts the requests that reach a handler, and keeps the last.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests int
	last     *http.Request
}

func serve(t *testing.T, handle http.HandlerFunc) *server {
	s := new(server)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests++
		s.last = r
		s.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func list(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(sampleList)) }

var noon = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)

// clock is a time that a test moves.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

// patience is a limit that only a test that fails reaches.
const patience = time.Minute

func client(t *testing.T, s *server) (*Client, *clock) {
	c := &clock{noon}
	return &Client{URL: s.URL + "/fs/versions.json", CacheDir: filepath.Join(t.TempDir(), "new", "folder"), Now: c.now, Timeout: patience}, c
}

func TestLatestAsksOnceADay(t *testing.T) {
	s := serve(t, list)
	c, clock := client(t, s)
	for _, step := range []struct {
		after    time.Duration
		from     Source
		requests int
	}{
		{0, FromNetwork, 1}, {time.Hour, FromCache, 1}, {22 * time.Hour, FromCache, 1},
		{2 * time.Hour, FromNetwork, 2}, {-48 * time.Hour, FromNetwork, 3}, // a clock that was set back
	} {
		clock.Time = clock.Add(step.after)
		got, err := c.Latest(t.Context())
		if err != nil || got.From != step.from || s.count() != step.requests {
			t.Errorf("after %v: from %s with %d requests, %v; want %s, %d", step.after, got.From, s.count(), err, step.from, step.requests)
		}
		if diff := cmp.Diff(sampleChannels, got.Channels); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := c.Refresh(t.Context()); err != nil || s.count() != 4 {
		t.Errorf("Refresh made %d requests in all, %v", s.count(), err)
	}
}

func TestTheRequestIsAnonymous(t *testing.T) {
	s := serve(t, list)
	c, _ := client(t, s)
	if _, err := c.Latest(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := s.last
	if r.Method != http.MethodGet || r.URL.Path != "/fs/versions.json" || r.URL.RawQuery != "" {
		t.Errorf("%s %s", r.Method, r.URL)
	}
	for name := range r.Header {
		switch name {
		case "Accept", "Accept-Encoding", "User-Agent":
		default:
			t.Errorf("the request carries %s", name)
		}
	}
	if r.UserAgent() != "dbt-hybrid" {
		t.Errorf("user agent %q", r.UserAgent())
	}
}

func TestAnUnchangedListIsNotSentAgain(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"one"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"one"`)
		list(w, r)
	})
	c, clock := client(t, s)
	for range 3 {
		got, err := c.Latest(t.Context())
		if err != nil || got.Latest() != "2.0.9" || got.From != FromNetwork || !got.Fetched.Equal(clock.Time) {
			t.Errorf("%+v, %v", got, err)
		}
		clock.Time = clock.Add(25 * time.Hour)
	}
	if s.last.Header.Get("If-None-Match") == "" {
		t.Error("the third request did not name the kept list")
	}
}

func TestAnswersThatAreNoList(t *testing.T) {
	other := serve(t, list)
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		want   string
	}{
		"not found":         {http.NotFound, "HTTP status 404"},
		"server error":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "HTTP status 500"},
		"unasked 304":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, "HTTP status 304"},
		"a login page":      {text("<html>sign in</html>"), "not a list of releases"},
		"an empty body":     {text(""), "not a list of releases"},
		"an array":          {text(`["2.0.9"]`), "not a list of releases"},
		"null":              {text("null"), "names no latest release"},
		"an empty object":   {text("{}"), "names no latest release"},
		"no latest":         {text(`{"dev": {"tag": "v2.1.0-dev.1"}}`), "names no latest release"},
		"latest of nothing": {text(`{"latest": {"tag": "x"}}`), "names no latest release"},
		"cut JSON":          {text(sampleList[:60]), "not a list of releases"},
		"deep JSON":         {text(strings.Repeat(`{"a":`, 100_000)), "not a list of releases"},
		"a huge body":       {text(strings.Repeat(" ", bodyLimit+1)), "more than"},
		"a huge body, packed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			_, _ = packed.Write(make([]byte, 2*bodyLimit))
			_ = packed.Close()
		}, "more than"},
		"a gzip that is none": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte(sampleList))
		}, "the connection failed"},
		"another host": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/fs/versions.json", http.StatusFound)
		}, "redirect refused: it leads to another host"},
		"a ring": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, "redirect refused: more than five in a row"},
		"cut body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = w.Write([]byte(sampleList))
		}, "cut short"},
		"no answer at all": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.handle)
			client, _ := client(t, s)
			got, err := client.Latest(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if diff := cmp.Diff(Builtin(), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if other.count() > 0 {
		t.Error("the other host was asked")
	}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

func TestARedirectOnTheSameHostIsFollowed(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/versions.json") {
			http.Redirect(w, r, "/moved", http.StatusMovedPermanently)
			return
		}
		list(w, r)
	})
	c, _ := client(t, s)
	if got, err := c.Latest(t.Context()); err != nil || got.Latest() != "2.0.9" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRedirectsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"another host":          {"https://cdn.test/fs/versions.json", "https://evil.test/fs/versions.json", "another host"},
		"another port":          {"https://cdn.test/fs/versions.json", "https://cdn.test:8443/versions.json", "another host"},
		"a host with it inside": {"https://cdn.test/x", "https://cdn.test.evil.test/x", "another host"},
		"a user of that name":   {"https://cdn.test/x", "https://cdn.test@evil.test/x", "another host"},
		"no encryption":         {"https://cdn.test/x", "http://cdn.test/x", "without encryption"},
		"a file":                {"https://cdn.test/x", "file:///etc/passwd", "another host"},
		"the same host":         {"https://cdn.test/x", "https://cdn.test/y?z=1", ""},
		"a mirror without it":   {"http://cdn.test/x", "http://cdn.test/y", ""},
	} {
		t.Run(name, func(t *testing.T) {
			from, next := httptest.NewRequest(http.MethodGet, c.from, nil), httptest.NewRequest(http.MethodGet, c.to, nil)
			err := sameHost(next, []*http.Request{from})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestASlowServerIsLeft(t *testing.T) {
	for name, before := range map[string]func(http.ResponseWriter){
		"before the answer": func(http.ResponseWriter) {},
		"within the body": func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(sampleList[:20]))
			w.(http.Flusher).Flush()
		},
		"byte by byte": func(w http.ResponseWriter) {
			for range 10 {
				_, _ = w.Write([]byte(" "))
				w.(http.Flusher).Flush()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				before(w)
				<-r.Context().Done()
			})
			c, _ := client(t, s)
			c.Timeout = 50 * time.Millisecond
			if _, err := c.Latest(t.Context()); err == nil || !strings.Contains(err.Error(), "no answer in time") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAfterAFailureTheNetworkIsLeftAloneForAnHour(t *testing.T) {
	broken := false
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if broken {
			w.WriteHeader(503)
			return
		}
		list(w, r)
	})
	c, clock := client(t, s)
	if _, err := c.Latest(t.Context()); err != nil {
		t.Fatal(err)
	}
	broken = true
	clock.Time = clock.Add(25 * time.Hour)
	got, err := c.Latest(t.Context())
	if err == nil || got.Latest() != "2.0.9" || got.From != FromCache || !got.Fetched.Equal(noon) {
		t.Errorf("while broken: %+v, %v", got, err)
	}
	clock.Time = clock.Add(59 * time.Minute)
	if got, err := c.Latest(t.Context()); err != nil || got.From != FromCache || s.count() != 2 {
		t.Errorf("within the hour: %+v, %v, %d requests", got, err, s.count())
	}
	clock.Time = clock.Add(2 * time.Minute)
	broken = false
	if got, err := c.Latest(t.Context()); err != nil || got.From != FromNetwork || s.count() != 3 {
		t.Errorf("after the hour: %+v, %v, %d requests", got, err, s.count())
	}
}

func TestTheCallersEndIsNoFailureOfTheNetwork(t *testing.T) {
	s := serve(t, list)
	c, _ := client(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := c.Latest(ctx); !errors.Is(err, context.Canceled) || got.From != FromBuiltin {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := c.Latest(t.Context()); err != nil || got.From != FromNetwork {
		t.Errorf("the next call: %+v, %v", got, err)
	}
}

func TestOfflineNeverAsks(t *testing.T) {
	s := serve(t, list)
	c, clock := client(t, s)
	c.Offline = true
	for _, ask := range []func(context.Context) (Releases, error){c.Latest, c.Refresh} {
		if got, err := ask(t.Context()); err != nil || got.From != FromBuiltin {
			t.Errorf("%+v, %v", got, err)
		}
	}
	c.Offline = false
	if _, err := c.Latest(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Offline = true
	clock.Time = clock.Add(1000 * time.Hour)
	if got, err := c.Latest(t.Context()); err != nil || got.From != FromCache || got.Latest() != "2.0.9" {
		t.Errorf("with a kept list: %+v, %v", got, err)
	}
	if s.count() != 1 {
		t.Errorf("%d requests, want the one made online", s.count())
	}
}

func TestTheKeptListMayBeAnything(t *testing.T) {
	s := serve(t, list)
	for name, content := range map[string]string{
		"empty":               "",
		"cut":                 `{"address": "`,
		"of another shape":    `["x"]`,
		"of another address":  `{"address": "x", "fetched": "2026-11-25T11:00:00Z", "channels": {"latest": {"version": "9.9.9"}}}`,
		"with a strange date": `{"fetched": "yesterday"}`,
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := client(t, s)
			keep(t, c, content)
			if got, err := c.Latest(t.Context()); err != nil || got.Latest() != "2.0.9" || got.From != FromNetwork {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	t.Run("with a strange version", func(t *testing.T) {
		c, _ := client(t, s)
		keep(t, c, fmt.Sprintf(`{"address": %q, "fetched": "2026-11-25T11:00:00Z", "channels": {"latest": {"version": "; rm -rf"}}}`, c.address()))
		if got, err := c.Latest(t.Context()); err != nil || got.Latest() != "2.0.9" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("older than this program", func(t *testing.T) {
		c, _ := client(t, s)
		c.Offline = true
		keep(t, c, fmt.Sprintf(`{"address": %q, "fetched": "2026-09-20T11:00:00Z", "channels": {"latest": {"version": "2.0.1"}}}`, c.address()))
		if got, err := c.Latest(t.Context()); err != nil || got.From != FromBuiltin {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func keep(t *testing.T, c *Client, content string) {
	t.Helper()
	if err := os.MkdirAll(c.CacheDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.CacheDir, cacheFile), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestManyWindowsShareTheCacheFolder(t *testing.T) {
	s := serve(t, list)
	one, _ := client(t, s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c := &Client{URL: one.URL, CacheDir: one.CacheDir, Now: one.Now}
			if got, err := c.Refresh(t.Context()); err != nil || got.Latest() != "2.0.9" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	wg.Wait()
	entries, err := os.ReadDir(one.CacheDir)
	if err != nil || len(entries) != 1 || entries[0].Name() != cacheFile {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestAListThatCannotBeKeptIsStillAList(t *testing.T) {
	s := serve(t, list)
	c, _ := client(t, s)
	c.CacheDir = filepath.Join(t.TempDir(), canaryWord)
	if err := os.WriteFile(c.CacheDir, nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	got, err := c.Latest(t.Context())
	if err == nil || got.Latest() != "2.0.9" || got.From != FromNetwork {
		t.Errorf("%+v, %v", got, err)
	}
	if err != nil && strings.Contains(err.Error(), canaryWord) {
		t.Error("the error shows the folder")
	}
	c.CacheDir = ""
	if _, err := c.Latest(t.Context()); err != nil {
		t.Errorf("without a folder: %v", err)
	}
}

const canaryWord = "c4n4ry"

func TestNoErrorShowsTheAddress(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	host := strings.TrimPrefix(closed.URL, "http://")
	for _, base := range []string{
		"http://user:" + canaryWord + "@" + host,
		"http://" + canaryWord + ".invalid",
		"http://%zz" + canaryWord,
		canaryWord + "://x",
		"\x00" + canaryWord,
	} {
		c := &Client{URL: ListURL(lookup(map[string]string{"DBT_CDN_URL": base})), CacheDir: t.TempDir()}
		got, err := c.Latest(t.Context())
		if err == nil || got.From != FromBuiltin {
			t.Fatalf("%+v, %v", got, err)
		}
		if strings.Contains(err.Error(), canaryWord) {
			t.Errorf("an error shows the address (%d bytes)", len(err.Error()))
		}
		content, err := os.ReadFile(filepath.Join(c.CacheDir, cacheFile))
		if err != nil || strings.Contains(string(content), canaryWord) {
			t.Errorf("the kept file shows the address, or is not there: %v", err)
		}
	}
}

func TestListURL(t *testing.T) {
	for base, want := range map[string]string{
		"":                      DefaultURL,
		"https://mirror.test/a": "https://mirror.test/a/versions.json",
		"http://127.0.0.1:1/":   "http://127.0.0.1:1/versions.json",
	} {
		if got := ListURL(lookup(map[string]string{"DBT_CDN_URL": base})); got != want {
			t.Errorf("DBT_CDN_URL=%q gives %q, want %q", base, got, want)
		}
	}
	if got := ListURL(nil); got != DefaultURL {
		t.Errorf("no environment gives %q", got)
	}
}

func FuzzParseList(f *testing.F) {
	f.Add([]byte(sampleList))
	f.Add([]byte(`{"latest": {"tag": "v2.0.9", "date": 5}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		channels, knownBad, err := parseList(body)
		if err != nil {
			return
		}
		for _, version := range knownBad {
			if _, err := ParseVersion(version); err != nil {
				t.Errorf("known bad: %q", version)
			}
		}
		for key, release := range channels {
			if _, err := ParseVersion(release.Version); err != nil {
				t.Errorf("channel %q has version %q", key, release.Version)
			}
		}
	})
}
