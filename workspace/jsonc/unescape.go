package jsonc

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Unescape decodes a text with escapes, as those of JSON are, from an offset up to
// its closing quote, or to the end of the line without one. It returns for every
// byte, and for the end, where it stands.
func Unescape(s string, from int, quote byte) (decoded string, places []int) {
	var out strings.Builder
	i := from
	for i < len(s) && s[i] != quote && s[i] != '\n' {
		text, length := s[i:i+1], 1
		if s[i] == '\\' && i+1 < len(s) {
			text, length = escape(s[i:])
		}
		for range len(text) {
			places = append(places, i)
		}
		out.WriteString(text)
		i += length
	}
	return out.String(), append(places, i)
}

// escape returns what an escape stands for, and its length.
func escape(s string) (text string, length int) {
	switch s[1] {
	case 'n':
		return "\n", 2
	case 't':
		return "\t", 2
	case 'r':
		return "\r", 2
	case 'b':
		return "\b", 2
	case 'f':
		return "\f", 2
	case 'u':
		first, ok := unit(s)
		if !ok {
			return s[1:2], 2
		}
		if second, ok := unit(s[6:]); ok && utf16.IsSurrogate(first) {
			if whole := utf16.DecodeRune(first, second); whole != utf8.RuneError {
				return string(whole), 12
			}
		}
		return string(first), 6
	}
	return s[1:2], 2
}

// unit reads \uXXXX.
func unit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	code, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(code), err == nil
}
