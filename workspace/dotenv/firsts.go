package dotenv

import (
	"hash/maphash"
	"math/bits"
	"strings"
	"sync"
)

// names says of every name where it stands first. The table holds places in
// Entries only, so that it serves all files whose entries have the same names,
// as those that come one after the other while somebody types.
type names struct {
	once    sync.Once
	seed    maphash.Seed
	table   []place // by hash; its length is a power of two
	mask    uint32  // the bits of a place that say which entry
	byEntry []int32 // of each entry, the first of its name; nil where each name stands once
	twice   int     // the first entry whose name stood before; the number of entries without one

	prefixed sync.Map // by prefix, a function that gives the entries whose names begin with it
}

// A place is one in Entries, counted from 1, and above that as many bits of the
// hash of the name there as have room: a name is hardly ever compared with another.
// The zero value is none.
type place uint32

// place makes a place of the i-th entry, whose name has a hash.
func (n *names) place(hash uint64, i int) place { return place(uint32(hash>>32)&^n.mask | uint32(i+1)) }

func (n *names) entry(p place) int { return int(uint32(p)&n.mask) - 1 }

// like reports whether the name at a place may have a hash.
func (n *names) like(p place, hash uint64) bool { return (uint32(p)^uint32(hash>>32))&^n.mask == 0 }

func (f *File) index() *names {
	f.names.once.Do(func() { f.names.find(f) })
	return f.names
}

// find looks at all entries of a file.
func (n *names) find(f *File) {
	entries := f.Entries
	n.seed, n.table = maphash.MakeSeed(), make([]place, 1<<bits.Len(uint(len(entries)+len(entries)/2)))
	clear(n.table) // a page that is written before it is read costs one fault, not two
	n.twice, n.mask = len(entries), 1<<bits.Len(uint(len(entries)))-1
	// Hashes first, then places: a loop that only looks places up lets the processor
	// wait for many of them at once, and the table of a long file is slow to reach.
	var hashes [128]uint64
	for from := 0; from < len(entries); from += len(hashes) {
		to := min(from+len(hashes), len(entries))
		for i := from; i < to; i++ {
			hashes[i-from] = maphash.String(n.seed, f.Name(&entries[i]))
		}
		for i := from; i < to; i++ {
			n.add(f, i, hashes[i-from])
		}
	}
}

// add notes the i-th entry, whose name has a hash.
func (n *names) add(f *File, i int, hash uint64) {
	first := i
	if slot := n.slot(f, f.Name(&f.Entries[i]), hash); *slot == 0 {
		*slot = n.place(hash, i)
	} else {
		first = n.entry(*slot)
		n.repeated(len(f.Entries), i)
	}
	if n.byEntry != nil {
		n.byEntry[i] = int32(first)
	}
}

// repeated notes that the i-th of some entries has the name of one before.
func (n *names) repeated(entries, i int) {
	if n.byEntry != nil {
		return
	}
	n.twice, n.byEntry = i, make([]int32, entries)
	for k := range i {
		n.byEntry[k] = int32(k)
	}
}

// slot returns where the table holds a name with a hash, or would.
func (n *names) slot(f *File, name string, hash uint64) *place {
	last := uint64(len(n.table) - 1)
	for at := hash & last; ; at = (at + 1) & last {
		slot := &n.table[at]
		if *slot == 0 || n.like(*slot, hash) && f.Name(&f.Entries[n.entry(*slot)]) == name {
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
	n := f.index()
	i = n.entry(*n.slot(f, name, maphash.String(n.seed, name)))
	return max(i, 0), i >= 0
}

// FirstOf returns which of Entries is the first of the name of the i-th, above
// the stop or below it.
func (f *File) FirstOf(i int) int {
	if n := f.index(); n.byEntry != nil {
		return int(n.byEntry[i])
	}
	return i
}

// Prefixed returns which of Entries have a name that begins with a prefix. They are
// found once for all files with the same names.
func (f *File) Prefixed(prefix string) []int {
	find := func() []int {
		var found []int
		for i := range f.Entries {
			if strings.HasPrefix(f.Name(&f.Entries[i]), prefix) {
				found = append(found, i)
			}
		}
		return found
	}
	once, ok := f.names.prefixed.Load(prefix)
	if !ok {
		once, _ = f.names.prefixed.LoadOrStore(prefix, sync.OnceValue(find))
	}
	return once.(func() []int)()
}

// HasDuplicates reports whether a name stands above the stop twice.
func (f *File) HasDuplicates() bool { return f.index().twice < f.loaded }

// SameNames reports whether both files are known to have entries with the same
// names in the same order.
func (f *File) SameNames(other *File) bool { return f.names == other.names }
