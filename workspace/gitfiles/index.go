package gitfiles

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // it names objects, and keeps nothing safe
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// An Entry is what git's index says of one file.
type Entry struct {
	Hash        []byte // of the blob: SHA-1 or SHA-256, by length
	Stage       int    // 0; 1 to 3 for a file whose merge has a conflict
	IntentToAdd bool   // `git add --intent-to-add`: git has the name, and no content
}

// Find returns the first entry of a path, relative to the work tree and with
// "/", in the bytes of an index. It is not found in what is no index of the
// versions 2 to 4.
func Find(index []byte, path string) (Entry, bool) {
	for _, size := range []int{sha1.Size, sha256.Size} {
		if entry, found, valid := find(index, path, size); valid {
			return entry, found
		}
	}
	return Entry{}, false
}

// Holds reports whether an entry is of exactly this content.
func (e Entry) Holds(content []byte) bool {
	blob := append(fmt.Appendf(nil, "blob %d\x00", len(content)), content...)
	if len(e.Hash) == sha256.Size {
		sum := sha256.Sum256(blob)
		return bytes.Equal(e.Hash, sum[:])
	}
	sum := sha1.Sum(blob) //nolint:gosec // git's name of the content
	return bytes.Equal(e.Hash, sum[:])
}

const (
	headerSize   = 12
	statSize     = 40 // times, device, inode, mode, owner, size
	lengthMask   = 0xfff
	extendedFlag = 0x4000
	intentFlag   = 0x2000
)

// find is Find for hashes of one size; an index of the other size is not valid.
func find(index []byte, path string, hashSize int) (entry Entry, found, valid bool) {
	if len(index) < headerSize || string(index[:4]) != "DIRC" {
		return entry, false, false
	}
	version := binary.BigEndian.Uint32(index[4:])
	count := binary.BigEndian.Uint32(index[8:])
	if version < 2 || version > 4 {
		return entry, false, false
	}
	rest := index[headerSize:]
	var name []byte
	for range count {
		if len(rest) < statSize+hashSize+4 {
			return entry, false, false
		}
		whole := rest
		hash := rest[statSize : statSize+hashSize]
		flags := binary.BigEndian.Uint16(rest[statSize+hashSize:])
		rest = rest[statSize+hashSize+2:]
		var more uint16
		if flags&extendedFlag != 0 {
			more, rest = binary.BigEndian.Uint16(rest), rest[2:]
		}
		if version == 4 {
			strip, n := offset(rest)
			if n == 0 || strip > uint64(len(name)) {
				return entry, false, false
			}
			rest, name = rest[n:], name[:uint64(len(name))-strip]
		} else {
			name = name[:0]
		}
		end := bytes.IndexByte(rest, 0)
		if end < 0 {
			return entry, false, false
		}
		name, rest = append(name, rest[:end]...), rest[end+1:]
		if length := int(flags & lengthMask); length != min(len(name), lengthMask) {
			return entry, false, false
		}
		if version < 4 { // filled up to a multiple of eight, with one zero at least
			used := len(whole) - len(rest)
			fill := (8 - used%8) % 8
			if len(rest) < fill {
				return entry, false, false
			}
			rest = rest[fill:]
		}
		if string(name) == path {
			return Entry{Hash: hash, Stage: int(flags>>12) & 3, IntentToAdd: more&intentFlag != 0}, true, true
		}
	}
	return entry, false, len(rest) >= hashSize
}

// offset reads a number of variable length, as git writes it, and returns how
// many bytes it takes: 0 where there is none.
func offset(b []byte) (value uint64, n int) {
	for n < len(b) && n < binary.MaxVarintLen64 {
		c := b[n]
		n++
		value |= uint64(c & 0x7f)
		if c&0x80 == 0 {
			return value, n
		}
		value = (value + 1) << 7
	}
	return 0, 0
}
