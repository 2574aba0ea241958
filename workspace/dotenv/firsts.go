package dotenv

import (
	"hash/maphash"
	"math/bits"
	"sync"
)

// names says of every name where it stands first. The table holds places in
// Entries only, so that it serves all files whose entries have the same names,
// as those that come one after the other while somebody types.
type names struct {
	once    sync.Once
	seed    maphash.Seed
	table   []int32 // a place in Entries + 1 by hash, 0 for none; its length is a power of two
	byEntry []int32 // of each entry, the first of its name
	twice   int     // the first entry whose name stood before; the number of entries without one
}

// Index finds out which entries have the same name, before anybody asks.
func (f *File) Index() { f.index() }

func (f *File) index() *names {
	f.names.once.Do(func() { f.names.find(f.Entries) })
	return f.names
}

func (n *names) find(entries []Entry) {
	n.seed, n.table = maphash.MakeSeed(), make([]int32, 2<<bits.Len(uint(len(entries))))
	clear(n.table) // a page that is written before it is read costs one fault, not two
	n.byEntry, n.twice = make([]int32, len(entries)), len(entries)
	for i := range entries {
		slot := n.slot(entries, entries[i].Name)
		if *slot == 0 {
			*slot = int32(i + 1)
		} else {
			n.twice = min(n.twice, i)
		}
		n.byEntry[i] = *slot - 1
	}
}

// slot returns where the table holds a name, or would.
func (n *names) slot(entries []Entry, name string) *int32 {
	mask := uint64(len(n.table) - 1)
	for at := maphash.String(n.seed, name) & mask; ; at = (at + 1) & mask {
		if slot := &n.table[at]; *slot == 0 || entries[*slot-1].Name == name {
			return slot
		}
	}
}

// First returns which of Entries sets a name for dbt: its first line above the
// stop.
func (f *File) First(name string) (i int, ok bool) {
	i, ok = f.Find(name)
	return i, ok && i < f.loaded
}

// Find returns which of Entries is the first with a name, above the stop or below
// it.
func (f *File) Find(name string) (i int, ok bool) {
	i = int(*f.index().slot(f.Entries, name)) - 1
	return max(i, 0), i >= 0
}

// FirstOf returns which of Entries is the first of the name of the i-th, above
// the stop or below it.
func (f *File) FirstOf(i int) int { return int(f.index().byEntry[i]) }

// HasDuplicates reports whether a name stands above the stop twice.
func (f *File) HasDuplicates() bool { return f.index().twice < f.loaded }

// SameNames reports whether both files are known to have entries with the same
// names in the same order.
func (f *File) SameNames(other *File) bool { return f.names == other.names }
