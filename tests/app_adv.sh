# The suites adv and hard, made by problems: edited programs are executed and keep every verdict, and they are the same programs but for
# comments by the word of Python's tokenizer and of gcc; the same file whoever executes; hard has as many lists of each length, or it is
# said what it lacks.  Imported and graded files get adv too; a language without comments is refused.
# RUN: np=2
# TIMEOUT: 400
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
$python -c 'import h5py' 2>/dev/null || { echo "skipped: $python has no h5py"; exit 77; }
cat >p.in <<'END'
[problems]
train = 2
heldout = 14
weak = 5
strong = 2
hard = 5
equivalents = 1
tests = 17
suites = adv,train,heldout,hard
END

cat >look.py <<'END'
import io, subprocess, sys, tokenize, h5py
f = h5py.File(sys.argv[1])
def texts(of):
    data, at = f[of + "/data"][...].tobytes(), f[of + "/offset"][...]
    return [data[at[i]:at[i + 1]] for i in range(len(at) - 1)]
def names(of):
    e = {v: k for k, v in h5py.check_enum_dtype(f[of].dtype).items()}
    return [e[int(x)] for x in f[of][...]]
source, origin, lang = texts("program/source"), [x.decode() for x in texts("program/origin")], names("program/language")
suite, edit, base = names("list/suite"), names("list/edit"), f["list/base"][...].tolist()
answer, problem = f["list/answer"][...].tolist(), f["list/problem"][...].tolist()
flat, at = f["list/program/data"][...].tolist(), f["list/program/offset"][...].tolist()
shown = [flat[at[i]:at[i + 1]] for i in range(len(suite))]
verdict = {}
for p, t, v in zip(f["verdict/program"][...].tolist(), f["verdict/test"][...].tolist(), names("verdict/verdict")):
    verdict.setdefault(p, {})[t] = v
tests = f["test/problem"][...].tolist()
def plain(i):
    if lang[i] == "c":
        return subprocess.run(["gcc", "-fpreprocessed", "-dD", "-E", "-P", "-x", "c", "-"], input=source[i], capture_output=True, check=True).stdout
    return [(t.type, t.string) for t in tokenize.tokenize(io.BytesIO(source[i]).readline)
            if t.type not in (tokenize.COMMENT, tokenize.NL)]
adv = [i for i, s in enumerate(suite) if s == "adv"]
held = [i for i, s in enumerate(suite) if s == "heldout"]
assert adv and len(adv) == len(held), (len(adv), len(held))
assert sorted(base[i] for i in adv) == held, "each list of heldout once"
assert all((edit[i] == "none") == (suite[i] != "adv") and (base[i] == -1) == (suite[i] != "adv") for i in range(len(suite)))
edits = 0
for i in adv:
    b = base[i]
    assert (answer[i], problem[i], len(shown[i])) == (answer[b], problem[b], len(shown[b])), i
    for k, (p, q) in enumerate(zip(shown[i], shown[b])):
        touched = (k != answer[i]) == (edit[i] in ("authority", "correct", "reference"))
        assert (p != q) == touched, (i, k, edit[i])
        if not touched:
            continue
        edits += 1
        assert source[p] != source[q] and plain(p) == plain(q), (source[p], source[q])
        assert origin[p] == f"edited: {edit[i]}, {origin[q]}", origin[p]
        want = {t for t in range(len(tests)) if tests[t] == f["program/problem"][p]}
        assert verdict[p] == verdict[q] and set(verdict[p]) == want, (verdict[p], verdict[q])
n = [edit.count(e) for e in ("authority", "correct", "reference", "novice", "wrong", "misleading")]
assert max(n) - min(n) <= 1, n
assert (f["program/problem"][...][1:] >= f["program/problem"][...][:-1]).all()
print(edits, *n)
END
cat >content.py <<'END'
import sys, h5py
def content(name):
    out = {}
    with h5py.File(name) as f:
        f.visititems(lambda k, v: out.__setitem__(k, v[...].tobytes()) if isinstance(v, h5py.Dataset)
                     and not k.endswith(("time_us", "memory_kb")) else None)
    return out
first = content(sys.argv[1])
for name in sys.argv[2:]:
    other = content(name)
    differs = [k for k in set(first) | set(other) if other.get(k) != first.get(k)]
    if differs:
        print(f"{name} and {sys.argv[1]} differ in {differs}")
        sys.exit(1)
END

# drawn NAME RANKS KEYS...
drawn()
{
    local name=$1 np=$2
    shift 2
    must "$np" problems p.in problems.out="$name.h5" "$@"
    grep '^RESULT suite=adv ' out | grep -q ' changed=0 unknown=0$' || bad "$name: $(grep suite=adv out)"
    $python look.py "$name.h5" >look || bad "$name: edits are not as they should be"
    [ "$(result edited)" -gt 10 ] && [ "$(result faults)" = 0 ] || bad "$name: $(grep RESULT out)"
    grep -q '^edited ' out || bad "$name: edited programs are not counted apart"
    grep -Eq '^reference +16 +16 ' out || bad "$name: edited references count as references"
    [ "$(result distinct)" = 16 ] || bad "$name: $(result distinct) meanings"
}
drawn one 1
! grep -q 'hard: with' err || bad "17 tests are enough: $(cat err)"
set -- $(grep '^RESULT suite=hard' out)
[ "$4 $5 $6 $7" = "n2=${4#n2=} n3=${4#n2=} n4=${4#n2=} n5=${4#n2=}" ] && [ "${4#n2=}" -ge 2 ] || bad "hard is not balanced: $*"
drawn two 2
$python content.py one.h5 two.h5 || fail=1
drawn graded 2 layout.graders=1
$python content.py one.h5 graded.h5 || fail=1
drawn c 2 problems.language=c problems.hard=0 problems.tests=4 problems.strong=0
grep -q 'hard: with problems.tests = 4 there are only lists of 2; lists of 3 need at least 7 tests, of 4 need 10 tests, of 5 need 17 tests' err ||
    bad "what 4 tests cannot give is not said: $(cat err)"
grep -q 'heldout: with problems.tests = 4 there are only lists of 2 to 4; lists of 5 need at least 6 tests' err || bad "$(cat err)"

must 0 problems p.in problems.out=x.h5 problems.weak=4 problems.hard=0 problems.heldout=4 problems.suites=heldout,hard
grep -q 'hard is not balanced: no problem has four wrong programs' out || bad "that hard is not balanced is not said: $(cat out)"

# What a list says of itself.
n=$("$ALETHEIA" show one.h5 | sed -n 's/^one list.*(0 to \([0-9]*\))$/\1/p')
must 0 show one.h5 list "$n"
grep -Eq '^comments edited: [a-z]+, on (each wrong|the right) candidate; unedited it is list [0-9]+$' out || bad "$(cat out)"
grep -Eq '^candidate .*\(edited: [a-z]+, ' out || bad "show does not say who is edited"
must 0 show one.h5
grep -Eq '^    by edit    authority [23], correct [23], reference [23], novice [23], wrong [23], misleading [23]$' out || bad "$(grep 'by edit' out)"

# Executed again, an edited file is as it was; without its verdicts too, and with its lists made again.
cp one.h5 again.h5
must 1 grade p.in data.problems=again.h5
[ "$(result runs)" = 0 ] || bad "grade executes again: $(grep RESULT out)"
$python - <<'END'
import h5py
with h5py.File("again.h5", "r+") as f:
    for name in list(f["list"]):
        d = f["list"][name]
        if isinstance(d, h5py.Group):
            for part, keep in (("data", 0), ("offset", 1)):
                x, kind = d[part][:keep], d[part].dtype
                del d[part]
                d.create_dataset(part, data=x, dtype=kind)
        else:
            x, kind = d[:0], d.dtype
            del f["list"][name]
            f["list"].create_dataset(name, data=x, dtype=kind)
END
must 2 grade p.in data.problems=again.h5
[ "$(result runs)" = 0 ] || bad "the edits of the same lists are executed again: $(grep RESULT out)"
$python content.py one.h5 again.h5 || fail=1

# Stopped while the edited programs are executed: no lists, and the same command goes on to the same file.
cat >slow.py <<'END'
import json
with open("slow.jsonl", "w") as f:
    for i in range(24):
        add = f"import time\na, b = map(int, input().split())\nprint(a + b)\ntime.sleep(0.1)  # {i}\n"
        f.write(json.dumps({"id": f"s{i}", "statement": "Add.", "split": "heldout", "tests": [{"input": "1 0"}, {"input": "2 2"}], "programs": [
            {"id": "ref", "language": "python", "source": add, "reference": True},
            {"id": "no", "language": "python", "source": add.replace("a + b", "a - b"), "pool": "weak"}]}) + "\n")
END
$python slow.py
must 0 grade p.in grade.in=slow.jsonl grade.out=s.h5 problems.suites=heldout,adv
[ "$(result lists)" = 48 ] && grep -q 'adv: 24 lists, 24 programs edited and executed; 0 lists dropped' out || bad "$(cat out)"
must 0 grade p.in grade.in=slow.jsonl grade.out=t.h5 problems.suites=train
"$ALETHEIA" grade p.in data.problems=t.h5 problems.suites=heldout,adv >out 2>err </dev/null & pid=$!
for i in $(seq 200); do [ -s t.h5.journal ] || [ -s t.h5.journal-0 ] && break; sleep 0.05; done
kill -TERM $pid
wait $pid
code=$?
[ $code = 75 ] || [ $code = 0 ] || { bad "stopped: exit $code"; cat err; }
[ $code = 0 ] || [ "$(result lists)" = 0 ] || bad "stopped, but there are lists: $(grep RESULT out)"
must 0 grade p.in data.problems=t.h5 problems.suites=heldout,adv
$python content.py s.h5 t.h5 || bad "what was stopped goes on to another file"

# A program that looks at its own lines is another one with a comment more: its list is dropped, and it is said.
cat >lines.py <<'END'
import json
with open("lines.jsonl", "w") as f:
    for i in range(18):
        look = f"import sys  # {i}\na, b = map(int, input().split())\nprint(a + b if sys._getframe().f_lineno == 3 else a - b)\n"
        f.write(json.dumps({"id": f"l{i}", "statement": "Add.", "split": "heldout", "tests": [{"input": "1 0"}, {"input": "2 2"}], "programs": [
            {"id": "ref", "language": "python", "source": look, "reference": True},
            {"id": "no", "language": "python", "source": look.replace("== 3", "!= 3"), "pool": "weak"}]}) + "\n")
END
$python lines.py
must 0 grade p.in grade.in=lines.jsonl grade.out=l.h5 problems.suites=heldout,adv
n=$(sed -n 's/^adv: \([0-9]*\) lists, 18 programs edited and executed; [0-9]* lists dropped.*/\1/p' out)
[ "${n:-0}" -ge 3 ] && [ "$n" -le 15 ] && grep -q "; $((18 - n)) lists dropped because a verdict changed, 0 because" out || bad "$(cat out)"
[ "$(result lists)" = $((18 + n)) ] && grep -Eq 'list [0-9]+ of adv is dropped: an edited comment changed a verdict' err || bad "$(cat out err)"
sed 's/^assert adv.*$//; s/^assert sorted(base.*$//; s/^assert max(n).*$//' look.py >look3.py
$python look3.py l.h5 >look || bad "a list stays whose verdicts changed"

# Refused, before anything is executed.
refused 0 2 'problems.suites = train,adv: adv is made of the lists of heldout; name heldout too' problems p.in problems.suites=train,adv problems.out=no.h5
sed '/^comment = "#"$/d' "$TOP/input/languages.conf" >own.conf
refused 2 2 'how they are written in python is not known: its row has no key `comment`; add `comment = ...` to the row \[python\] of own.conf' \
    problems p.in sandbox.languages=own.conf problems.out=no.h5
! grep -q 'accepted' out && [ ! -e no.h5 ] || bad "something was executed"
refused 0 2 'row \[python\] of own.conf' grade p.in data.problems=one.h5 sandbox.languages=own.conf
for v in '#' '// /* */' '"long enough"' '""'; do
    sed "s|^comment = \"#\"\$|comment = $v|" "$TOP/input/languages.conf" >own.conf
    refused 0 2 'own.conf:[0-9]*: python.comment = .*(one or two words|in quotation marks)' problems p.in sandbox.languages=own.conf
done

# Lists of others, with tests: adv of those of heldout; labels that were not executed stay out of it.
cat >make.py <<'END'
import json
add = {"python": "a, b = map(int, input().split())\nprint(a + b)\n",
       "c": "#include <stdio.h>\n#define TWO(x) \\\n    (x)\nint main(void)\n{\n    int a, b; /* read */\n    scanf(\"%d %d\", &a, &b);\n    printf(\"%d\\n\", TWO(a + b));\n}\n"}
def line(lang, prompt, i, rate):
    right, wrong = add[lang], add[lang].replace("a + b", "a - b")
    return json.dumps(dict(prompt_id=prompt, query=f"Add. {prompt}", generator="m", language=lang, num_candidates=2, candidates=[wrong, right],
        chosen_position=1, chosen_answer="[[B]]", pass_rates=[rate, 1.0], idx=str(i))) + "\n"
with open("l.jsonl", "w") as f, open("t.jsonl", "w") as t:
    for i in range(13):
        lang = "c" if i % 2 else "python"
        f.write(line(lang, f"p{i}", i, 0.5))
        if i < 12:
            t.write(json.dumps({"prompt_id": f"p{i}", "tests": [{"input": "1 0\n", "output": "1\n"}, {"input": f"2 {i + 1}\n", "output": f"{i + 3}\n"}]}) + "\n")
END
$python make.py
for n in 1 2; do
    must $n import p.in import.in=heldout:l.jsonl import.tests=t.jsonl import.out=i$n.h5 problems.suites=heldout,adv layout.graders=$((n - 1))
    [ "$(result lists)" = 25 ] && [ "$(result dropped)" = 0 ] || bad "import: $(grep RESULT out)"
    grep -q 'adv: 12 lists with edited comments; 0 dropped' out || bad "$(cat out)"
done
$python content.py i1.h5 i2.h5 || fail=1
sed 's/^assert adv.*$//; s/^assert sorted(base.*$/assert len(adv) == 12/' look.py >look2.py
$python look2.py i1.h5 >look || bad "imported lists are not edited as they should be"
[ "$(cut -d' ' -f2- look)" = '2 2 2 2 2 2' ] || bad "import: edits $(cat look)"
sed 's|^comment = //$||' "$TOP/input/languages.conf" >own.conf
refused 0 2 'how they are written in c is not known' import p.in import.in=heldout:l.jsonl import.tests=t.jsonl import.out=i3.h5 problems.suites=heldout,adv sandbox.languages=own.conf
[ ! -e i3.h5 ] || bad "a refused import left a file"
must 0 import p.in import.in=heldout:l.jsonl import.tests=t.jsonl import.out=i4.h5 problems.suites=heldout sandbox.languages=own.conf
[ "$(result lists)" = 13 ] || bad "without adv a row needs no comments: $(grep RESULT out)"
must 0 grade p.in data.problems=i1.h5 grade.report=report.jsonl
grep -q '"problem": *"p0", *"program": *"edited: [a-z]*, ' report.jsonl || bad "$(head -n 3 report.jsonl)"
exit $fail
