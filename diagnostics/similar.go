package diagnostics

import "strings"

// similar returns the candidate that a misspelt name most likely means, "" when
// none is close: a quarter of the letters that differ may be wrong, after the
// words that both begin with. Case does not count.
func similar(name string, candidates []string) string {
	best, found := len(name), ""
	for _, c := range candidates {
		if c == name {
			continue
		}
		a, b := withoutCommonWords(strings.ToLower(name), strings.ToLower(c))
		if max(len(a), len(b))-min(len(a), len(b)) > (len(a)+1)/4 {
			continue // that many letters are wrong at least
		}
		if d := distance(a, b); d <= (len(a)+1)/4 && d < best {
			best, found = d, c
		}
	}
	return found
}

// withoutCommonWords cuts the words, each with the _ behind it, that both names
// begin with: DBT_USER and DBT_PORT are not similar because of DBT_.
func withoutCommonWords(a, b string) (restA, restB string) {
	cut := 0
	for i := 0; i < min(len(a), len(b)) && a[i] == b[i]; i++ {
		if a[i] == '_' {
			cut = i + 1
		}
	}
	return a[cut:], b[cut:]
}

// distance is the number of bytes to insert, delete, replace or swap with their
// neighbour to make b of a (Damerau and Levenshtein, in its simple form).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
