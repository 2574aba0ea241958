// Package generate writes dbt projects, env files and profiles of any size for
// the benchmarks. The same arguments give the same bytes.
package generate

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Shape says what the lines of an env file look like.
type Shape string

const (
	// Clean has groups of ten plain assignments below a comment.
	Clean Shape = "clean"
	// Mixed has every way to write a value that dbt can read.
	Mixed Shape = "mixed"
	// Dense has plain assignments only, without comment or empty line.
	Dense Shape = "dense"
)

// Env returns an env file of the given number of lines, which dbt reads to its
// end. The first variables are those of Variable(0), Variable(1) and so on.
func Env(shape Shape, lines int, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, uint64(lines)))
	var b strings.Builder
	b.Grow(lines * 40)
	variable := 0
	for line := range lines {
		switch {
		case shape == Dense:
		case line%12 == 0:
			fmt.Fprintf(&b, "# Group %d of the settings\n", line/12)
			continue
		case line%12 == 11:
			b.WriteByte('\n')
			continue
		}
		b.WriteString(assignment(shape, Variable(variable), random))
		b.WriteByte('\n')
		variable++
	}
	return b.String()
}

// Variable returns the name of the n-th variable.
func Variable(n int) string {
	areas := [...]string{"WAREHOUSE", "SOURCE", "ALERT", "EXPORT", "LAKE", "SALES", "FINANCE"}
	return fmt.Sprintf("DBT_%s_%05d", areas[n%len(areas)], n)
}

func assignment(shape Shape, name string, random *rand.Rand) string {
	value := word(random)
	if shape != Mixed {
		return name + "=" + value
	}
	switch random.IntN(8) {
	case 0:
		return "export " + name + "=" + value
	case 1:
		return name + "='" + value + " and more'"
	case 2:
		return name + `="` + value + `\nand more"`
	case 3:
		return name + "=" + value + " # what it is for"
	case 4:
		return name + "=${" + Variable(0) + "}/" + value
	case 5:
		return name + " = " + value
	case 6:
		return name + "=https://" + value + ".example.com/path?a=b#c"
	default:
		return name + `='{"key": "` + value + `"}'`
	}
}

// word returns a value of 4 to 40 letters and digits.
func word(random *rand.Rand) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_-./"
	b := make([]byte, 4+random.IntN(37))
	b[0] = letters[random.IntN(26)]
	for i := range b[1:] {
		b[i+1] = letters[random.IntN(len(letters))]
	}
	return string(b)
}
