#!/bin/sh
# Fills .env with secrets at the start of a session:
#
#     sh scripts/dbt-env.sh
#
# It asks the secrets manager for what .env.example names, as in
# NAME=op://vault/item/field, and writes the values to the top of .env, where
# dbt v2 takes the first line of a name. All other lines of .env stay as they are.
# No value is shown, and none is given to a program as an argument.
# Written by `dbt-hybrid setup env-script`.
{ set +x; } 2>/dev/null
set -eu
umask 077

template=.env.example
env=.env
first='# >>> dbt-env: secrets, written by scripts/dbt-env.sh'
last='# <<< dbt-env'

newline='
'
return=$(printf '\r')
bom=$(printf '\357\273\277')
name='' reference='' value='' names=' ' block='' count=0 work='' inside=''

die() {
	printf 'dbt-env: %s\n' "$1" >&2
	exit 1
}

# need PROGRAM STORE
need() {
	command -v "$1" >/dev/null 2>&1 || die "$name is kept in $2, and there is no program \"$1\" on the search path to ask it. Nothing is changed."
}

# take COMMAND…: what it prints becomes the value, to the last byte.
take() {
	value=$("$@" && printf x) || die "$name: \"$1\" does not give the secret, see its message above. Nothing is changed."
	value=${value%x}
}

# resolve sets the value of a reference. It fails where the text is none.
resolve() {
	case $reference in
	op://?*)
		need op 1Password
		take op read --no-newline "$reference"
		;;
	*) return 1 ;;
	esac
}

# split LINE sets the name and the reference of a line of an environment file. It
# fails where the line is no assignment.
split() {
	line=${1%"$return"}
	line=${line#"$bom"}
	line=${line#"${line%%[! 	]*}"}
	case $line in
	'export '*) line=${line#export } && line=${line#"${line%%[! 	]*}"} ;;
	esac
	case $line in
	[A-Za-z_]*=*) ;;
	*) return 1 ;;
	esac
	name=${line%%=*} reference=${line#*=}
	name=${name%"${name##*[! 	]}"}
	reference=${reference#"${reference%%[! 	]*}"}
	case $name in
	*[!A-Za-z0-9_.]*) return 1 ;;
	esac
	case $reference in
	\'*) reference=${reference#\'} && reference=${reference%%\'*} ;;
	\"*) reference=${reference#\"} && reference=${reference%%\"*} ;;
	*) reference=${reference%%[ 	]#*} && reference=${reference%"${reference##*[! 	]}"} ;;
	esac
}

# quote writes the value as dbt reads it back: in single quotes where they do,
# else in double quotes with escapes.
quote() {
	rest=$value
	while :; do
		case $rest in
		*'\\') rest=${rest%'\\'} ;;
		*) break ;;
		esac
	done
	single=yes
	case $value in *\'*) single='' ;; esac
	case $rest in *'\') single='' ;; esac # an odd one at the end would keep the quote open
	if [ -n "$single" ]; then
		value="'$value'"
		return
	fi
	value=$(printf '%s\n' "$value" | LC_ALL=C sed 's/[\\"$]/\\&/g' && printf x)
	value=${value%x}
	value=\"${value%"$newline"}\"
}

# keep LINE END: what stays of .env.
keep() {
	line=$1
	case ${line%"$return"} in
	"$first" | "$bom$first")
		inside=1
		return
		;;
	"$last")
		[ -z "$inside" ] || {
			inside=''
			return
		}
		;;
	esac
	[ -z "$inside" ] || return 0
	if split "$1"; then
		case $names in
		*" $name "*) is_reference "$reference" && return ;; # which dbt would take for a value
		esac
	fi
	line=${1#"$bom"}
	printf '%s%s' "$line" "$2"
}

is_reference() {
	case $1 in
	op://?*) return 0 ;;
	esac
	return 1
}

CDPATH='' cd -- "$(dirname -- "$0")/.."
[ -f "$template" ] || die "there is no $template, which names the secrets."

# Where .env really is.
hops=0
while [ -L "$env" ]; do
	hops=$((hops + 1))
	[ "$hops" -lt 20 ] || die '.env is a link that leads nowhere.'
	link=$(readlink "$env")
	case $link in
	/*) env=$link ;;
	*) env=$(dirname -- "$env")/$link ;;
	esac
done
if [ -e "$env" ]; then
	[ -f "$env" ] || die '.env is not a regular file.'
	LC_ALL=C tr -d '\000' <"$env" | cmp -s - "$env" || die '.env holds NUL bytes: save it as UTF-8 first.'
fi
if command -v git >/dev/null 2>&1; then
	ignored=0
	git check-ignore -q "$env" 2>/dev/null || ignored=$?
	[ "$ignored" -ne 1 ] || die 'git would commit .env: add it to .gitignore first, and untrack it if git holds it. Nothing is changed.'
fi

# All secrets first: either all of them arrive, or nothing is changed.
while IFS= read -r line <&3 || [ -n "$line" ]; do
	split "$line" || continue
	case $names in
	*" $name "*) continue ;;
	esac
	is_reference "$reference" || continue
	value=''
	resolve || continue
	[ -n "$value" ] || die "$name: the secret is empty. Nothing is changed."
	if command -v iconv >/dev/null 2>&1; then
		printf '%s' "$value" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 || die "$name: the secret is not a text in UTF-8. Nothing is changed."
	fi
	case $newline$value$newline in
	*"$newline$last$newline"* | *"$newline$last$return$newline"*)
		die "$name: the secret holds the line \"$last\", which ends the secrets in .env. Nothing is changed."
		;;
	esac
	quote
	block=$block$name=$value$newline
	names="$names$name "
	count=$((count + 1))
done 3<"$template"
[ "$count" -gt 0 ] || die "$template names no secret. Nothing is changed."

# Git takes nothing from a folder named .git, so that nothing can be committed
# even if this is killed half way.
trap '[ -z "$work" ] || rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM
work=$(mktemp -d "$(dirname -- "$env")/.dbt-env.XXXXXX")
mkdir "$work/.git"
{
	printf '%s\n%s%s\n' "$first" "$block" "$last"
	if [ -e "$env" ]; then
		while IFS= read -r line <&3; do keep "$line" "$newline"; done 3<"$env"
		[ -z "$line" ] || keep "$line" ''
	fi
} >"$work/.git/env"
[ -z "$inside" ] || die "the line \"$last\" of .env is gone: remove the secrets above by hand. Nothing is changed."
chmod 600 "$work/.git/env"
mv -f -- "$work/.git/env" "$env"
printf 'dbt-env: .env holds %s from the secrets manager.\n' "$([ "$count" -eq 1 ] && echo '1 value' || echo "$count values")"
