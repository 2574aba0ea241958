package generate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

const (
	modelsPerFolder   = 100
	modelsPerCall     = 50
	modelsPerProperty = 20
	// medianModel is the usual size of a model in bytes, as in public projects.
	medianModel = 1900
)

// Project writes a dbt project with that many models into the folder, which it
// creates. One model in fifty reads a variable, one properties file describes
// twenty models, and `.env` sets every variable that is read, so dbt parses it.
func Project(folder string, models int, seed uint64) error {
	files := map[string]string{
		"dbt_project.yml": "name: shop\nversion: \"1.0.0\"\nprofile: shop\n\nmodels:\n  shop:\n    +materialized: view\n",
		"profiles.yml":    Profiles(0),
		".env":            Env(Dense, 4+models/modelsPerCall, seed),
		".gitignore":      ".env\nlogs/\ntarget/\ndbt_packages/\ndbt_internal_packages/\n",
		"macros/cents.sql": `{% macro cents_to_units(column) -%}
    cast({{ column }} / 100.0 as decimal(18, 2))
{%- endmacro %}
`,
	}
	for name, content := range files {
		if err := write(filepath.Join(folder, name), content); err != nil {
			return err
		}
	}
	random := rand.New(rand.NewPCG(seed, uint64(models)))
	var described []int
	for n := range models {
		if err := write(filepath.Join(folder, modelFolder(n), modelName(n)+".sql"), Model(n, random)); err != nil {
			return err
		}
		described = append(described, n)
		if len(described) == modelsPerProperty || n == models-1 {
			path := filepath.Join(folder, modelFolder(n), fmt.Sprintf("_models_%06d.yml", n))
			if err := write(path, properties(described)); err != nil {
				return err
			}
			described = nil
		}
	}
	return nil
}

// Model returns the SQL of the n-th model.
func Model(n int, random *rand.Rand) string {
	size := int(medianModel * math.Exp(0.8*random.NormFloat64()))
	from := "(select 1 as id, 2 as amount)"
	if n > 0 {
		from = fmt.Sprintf("{{ ref('%s') }}", modelName(random.IntN(n)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "with source as (\n    select * from %s\n),\n\nchanged as (\n    select\n        id,\n", from)
	if n%modelsPerCall == 0 {
		fmt.Fprintf(&b, "        '{{ env_var(\"%s\") }}' as setting,\n", Variable(2+n/modelsPerCall))
	}
	for column := 0; b.Len() < min(size, 40*medianModel); column++ {
		switch column % 4 {
		case 0:
			fmt.Fprintf(&b, "        {{ cents_to_units('amount') }} as amount_%03d,\n", column)
		case 1:
			fmt.Fprintf(&b, "        case when amount > %d then 'large' when amount > %d then 'usual' else 'small' end as size_%03d,\n", 100+column, column, column)
		case 2:
			fmt.Fprintf(&b, "        -- counted from the start of the month in which the order came in\n        cast(amount + %d as integer) as day_%03d,\n", column, column)
		default:
			fmt.Fprintf(&b, "        coalesce(nullif(trim(cast(amount as varchar)), ''), 'unknown') as text_%03d,\n", column)
		}
	}
	b.WriteString("        amount\n    from source\n)\n\nselect * from changed\n")
	return b.String()
}

func properties(models []int) string {
	var b strings.Builder
	b.WriteString("version: 2\n\nmodels:\n")
	for _, n := range models {
		fmt.Fprintf(&b, "  - name: %s\n    description: What step %d of the way leaves for the next one.\n    columns:\n      - name: id\n        description: The key of the row\n", modelName(n), n)
	}
	return b.String()
}

// Properties returns the n-th of a list of properties files of about 10 KB, which
// describes sources, with or without a call in every tenth table.
func Properties(n int, calls bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 2\n\nsources:\n  - name: raw_%03d\n    database: lake\n    tables:\n", n)
	for table := 0; b.Len() < 10_000; table++ {
		fmt.Fprintf(&b, "      - name: table_%03d\n        description: What came in on day %d, as it was sent.\n", table, table)
		if calls && table%10 == 0 {
			fmt.Fprintf(&b, "        identifier: \"{{ env_var('%s', 'raw') }}_%d\"\n", Variable(table/10), table)
		}
		b.WriteString("        columns:\n          - name: id\n            description: The key of the row\n")
	}
	return b.String()
}

func modelName(n int) string { return fmt.Sprintf("model_%06d", n) }

func modelFolder(n int) string {
	return filepath.Join("models", fmt.Sprintf("area_%04d", n/modelsPerFolder))
}

func write(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}
