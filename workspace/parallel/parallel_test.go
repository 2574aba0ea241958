package parallel_test

import (
	"sync/atomic"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/parallel"
)

// TestEach: every call is made once, and all of them before Each returns.
func TestEach(t *testing.T) {
	for n := range 70 {
		for _, chunk := range []int{1, 2, 7, 64, 1000} {
			calls := make([]atomic.Int32, n)
			parallel.Each(n, chunk, func(i int) { calls[i].Add(1) })
			for i := range calls {
				if got := calls[i].Load(); got != 1 {
					t.Fatalf("%d in chunks of %d: %d is called %d times", n, chunk, i, got)
				}
			}
		}
	}
}
