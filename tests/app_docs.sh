# README.md and docs/*.md taken at their word (docs.py says how): every name in them exists, every example that does not
# say why not is run as it stands, and what it prints is what the page shows.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
tree()      # what a fresh clone has, in the folder $1
{
    local folder
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
[ "$(cut -d: -f 2 names | tr '\n' ' ')" = '2 2 3 3 3 3 3 3 29 ' ] || bad "mistakes in names: $(cat names)"
(cd wrong && $python "$TOP/tests/docs.py" run . docs/page.md && echo "no exit code") >shown
[ "$(grep -o '^docs/page.md:[0-9]*' shown | cut -d: -f 2 | tr '\n' ' ')" = '13 16 19 26 ' ] || bad "mistakes in examples: $(cat shown)"

# The pages, two at a time.
pages=$(cd "$TOP" && echo README.md docs/*.md)
$python "$TOP/tests/docs.py" names "$TOP" "$ALETHEIA" $pages src/README.md analysis/README.md || fail=1
page()
{
    local folder began=$SECONDS
    folder=$(basename "$1")
    tree "$folder"
    (cd "$folder" && $python "$TOP/tests/docs.py" run "$TOP" "$1") >"$folder.said" 2>&1 || : >"$folder.bad"
    [ -z "${DOCS_TIMES:-}" ] || echo "$1 $((SECONDS - began)) s"
}
for name in $pages; do
    [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
    page "$name" &
done
wait
cat ./*.said
[ -z "$(ls ./*.bad 2>/dev/null)" ] || fail=1
exit $fail
