package dotenv

import (
	"hash/maphash"
	"math/bits"
)

// firsts says of every name where it stands first. It is made again at every
// key in a file, with keys that Go's map would copy: the table only holds places
// in Entries.
type firsts struct {
	entries []Entry
	seed    maphash.Seed
	table   []int32 // a place in entries + 1 by hash, 0 for none; its length is a power of two
	byEntry []int   // of each entry, the first of its name
	loaded  int     // how many entries stand above the stop
	twice   bool    // a name stands above the stop twice
}

func (f *File) findFirsts() firsts {
	n := len(f.Entries)
	found := firsts{
		entries: f.Entries, seed: maphash.MakeSeed(), table: make([]int32, 2<<bits.Len(uint(n))),
		byEntry: make([]int, n), loaded: n - len(f.Stopped()),
	}
	for i := range f.Entries {
		slot := found.slot(f.Entries[i].Name)
		if *slot == 0 {
			*slot = int32(i + 1)
		} else {
			found.twice = found.twice || i < found.loaded
		}
		found.byEntry[i] = int(*slot) - 1
	}
	return found
}

// slot returns where the table holds a name, or would.
func (f *firsts) slot(name string) *int32 {
	mask := uint64(len(f.table) - 1)
	for at := maphash.String(f.seed, name) & mask; ; at = (at + 1) & mask {
		if slot := &f.table[at]; *slot == 0 || f.entries[*slot-1].Name == name {
			return slot
		}
	}
}

// First returns which of Entries sets a name for dbt: its first line above the
// stop.
func (f *File) First(name string) (i int, ok bool) {
	all := f.firsts()
	i = int(*all.slot(name)) - 1
	return max(i, 0), i >= 0 && i < all.loaded
}

// FirstOf returns which of Entries is the first of the name of the i-th, above
// the stop or below it.
func (f *File) FirstOf(i int) int { return f.firsts().byEntry[i] }

// HasDuplicates reports whether a name stands above the stop twice.
func (f *File) HasDuplicates() bool { return f.firsts().twice }
