package diagnostics

// similar returns the candidate that a misspelt name most likely means, "" when
// none is close: a quarter of its letters may differ.
func similar(name string, candidates []string) string {
	best, found := len(name)/4+1, ""
	for _, c := range candidates {
		if c == name {
			continue
		}
		if d := distance(name, c); d < best {
			best, found = d, c
		}
	}
	return found
}

// distance is the number of bytes to insert, delete or replace to make b of a
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
