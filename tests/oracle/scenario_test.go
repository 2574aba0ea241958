package oracle

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

var (
	scenarios    = flag.Int("scenarios", 1000, "how many generated projects are compared with the engine")
	scenarioSeed = flag.Uint64("scenario-seed", 0, "compare only the scenario of this seed, and print it")
	firstSeed    = flag.Uint64("scenario-first", 1, "the seed of the first generated project")
	keep         = flag.String("scenario-keep", "", "a folder for the shrunk projects of disagreements, as archives")
)

// chunk is how many scenarios are compared before the figures are printed.
const chunk = 1000

// TestScenarios generates projects and compares, for each, what the rules
// claim with what `dbt parse` does:
//
//   - the engine refuses exactly when a finding claims so;
//   - the cause that the engine names is that of a finding, at its place;
//   - a name that the engine misses is one that we call missing;
//   - all of that again with the names set that we call missing.
//
// A project on which they differ is made smaller before it is printed. It
// belongs into testdata/scenarios once its cause is mended.
func TestScenarios(t *testing.T) {
	engine := dbttest.Find(t)
	if *scenarioSeed != 0 {
		s := generate(*scenarioSeed)
		t.Logf("%s\n%s", s.Name, txtar.Format(archive(s)))
		*scenarios, *firstSeed = 1, *scenarioSeed
	}
	var total figures
	shrunk := 0
	start := time.Now()
	for done := 0; done < *scenarios; done += chunk {
		var generated []scenario
		for i := done; i < min(done+chunk, *scenarios); i++ {
			generated = append(generated, generate(*firstSeed+uint64(i)))
		}
		for i, problem := range compare(t, engine, generated, &total) {
			if problem == nil {
				continue
			}
			seed := *firstSeed + uint64(done+i)
			small := generated[i]
			if shrunk++; shrunk <= 40 {
				small = shrink(t, engine, small, problem)
			}
			text := txtar.Format(archive(small))
			save(t, problem, seed, text)
			t.Errorf("seed %d (%s): %s\n%s\n%s", seed, generated[i].Name, problem.kind, problem.detail, text)
		}
		t.Logf("%d scenarios in %.0f s: %s", min(done+chunk, *scenarios), time.Since(start).Seconds(), total.String())
	}
	if *scenarios >= 1000 {
		total.lopsided(t)
	}
}

func save(t *testing.T, p *disagreement, seed uint64, text []byte) {
	if *keep == "" {
		return
	}
	if err := os.MkdirAll(*keep, 0o755); err != nil {
		t.Fatal(err)
	}
	name := strings.NewReplacer(" ", "-", "/", "-", "'", "", ",", "", ":", "").Replace(p.kind)
	if err := os.WriteFile(filepath.Join(*keep, name+"-"+itoa(seed)+".txtar"), append([]byte(p.detail+"\n"), text...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestNamedScenarios compares every project on which the rules and the engine
// once differed.
func TestNamedScenarios(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "scenarios", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	named := make([]scenario, len(paths))
	for i, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		named[i] = unarchive(strings.TrimSuffix(filepath.Base(path), ".txtar"), a)
	}
	var total figures
	for i, problem := range compare(t, dbttest.Find(t), named, &total) {
		if problem != nil {
			t.Errorf("%s: %s\n%s", named[i].Name, problem.kind, problem.detail)
		}
	}
	t.Logf("%d scenarios: %s", len(named), total.String())
}

// compare returns what rules and engine differ in, by scenario.
func compare(t *testing.T, engine *dbttest.Engine, all []scenario, total *figures) []*disagreement {
	t.Helper()
	asked := make([]dbttest.Scenario, len(all))
	predictions := make([]prediction, len(all))
	for i, s := range all {
		asked[i] = s.Scenario
		predictions[i] = predict(t, s)
	}
	problems := make([]*disagreement, len(all))
	var mended []dbttest.Scenario
	var owners []int
	for i, seen := range engine.Batch(t, asked) {
		if seen.Timeout { // on a machine that is busy with something else
			seen = engine.Run(t, patiently(asked[i]))
		}
		problems[i] = judge(predictions[i], seen)
		total.add(predictions[i], seen, problems[i])
		if names := predictions[i].missing; len(names) > 0 && problems[i] == nil {
			mended, owners = append(mended, withSet(all[i].Scenario, names)), append(owners, i)
		}
	}
	for j, seen := range engine.Batch(t, mended) {
		i := owners[j]
		if problem := judge(predict(t, scenario{mended[j], all[i].project}), seen); problem != nil {
			problems[i] = &disagreement{kind: "with names set: " + problem.kind, detail: "set: " + strings.Join(predictions[i].missing, " ") + "\n" + problem.detail}
		}
	}
	return problems
}

// patiently gives a scenario the time of five others.
func patiently(s dbttest.Scenario) dbttest.Scenario {
	s.Timeout = 5 * time.Minute
	return s
}

// withSet adds variables to a scenario's environment.
func withSet(s dbttest.Scenario, names []string) dbttest.Scenario {
	env := map[string]string{}
	for name, value := range s.Env {
		env[name] = value
	}
	for _, name := range names {
		env[name] = "main"
	}
	s.Env = env
	return s
}
