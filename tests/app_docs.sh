# README.md and docs/*.md taken at their word (docs.py says how): every name in them exists, every example that does not
# say why not is run as it stands, and what it prints is what the page shows.
# RUN: np=2
# TIMEOUT: 400
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
tree()      # what a fresh clone has, in the folder $1
{
    mkdir -p "$1/bin"
    for folder in input jobs analysis; do ln -s "$TOP/$folder" "$1/$folder"; done
    ln -s "$ALETHEIA" "$1/bin/aletheia"
    "$ALETHEIA" grade --doctor >/dev/null 2>&1 && return
    rm "$1/bin/aletheia"       # without user namespaces: what a person would have to add there
    cat >"$1/bin/aletheia" <<END
#!/bin/sh
case \$1 in problems | grade | import | train | exec) set -- "\$@" sandbox.allow_degraded=yes ;; esac
exec "$ALETHEIA" "\$@"
END
    chmod +x "$1/bin/aletheia"
}

# The test itself: each of these mistakes is found, at its line, and nothing else is.
tree wrong
cat >wrong/page.md <<'END'
# A page
[no file](none.md), [no heading](page.md#nowhere), [good](page.md#a-page), [README](../README.md)
`run.sead` and `run.seed`, `[recipe] grup`, `aletheia grede DECK`, `--expcet` and `--expect`, `input/none.in`, `make chekc`
The file `a.txt`:
```json
1 seconds=7 x
```
```sh
cat a.txt
```
```text
1 seconds=8 ...
2
```
<!-- not run: -->
```sh
false
```
```sh
false
```
<!-- not run: needs nothing -->
```sh
false
```
```python
nameless
```
    make check
END
mkdir -p wrong/docs && : >wrong/README.md && cp wrong/page.md wrong/docs/page.md && ln -s "$TOP/Makefile" "$TOP/src" "$TOP/tests" wrong
(cd wrong && $python "$TOP/tests/docs.py" names . "$ALETHEIA" docs/page.md && echo "no exit code") >names
[ "$(cut -d: -f 2 names | tr '\n' ' ')" = '2 2 3 3 3 3 3 3 31 ' ] || bad "mistakes in names: $(cat names)"
(cd wrong && $python "$TOP/tests/docs.py" run . docs/page.md && echo "no exit code") >shown
[ "$(grep -o '^docs/page.md:[0-9]*' shown | cut -d: -f 2 | tr '\n' ' ')" = '13 16 19 26 ' ] || bad "mistakes in examples: $(cat shown)"

# The pages.
pages=$(cd "$TOP" && echo README.md docs/*.md)
$python "$TOP/tests/docs.py" names "$TOP" "$ALETHEIA" $pages src/README.md analysis/README.md || fail=1
for page in $pages; do
    began=$SECONDS
    tree "$(basename "$page")"
    (cd "$(basename "$page")" && $python "$TOP/tests/docs.py" run "$TOP" "$page") || fail=1
    [ -z "${DOCS_TIMES:-}" ] || echo "$page $((SECONDS - began)) s" >&2
done
exit $fail
