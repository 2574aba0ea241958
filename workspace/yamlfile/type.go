package yamlfile

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Type is the type that dbt v2 gives a value. It is not always what other YAML
// readers say: 0123 and yes are texts.
type Type uint8

// The types. Tagged is a tag without a value, which fits no field; a tag of
// one's own changes nothing else.
const (
	Null Type = iota
	Bool
	Int
	Float
	String
	List
	Map
	Tagged
)

// String returns the name of the type.
func (t Type) String() string {
	return [...]string{"Null", "Bool", "Int", "Float", "String", "List", "Map", "Tagged"}[t]
}

// TypeOf returns what a rendered text becomes when dbt v2 parses it again, as
// it does with every value of profiles.yml that contains Jinja
// (dbt-profile/src/resolve.rs). What is invalid as YAML stays a text.
func TypeOf(rendered string) Type {
	if isBareWord(rendered) {
		return plainType(rendered)
	}
	start := 0
	if strings.HasPrefix(rendered, bom) {
		start = len(bom)
	}
	if _, message := badCharacter(rendered, start); message != "" || len(rendered) > MaxSize {
		return String
	}
	p := parse(rendered, start, false)
	if p.err != nil {
		return String
	}
	f := &File{Root: p.root}
	f.check(p, false)
	if f.Refused() {
		return String
	}
	return p.root.Type()
}

// isBareWord reports whether a text is letters, digits and underscores, a letter
// first: nothing in it means anything to YAML.
func isBareWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != "" && len(s) <= MaxSize
}

// plainType is the type of a scalar without quotes (dbt-yaml/src/de.rs).
func plainType(s string) Type {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return Null
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return Bool
	}
	// Numbers begin with a digit, a sign or a point.
	if c := s[0]; c > '9' || c < '+' || c == ',' || c == '/' {
		return String
	}
	if _, ok := parseInt(s); ok {
		return Int
	}
	if _, ok := parseFloat(s); ok {
		return Float
	}
	return String
}

// parseInt reads a whole number of up to 128 bits, as 0x, 0o, 0b or decimal.
func parseInt(s string) (*big.Int, bool) {
	digits, sign := s, ""
	if s != "" && (s[0] == '+' || s[0] == '-') {
		digits, sign = s[1:], s[:1]
	}
	if zeros(digits) {
		return nil, false
	}
	base := 10
	if len(digits) > 1 && digits[0] == '0' {
		switch digits[1] {
		case 'x':
			base = 16
		case 'o':
			base = 8
		case 'b':
			base = 2
		}
	}
	if base != 10 {
		digits = digits[2:]
	}
	if digits == "" || hex(digits[0]) < 0 { // an underscore or a second sign
		return nil, false
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if u, err := strconv.ParseUint(digits, base, 63); err == nil {
		i := big.NewInt(int64(u))
		if sign == "-" {
			i.Neg(i)
		}
		return i, true
	}
	if strings.ContainsAny(digits, "+-") || len(digits) > 128 {
		return nil, false
	}
	i, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, false
	}
	if sign == "-" {
		i.Neg(i)
		return i, new(big.Int).Not(i).BitLen() <= 127
	}
	return i, i.BitLen() <= 128
}

// representable reports whether dbt has a number type for a whole number. One
// of more than 64 bits is an error, where it stands in a file.
func representable(i *big.Int) bool { return i.IsInt64() || i.IsUint64() }

// zeros reports whether digits are a text because they begin with a zero.
func zeros(digits string) bool {
	return len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "0123456789") == ""
}

func parseFloat(s string) (float64, bool) {
	switch s {
	case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF":
		return math.Inf(1), true
	case "-.inf", "-.Inf", "-.INF":
		return math.Inf(-1), true
	case ".nan", ".NaN", ".NAN":
		return math.NaN(), true
	}
	digits := s
	if s != "" && (s[0] == '+' || s[0] == '-') {
		digits = s[1:]
	}
	if digits == "" || zeros(digits) || digits[0] != '.' && hex(digits[0]) < 0 {
		return 0, false
	}
	if strings.Trim(digits, ".0123456789eE+-_") != "" {
		return 0, false // also what only Go takes: 0x1p4, inf
	}
	value, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return value, err == nil
}
