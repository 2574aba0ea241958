package dotenv

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Update reads a content that an edit made of that of another file, and what both
// have in common. The result is that of Parse; what stands before and behind the
// edit is taken over, so that a key in a long file costs little more than its line.
func Update(before *File, content []byte, common text.Common) *File {
	f := newFile(content)
	u := update{File: f, before: before, same: common.Head, tail: common.Tail, delta: len(content) - len(before.Content)}
	if !u.run() {
		f.parse()
	}
	return f
}

// update reads a File anew with the help of what was before.
type update struct {
	*File
	before *File
	same   int // length of what both begin with, in bytes
	tail   int // length of what both end with
	delta  int // how far the tail has moved

	// Which of Entries were taken over from behind the edit, and by how many places
	// they have moved.
	behindEdit [2]int
	shift      int
}

// run reports false where nothing may be taken over. An entry above the stop
// follows from the bytes of its own line alone. One below, and where dbt stops,
// may follow from all that comes: a quote may close there.
func (u *update) run() bool {
	f, old := u.File, u.before
	kept := sort.Search(old.loaded, func(i int) bool { return old.Entries[i].Line().End > u.same })
	if kept > 0 && !strings.HasSuffix(old.text[:old.Entries[kept-1].Line().End], "\n") {
		kept-- // the last line may go on
	}
	i := f.begin()
	if kept > 0 {
		i = old.Entries[kept-1].Line().End
	}
	tail := len(f.text) - u.tail
	if f.valid = old.valid && utf8.ValidString(f.text[i:lineEnd(f.text, max(i, tail))]); !f.valid {
		return false
	}
	f.Encoding, f.CROnly = encodingOf(f.Content, true), onlyCR(f.text)
	f.Entries = make([]Entry, 0, len(old.Entries)+1)
	if kept > 0 {
		u.takeOver(0, kept, 0, false)
		f.Commented = append(f.Commented, old.Commented[:startAt(old.Commented, i)]...)
	}
	for i < len(f.text) {
		if i >= tail {
			if i = u.behind(i); i == len(f.text) {
				break
			}
		}
		i = f.line(i)
	}
	f.finish()
	if u.sameNames(kept) {
		f.names = old.names
	}
	return true
}

// behind takes over what was found behind the edit, if the line at i is one that
// began an entry before. It returns where to read on: at the end, or at the line
// where dbt stops now and did not before.
func (u *update) behind(i int) int {
	f, old := u.File, u.before
	from := i - u.delta
	first := startAt(old.Entries, from)
	if first == len(old.Entries) || old.Entries[first].Line().Start != from {
		return i
	}
	unread, _ := slices.BinarySearch(old.unread, from)
	end := len(old.text)
	if f.Stop == nil && unread < len(old.unread) {
		end = old.unread[unread]
	}
	u.shift, u.behindEdit[0] = len(f.Entries)-first, len(f.Entries)
	u.takeOver(first, startAt(old.Entries, end), u.delta, f.Stop != nil)
	u.behindEdit[1] = len(f.Entries)
	f.Commented = moved(f.Commented, old.Commented[startAt(old.Commented, from):startAt(old.Commented, end)], u.delta, false)
	if f.Stop != nil {
		for _, at := range old.unread[unread:] {
			f.unread = append(f.unread, at+u.delta)
		}
	}
	return end + u.delta
}

// takeOver appends to Entries those of the file before from one up to another, which
// stand further on now.
func (u *update) takeOver(from, to, delta int, lost bool) {
	f, old := u.File, u.before
	shift := len(f.Entries) - from
	first, _ := slices.BinarySearch(old.odd, from)
	for _, i := range old.odd[first:] {
		if i >= to {
			break
		}
		f.odd = append(f.odd, i+shift)
	}
	f.Entries = moved(f.Entries, old.Entries[from:to], delta, lost)
}

// moved appends entries that stand delta bytes further on.
func moved(all, entries []Entry, delta int, lost bool) []Entry {
	from := len(all)
	all = append(all, entries...)
	for i := from; i < len(all); i++ {
		all[i].shift(int32(delta))
		all[i].Lost = lost
	}
	return all
}

func (e *Entry) shift(delta int32) {
	e.line, e.lineEnd = e.line+delta, e.lineEnd+delta
	e.key, e.keyEnd = e.key+delta, e.keyEnd+delta
	e.value, e.valueEnd = e.value+delta, e.valueEnd+delta
	if e.commentEnd > 0 {
		e.comment, e.commentEnd = e.comment+delta, e.commentEnd+delta
	}
}

// startAt returns which entry is the first that begins at an offset or behind it.
func startAt(entries []Entry, offset int) int {
	i, _ := slices.BinarySearchFunc(entries, offset, func(e Entry, offset int) int { return cmp.Compare(e.Line().Start, offset) })
	return i
}

// sameNames reports whether the entries have the names that they had before. Those
// before kept have, and those behind the edit if they are where they were.
func (u *update) sameNames(kept int) bool {
	now, before := u.Entries, u.before.Entries
	if len(now) != len(before) {
		return false
	}
	if u.shift != 0 {
		u.behindEdit = [2]int{}
	}
	same := func(a, b Entry) bool { return u.Name(&a) == u.before.Name(&b) }
	return slices.EqualFunc(now[kept:max(kept, u.behindEdit[0])], before[kept:max(kept, u.behindEdit[0])], same) &&
		slices.EqualFunc(now[max(kept, u.behindEdit[1]):], before[max(kept, u.behindEdit[1]):], same)
}
