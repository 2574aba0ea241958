package oracle_test

// jinjaExpressions has one expression a line.
const jinjaExpressions = `
1+1
'a' ~ 1
env_var('S')|upper
7/2
7//2
-7//2
-7%3
7%-3
7.5//2
-7.5//2
5 % 2.5
true + 1
'a' if 0 else 'b'
1 if false
1 if true else 2 if false else 3
[1,2][0]
(1,2)
{'a':1}.a
{'a':1}['a']
{'a':1}.b
{'a':1}.a.b
{'a':1}.get('b')
{'a':1}.get('b',2)
{'a':1}.get('a',2)
{'a': 1, 'a': 2}
{1:2}[1]
nobody
nobody.x
nobody ~ 'x'
nobody == none
nobody == nobody2
nobody is defined
nobody|default('d')
nobody|length
nobody|upper
nobody|as_number
none|default('d')
''|default('d')
''|default('d', true)
none ~ ''
true ~ ''
1.0 ~ ''
1e20 ~ ''
(0.1+0.2) ~ ''
1e-7 ~ ''
[1,'a',none,true,1.5,{'a':1}] ~ ''
{'a':1,'b':'x'} ~ ''
(1,2) ~ ''
(1,) ~ ''
['it"s', "it's"] ~ ''
'12'|int
'x'|int
'1.9'|int
' 12 '|int
'0x1F'|int
'0b11'|int
'-0x10'|int
'1_000'|int
'+5'|int
'1e3'|int
'1,5'|int
''|int
'nan'|int
'12abc'|int
'abc'|int(7)
'abc'|int(default=7)
true|int
1.9|int
-1.9|int
none|int
'1.5'|float
'x'|float
none|float
'5'|float
5|float
'5'|as_number
'5.5'|as_number
'-5'|as_number
'+5'|as_number
'007'|as_number
' 5 '|as_number
''|as_number
'99999999999'|as_number
5.5|as_number
none|as_number
'true'|as_bool
'True'|as_bool
'TRUE'|as_bool
'false'|as_bool
'False'|as_bool
'1'|as_bool
'yes'|as_bool
1|as_bool
none|as_bool
5|as_text
true|as_text
none|as_text
1.5|as_text
'x'|as_native
none|as_native
' a b '|trim
'xax'|trim('x')
'aXb'|replace('X','-')
'abc'|replace('', '-')
5|replace('5','6')
'abc'|length
[1,2]|length
{'a':1}|length
5|string
true|string
none|string
1.5|string
{'a':[1,true,none]}|tojson
'a"b'|tojson
'<&>'|tojson
"it's é\t"|tojson
nobody|reverse
tojson({'a':1})
[1,2]|join(',')
['a','','b']|join('-')
['','b']|join('-')
'abc'|join('-')
'a,b'|split(',')
'a b'.split()
'a,b'.split(',')
'a,b,c'.split(',')[1]
'abc'.upper()
'abc'|title
'ab-cd ef'|title
'abc DEF'|capitalize
'ß'|upper
5|upper
none|upper
true|lower
'abc'[1]
'abc'[-1]
'abc'[5]
'abc'[:2]
'abc'[::-1]
'abc'[3:1]
'abc'[-2:]
'abc'[:-1]
'abcdef'[1:4]
'abcdef'[::2]
'abc'[-5:]
[1,2,3][1:]
[1,2,3][-1]
[1,2,3][7]
[1,2,3][::2]
'a' < 'b'
'b' > 1
none < 1
1 < 2.5
1 < 2 < 3
true < 2
1 == 1.0
1 == '1'
1 == true
'a' == 'a'
none == none
[1] == [1]
[1] == [1.0]
{'a':1} == {'a':1}
'a' in 'abc'
'' in 'abc'
1 in '1'
1 in [1.0]
'a' in ['a','b']
'a' not in ['a','b']
'a' in {'a':1}
'a' in none
not 'a'
not none is none
not not 1
'' or 'x'
'a' and 'b'
none or false
'x' is string
'1' is number
1 is number
1 is integer
1.0 is integer
1.0 is float
none is none
{} is mapping
'' is sequence
[] is sequence
true is boolean
'abc' is startingwith('a')
'abc' is endingwith 'c'
3 is odd
3 is even
3 is divisibleby 3
5 is divisibleby(5)
1 is eq 1
1 is ne 1
1 is lt 2
2 is gt 1
'a' is in ['a']
'A' is upper
'a' is lower
'x' is not none
'%05d' % 3
'%s-%s' % ('a','b')
'%d%%' % 3
'abc'.startswith('a')
'abc'.endswith('c')
'abc'.strip('a')
' a '.strip()
'abc'.lstrip('a')
'abc'.replace('a','b')
'abc'.count('a')
'abc'.find('a')
'5'.isdigit()
'5a'.isnumeric()
','.join(['a','b'])
[3,1,2]|sort
['b','A','a']|sort
[1,2]|first
[1,2]|last
[]|first
'abc'|first
[1,2]|sum
[1,1,'a']|unique|list
[1,2]|reverse
'abc'|reverse
'abc'|list
[1,2,3]|max
[1,2,3]|min
range(3)|list
range(1,4)|list
range(1,9,3)|list
dict(a=1)
namespace(a=1).a
{'a':1}|items|list
{'a':1}.items()|list
{'a':1}.keys()|list
{'a':1}.values()|list
{'a':1}|list
1|abs
-1|abs
-1.5|abs
1.55|round(1)
2.5|round
-2.5|round
3|round
'a\\nb'|length
'a\nb'
'\u0041\ud83d\ude00'
'a\qb'
"a\"b"
'a' 'b'
'a' 'b' ~ 'c'
('a' 'b')|upper
1_000
0x10
0o17
0b101
1.
1.5e3
1E2
5 ~ 5
'a' + 'b' ~ 'c'
2**-1
2**0.5
2**3**2
-2**2
10/2
1/0
-1/0
'a'*3
2*'a'
[1]*2
[1]+[2]
(1,)+(2,)
+5
9223372036854775807 + 1
100000000000000000000
modules.os
target.name
target.schema
execute
env_var('N')|int + 1
env_var('E') or 'x'
env_var('E', 'd')
env_var('S') == 'abc'
env_var('S')[0:2]
env_var('M').split(',')
env_var('M').split(',') | length
env_var('SP')|trim
env_var('SUM')
env_var('SUM')|length
env_var('NESTED')
env_var('COMMENT')
env_var('RAW')
env_var('NAMELESS')
env_var('BRACES')
env_var('IF')
env_var('DEEP')
env_var('BROKEN')
env_var('GONE')
env_var('GONE', none)
env_var('GONE', None)
env_var('GONE', default=none)
env_var('GONE', nobody)
env_var('GONE', 5) + 1
env_var('GONE', 5.5)
env_var('GONE', true)
env_var('GONE', [1,2])
env_var('GONE', {'a': 1})
env_var('GONE', '')
env_var('GONE', '{{ 1+1 }}')
env_var('GONE', default='x')
env_var(var='S')
env_var(var='GONE', default='b')
env_var(default='x', var='GONE')
env_var('S', 'a', 'b')
env_var('S', foo=1)
env_var('S', env_var('GONE'))
env_var('GONE', env_var('S'))
env_var('GONE', env_var('GONE2', 'z'))
env_var('GONE', env_var('GONE2'))
env_var('GO' ~ 'NE', 'z')
env_var('GO' 'NE', 'z')
env_var('S' ~ '')
env_var ( 'S' , 'y' )
env_var(*['S'])
env_var(**{'var': 'S'})
env_var(*['GONE', 'q'])
env_var(5)
env_var(none)
env_var()
env_var('')
env_var('', 'd')
env_var('s', 'case')
env_var('_DBT_X', 'a')
env_var('DBT_ENV_SECRET_X', 'a')
env_var('GONE') | default('d')
env_var('GONE') is defined
'a' + env_var('GONE')
env_var('GONE') if false else 'x'
env_var('GONE') if env_var('GONE', false) else 3
env_var('S') | int if env_var('S', false) else 3
'x' or env_var('GONE')
'' and env_var('GONE')
'' or env_var('GONE')
true and env_var('GONE')
[env_var('GONE')]
{'a': env_var('GONE')}
{env_var('GONE'): 1}
nobody|default(env_var('GONE'))
'x'|default(env_var('GONE'))
log(env_var('GONE'))
log('x')
print('x')
plain()
plain()|upper
echo(1)
echo(1, 2)
echo(b=1, a=2)
echo('x', b=none)
echo()
p.echo(1)
needs()
lazy(false)
lazy(true)
lazy(env_var('E'))
gives(5)
gives([1])
gives(none)
given(4)
given('ab')
maybe_gives(1)
maybe_gives(2)
with_default()
with_default(1)
count_down(3)
lateral(1)
lateral(1, 2)
extra(1, 2, k='v')
dispatched()
only_default()
when_execute()
env_name('S')
env_name('GONE')
shadow('v')
context['plain']()
is_incremental()
true and 'x'
`

// jinjaTemplates has one model a line. Left out: {% block %}, on which the engine
// panics, and a call of env_var by another name ({% set f = env_var %}), which
// the engine makes and we do not follow.
const jinjaTemplates = `
select {{ env_var('GONE') }}
select -- {{ env_var('GONE') }}
select /* {{ env_var('GONE') }} */ 1
select {# {{ env_var('GONE') }} #} 1
select {#- {{ env_var('GONE') }} -#} 1
select {% raw %}{{ env_var('GONE') }}{% endraw %} 1
select {%- raw -%}{{ env_var('GONE') }}{%- endraw -%} 1
select env_var('GONE')
select {{ "env_var('GONE')" }}
select {{ 'x' }} {{- env_var('GONE') -}} 1
select {{ env_var('A1', 'x') }}{{ env_var('A2') }}{{ env_var('A3') }}
{% set env_var = none %}select {{ env_var('GONE') }} 1
{% set x = env_var('GONE') %}select 1
{% set x %}{{ env_var('GONE') }}{% endset %}select 1
{% do env_var('GONE') %}select 1
{% if env_var('GONE') %}{% endif %}select 1
{% if false %}{{ env_var('GONE') }}{% endif %}select 1
{% if false %}{% elif env_var('GONE') %}{% endif %}select 1
{% if true %}{% elif env_var('GONE') %}{% endif %}select 1
{% if true %}{% else %}{{ env_var('GONE') }}{% endif %}select 1
{% if execute %}{{ env_var('GONE') }}{% endif %}select 1
{% if not execute %}{{ env_var('GONE') }}{% endif %}select 1
{% if execute and env_var('GONE') %}{% endif %}select 1
{% if env_var('GONE') and execute %}{% endif %}select 1
{% if is_incremental() %}{{ env_var('GONE') }}{% endif %}select 1
{% if env_var('E') %}{{ env_var('G1') }}{% else %}{{ env_var('G2') }}{% endif %}select 1
{% if env_var('S', '') == 'abc' %}{{ env_var('G1') }}{% else %}{{ env_var('G2') }}{% endif %}select 1
{% if target.name == 'prod' %}{{ env_var('G1') }}{% endif %}select 1
{% for x in [] %}{{ env_var('GONE') }}{% endfor %}select 1
{% for x in [] %}{% else %}{{ env_var('GONE') }}{% endfor %}select 1
{% for x in [1] %}{{ env_var('GONE') }}{% endfor %}select 1
{% for x in ['S', 'GONE'] %}{{ env_var(x) }}{% endfor %}select 1
{% for x in [1, 2, 3] if x > 3 %}{{ env_var('GONE') }}{% endfor %}select 1
{% for x in [1, 2, 3] if x > 2 %}{{ env_var('GONE') }}{% endfor %}select 1
{% for x in env_var('M').split(',') %}{% if x == 'c' %}{{ env_var('GONE') }}{% endif %}{% endfor %}select 1
{% for x in [1, 2] %}{% if loop.last %}{{ env_var('GONE') }}{% endif %}{% endfor %}select 1
{% for x in [1, 2] %}{% if loop.index == 3 %}{{ env_var('GONE') }}{% endif %}{% endfor %}select 1
{% for k, v in {'a': 'GONE'}.items() %}{{ env_var(v) }}{% endfor %}select 1
{% for x in nobody %}{{ env_var('GONE') }}{% endfor %}select 1
{% for x in 'ab' %}{% if x == 'b' %}{{ env_var('GONE') }}{% endif %}{% endfor %}select 1
{% set s = 'a' %}{% for x in [1] %}{% set s = 'b' %}{% endfor %}{% if s == 'b' %}{{ env_var('GONE') }}{% endif %}select 1
{% set ns = namespace(s='a') %}{% for x in [1] %}{% set ns.s = 'b' %}{% endfor %}{% if ns.s == 'b' %}{{ env_var('GONE') }}{% endif %}select 1
{% set s = 'a' %}{% if true %}{% set s = 'b' %}{% endif %}{% if s == 'b' %}{{ env_var('GONE') }}{% endif %}select 1
{% set s = 'a' %}{% with s = 'b' %}{% endwith %}{% if s == 'b' %}{{ env_var('GONE') }}{% endif %}select 1
{% with s = 'b' %}{% if s == 'b' %}{{ env_var('GONE') }}{% endif %}{% endwith %}select 1
{% set a, b = 'x', 'y' %}{% if b == 'y' %}{{ env_var('GONE') }}{% endif %}select 1
{% set (a, b) = ('x', 'y') %}{% if a == 'x' %}{{ env_var('GONE') }}{% endif %}select 1
{% set l = [] %}{% do l.append('GONE') %}{% for x in l %}{{ env_var(x) }}{% endfor %}select 1
{% set d = {} %}{% do d.update({'a': 'GONE'}) %}{{ env_var(d.a) }}select 1
{% set x | upper %}gone{% endset %}{{ env_var(x) }}select 1
{% filter upper %}{{ env_var('GONE') }}{% endfilter %}select 1
{% call wrap() %}{{ env_var('GONE') }}{% endcall %}select 1
{% call no_wrap() %}{{ env_var('GONE') }}{% endcall %}select 1
{% call(n) wrap_twice() %}{% if n == 2 %}{{ env_var('GONE') }}{% endif %}{% endcall %}select 1
{% call(n) wrap_twice() %}{% if n == 3 %}{{ env_var('GONE') }}{% endif %}{% endcall %}select 1
{% macro inner() %}{{ env_var('GONE') }}{% endmacro %}select 1
{% macro inner() %}{{ env_var('GONE') }}{% endmacro %}select {{ inner() }}
{% macro inner(x) %}{{ x }}{% endmacro %}select {{ inner(env_var('GONE')) }}
{% macro inner(env_var) %}{{ env_var }}{% endmacro %}select {{ inner(1) }}
{% set s = 'q' %}{% macro inner() %}{{ s }}{% endmacro %}{% if inner() == 'q' %}{{ env_var('GONE') }}{% endif %}select 1
{% set s = 'q' %}{% if outer_names() == 'q' %}{{ env_var('GONE') }}{% endif %}select 1
{{ config(enabled=false) }}select {{ env_var('GONE') }}
{{ config(enabled=False) }}select {{ env_var('GONE') }}
{{ config(enabled=true) }}select {{ env_var('GONE') }}
{{ config(enabled='true') }}select {{ env_var('GONE') }}
{{ config(enabled='True') }}select {{ env_var('GONE') }}
{{ config(enabled='false') }}select {{ env_var('GONE') }}
{{ config(enabled='nope') }}select {{ env_var('GONE') }}
{{ config(enabled='') }}select {{ env_var('GONE') }}
{{ config(enabled=env_var('F')|as_bool) }}select {{ env_var('GONE') }}
{{ config(enabled=env_var('F')) }}select {{ env_var('GONE') }}
{{ config(enabled=env_var('T')) }}select {{ env_var('GONE') }}
{{ config(enabled=env_var('T') == 'false') }}select {{ env_var('GONE') }}
{{ config({'enabled': false}) }}select {{ env_var('GONE') }}
{{ config(**{'enabled': false}) }}select {{ env_var('GONE') }}
{{ config(enabled=0) }}select {{ env_var('GONE') }}
{{ config(materialized='table') }}select {{ env_var('GONE') }}
{% if true %}{{ config(enabled=false) }}{% endif %}select {{ env_var('GONE') }}
select {{ env_var('GONE') }}{{ config(enabled=false) }}
{{ config(enabled=false, meta={'a': env_var('GONE')}) }}select 1
{% do config(enabled=false) %}select {{ env_var('GONE') }}
{{ config(meta={'a': "{{ env_var('GONE') }}"}) }}select 1
{{ config(post_hook="{{ env_var('GONE') }}") }}select 1
{% set t = "{{ env_var('GONE') }}" %}select 1
select {{ get_env_var('GONE') }}
select {{ x.env_var('GONE') }}
select {{ builtins.env_var('GONE') }}
select {{ context['env_var']('GONE') }}
select {{ 'GONE' | env_var }}
select {{ ['GONE'] | map('env_var') | list }}
select {{ env_var('GONE'
select {{ needs() }}
select {{ p.needs() }}
select {{ lazy(target.name == 'dev') }}
select {{ nobody() }}{{ env_var('GONE') }}
{{ exceptions.raise_compiler_error('x') }}{{ env_var('GONE') }}
{{ return(1) }}{{ env_var('GONE') }}
{% do return(1) %}{{ env_var('GONE') }}
{% if this.name == 'x' %}{{ env_var('GONE') }}{% endif %}select 1
{{ log(env_var('GONE'), info=true) }}select 1
{% print env_var('GONE') %}select 1
{% for x in [1, 2] %}{% break %}{{ env_var('GONE') }}{% endfor %}select 1
{% for x in [1, 2] %}{% continue %}{{ env_var('GONE') }}{% endfor %}select 1
{% if env_var('S') is string and env_var('N')|int > 4 %}{{ env_var('GONE') }}{% endif %}select 1
{% if env_var('DEEP', 'x') %}{% endif %}select 1
`
