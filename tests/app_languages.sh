#!/bin/bash
# The table of languages as the commands read it: exec runs every language that is there, and says what is wrong.
# RUN: np=1
. "$TOP/tests/shell.sh"

cat >sum.c <<'EOF'
#include <stdio.h>
int main(void) { int a, b; scanf("%d %d", &a, &b); printf("%d\n", a + b); }
EOF
cat >sum.cpp <<'EOF'
#include <bits/stdc++.h>
int main() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }
EOF
cat >Main.java <<'EOF'
import java.util.*;
public class Main { public static void main(String[] x) { Scanner s = new Scanner(System.in); System.out.println(s.nextInt() + s.nextInt()); } }
EOF
cat >sum.rs <<'EOF'
use std::io::*;
fn main() { let mut s = String::new(); stdin().read_to_string(&mut s).unwrap();
    println!("{}", s.split_whitespace().map(|x| x.parse::<i64>().unwrap()).sum::<i64>()); }
EOF
echo 7 >want
echo 'print(7)' >seven.py
on 0 exec python seven.py
! grep -q 'none: ' err || { echo "skipped: $(cat err)"; exit 77; }

# language NAME FILE   accepted, or refused because its tool-chain is not there
language()
{
    echo 3 4 | "$ALETHEIA" exec "$1" "$2" --expect want >out 2>err
    code=$?
    if [ $code = 2 ]; then
        one_message 2 "language $1: .* is not installed|language $1: .* sandbox" "$1"
    else
        [ $code = 0 ] && grep -q '"verdict": "accepted"' out || { bad "$1: exit $code"; cat out err; }
    fi
}
language c sum.c
language cpp sum.cpp
language java Main.java
language rust sum.rs
refused 0 2 'no language `cobol`; the table .* has python, c, cpp, java, rust' exec cobol sum.c

cat >own.conf <<'EOF'
[c]
file    = main.c
compile = no-such-compiler {source}
run     = ./main
version = no-such-compiler --version
[bourne]
file    = main.sh
run     = sh main.sh
version = echo shell 1
EOF
echo 'read a b; echo $((a + b))' >sum.sh
refused 0 2 'language c: no-such-compiler is not installed' exec c sum.c sandbox.languages=own.conf
echo 3 4 | "$ALETHEIA" exec bourne sum.sh --expect want sandbox.languages=own.conf >out 2>err
grep -q '"verdict": "accepted"' out || { bad "a language of one's own"; cat out err; }

printf '[c]\nfile = main.c\ncolour = red\n' >bad.conf
refused 0 2 'bad.conf:3: \[c\] has no key colour' exec c sum.c sandbox.languages=bad.conf
refused 0 2 'none.conf: cannot read' exec c sum.c sandbox.languages=none.conf

# Problem files with programs of an absent language are refused, those of others are not.
cat >one.jsonl <<'EOF'
{"statement": "Add.", "tests": [{"input": "3 4\n", "output": "7\n"}], "programs": [{"language": "c", "source": "int main(void) { return 1; }", "reference": true}]}
EOF
refused 1 3 'one.jsonl:1: field programs: program #1/1 is in c, which cannot be executed here: language c: no-such-compiler.*problem #1' \
    grade /dev/null grade.in=one.jsonl grade.out=one.h5 sandbox.languages=own.conf
[ ! -e one.h5 ] || bad "a file was made"
must 1 grade /dev/null grade.in=one.jsonl grade.out=one.h5
refused 1 2 '1 programs in c cannot be executed here: language c: no-such-compiler' grade /dev/null data.problems=one.h5 sandbox.languages=own.conf
must 1 grade /dev/null data.problems=one.h5 sandbox.languages=own.conf grade.skip_bad=yes grade.report=one.out
[ "$(result failed) $(result runs)" = '1 0' ] && grep -q '^{"problem":"#1","failed":"program #1/1 is in c,' one.out || bad "skipped: $(cat out one.out)"

# What the program holds is the file that lies beside it.
cmp -s <(strings -n 3 "$ALETHEIA" 2>/dev/null | grep -c 'compile = g++ -O2') <(echo 1) || ! command -v strings >/dev/null ||
    bad "the table is not in the program"
exit $fail
