# Whatever is wrong with a problem file, with JSON lines or with the place where they lie: one message that names it, a documented exit
# code, the old file untouched; tests of 50 MB and outputs that only the reference knows are graded.
# RUN: np=2
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
: >e.in
sum='"programs":[{"language":"python","source":"print(sum(map(int, input().split())))","reference":true},{"language":"python","source":"print(3)"}]'
tests='"tests":[{"input":"1 2"},{"input":"3 4","output":"7"}]'
good="{\"statement\":\"sum\",$tests,$sum}"

# line TEXT PATTERN [WHERE]   JSON lines with TEXT as the second: refused with a message that names it; nothing is made
line()
{
    printf '%s\n%s\n' "$good" "$1" >l.jsonl
    refused 0 3 "l.jsonl:${3:-2}: $2" grade e.in grade.in=l.jsonl grade.out=l.h5
    [ ! -e l.h5 ] || { bad "$2: a file was made"; rm l.h5; }
    [ ! -e l.h5.lock ] || { bad "$2: a lock is left"; rm l.h5.lock; }
}

line 'x'                                      'not JSON.*column'
line '[1]'                                    'a JSON object was expected'
line "{$sum}"                                 'field tests: a list was expected, found nothing'
line "{$tests}"                               'field programs: a list was expected, found nothing'
line "{\"tests\":[],$sum}"                    'field tests: empty; at least one test'
line "{$tests,\"programs\":[]}"               'field programs: empty; at least one program'
line "{\"tests\":[{\"input\":5}],$sum}"       'field tests\[0\].input: a text was expected, found a whole number'
line "{\"tests\":[{\"input\":\"\",\"checker\":\"magic\"}],$sum}"  'field tests\[0\].checker: no checker `magic`; known: tokens, exact'
line "{$tests,\"programs\":[{\"language\":\"cobol\",\"source\":\"\"}]}"  'field programs\[0\].language: "cobol" is not known; one of python, c,'
line "{$tests,\"programs\":[{\"source\":\"\"}]}"                  'field programs\[0\].language: missing; one of python'
line "{$tests,\"programs\":[{\"language\":\"c\"}]}"               'field programs\[0\].source: missing; a text was expected'
line "{$tests,\"programs\":[{\"language\":\"c\",\"source\":\"\"}]}"  'field tests: test 1 has no output, and no program says "reference": true'
line "{\"time_ms\":0,$tests,$sum}"            'field time_ms: 0 is outside 10 to 600000'
line "{\"statement\":\"a\u0000b\",$tests,$sum}"  'field statement: it holds a NUL byte; only input, output and source may'
line "{\"id\":\"#1\",$tests,$sum}"            'the id "#1" is that of line 1 already; ids must be unique'
line "{$tests,\"programs\":[{\"id\":\"a\",\"language\":\"c\",\"source\":\"\",\"reference\":true},{\"id\":\"a\",\"language\":\"c\",\"source\":\"\"}]}"  'the id "#2/a" is that of line 2 already'
line "{\"tests\":[{\"call\":\"assert f(1) == 2\"}],\"programs\":[{\"language\":\"c\",\"source\":\"\"}]}"  'field programs\[0\].language: "c", but tests that are calls are for python'
: >l.jsonl
refused 0 3 'l.jsonl: no problems in it' grade e.in grade.in=l.jsonl grade.out=l.h5
refused 0 3 'nothing.jsonl: cannot be read: No such file' grade e.in grade.in=nothing.jsonl grade.out=l.h5
refused 0 2 'grade.in is set, but grade.out is not' grade e.in grade.in=l.jsonl
refused 0 2 'data.problems is not set' grade e.in

# Good lines: outputs come from the reference, also those of 50 MB of input; fields that nobody reads are named once.
$python - <<END2
import json
size = '''import sys
print(len(sys.stdin.buffer.read()))'''
with open("g.jsonl", "w") as f:
    f.write('$good\n\n')
    f.write(json.dumps({"id": "big", "tests": [{"input": "0123456789abcde\n" * 3276800}], "hint": 1, "time_ms": 20000,
        "programs": [{"id": n, "language": "python", "source": s, "reference": n == "ref", "hint": 1}
                     for n, s in (("ref", size), ("off", size.replace("read()", "read()[1:]")))]}) + "\n")
END2
must 2 grade e.in grade.in=g.jsonl grade.out=g.h5 grade.report=g.out
grep -q 'field hint is not known' err && [ "$(grep -c 'hint' err)" = 1 ] || bad "a field left alone: $(grep hint err)"
[ "$(tail -n 2 g.out)" = '{"problem":"big","program":"ref","language":"python","pool":"reference","tests":1,"verdicts":{"accepted":1},"pass_rate":1.0}
{"problem":"big","program":"off","language":"python","pool":"imported","tests":1,"verdicts":{"wrong_answer":1},"pass_rate":0.0}' ] ||
    bad "50 MB of input: $(cat g.out)"
grep -q '"problem":"#1","program":"2",.*"verdicts":{"accepted":1,"wrong_answer":1},"pass_rate":0.5' g.out || bad "the sums: $(head -n 2 g.out)"
echo "$good" >h.jsonl
refused 0 3 'g.h5: is there already, with other problems than h.jsonl' grade e.in grade.in=h.jsonl grade.out=g.h5
must 0 grade e.in grade.in=h.jsonl grade.out=h.h5 grade.report=h.out

# A reference that fails, or says two things.
# Its problem is named, its outputs stay unknown, nobody is executed on them, and the others are graded; exit code 0.
sed 's/{"statement"/{"id":"bad","statement"/;s/print(sum/raise(sum/' h.jsonl >f.jsonl
cat h.jsonl >>f.jsonl
sed 's/{"statement"/{"id":"two","statement"/;s/print(sum(/import time; print(time.time_ns(), sum(/' h.jsonl >>f.jsonl
for n in 1 2; do
    must $n grade e.in grade.in=f.jsonl grade.out=f.h5 grade.report=f.out
    [ "$(result failed) $(result incomplete) $(result faults) $(result skipped)" = '2 4 0 0' ] || bad "failing references: $(grep RESULT out)"
    grep -q 'problem bad: its reference bad/1 on test 1: runtime_error: TypeError: exceptions must' err || bad "a reference that fails: $(cat err)"
    grep -q 'problem two: its reference two/1 on test 1: two runs printed different outputs' err || bad "a reference that says two things: $(cat err)"
    [ "$(tail -n 2 f.out | cut -d: -f 1-4)" = '{"problem":"bad","failed":"its reference bad/1 on test 1: runtime_error
{"problem":"two","failed":"its reference two/1 on test 1: two runs printed different outputs"}' ] || bad "the report: $(cat f.out)"
    [ "$(sed -n 3,4p f.out | tr '\n' ' ')" = "$(sed 's/"#1"/"#2"/' h.out | tr '\n' ' ')" ] || bad "the problem between: $(cat f.out)"
    grep -q '"problem":"bad","program":"2",.*"tests":2,"verdicts":{"wrong_answer":1},"pass_rate":null' f.out || bad "its programs: $(cat f.out)"
done

# Files that are none of ours, or not whole.
: >empty.h5
echo text >text.h5
head -c 20000 h.h5 >cut.h5
for file in empty.h5:'the file is empty' text.h5:'not an HDF5 file' cut.h5:'truncated or damaged' none.h5:'No such file'; do
    sum=$(cksum "${file%%:*}" 2>&1)
    refused 2 3 "${file%%:*}: .*${file#*:}" grade e.in data.problems=${file%%:*}
    [ "$sum" = "$(cksum "${file%%:*}" 2>&1)" ] || bad "$file was touched"
    [ ! -e "${file%%:*}.lock" ] || bad "$file: a lock is left"
done
if $python -c 'import h5py' 2>/dev/null; then
    cp h.h5 new.h5
    cp h.h5 lang.h5
    $python - <<'END2'
import h5py, numpy
with h5py.File("new.h5", "r+") as f:
    f.attrs["version"] = numpy.int64(99)
with h5py.File("lang.h5", "r+") as f:
    d = f["program/language"]
    names = dict(h5py.check_enum_dtype(d.dtype), cobol=99)
    x = d[:]
    del f["program/language"]
    x[1] = 99
    f.create_dataset("program/language", data=x, dtype=h5py.enum_dtype(names, "i1"))
END2
    refused 0 3 'new.h5: written by a newer program: version 99' grade e.in data.problems=new.h5
    refused 0 3 'lang.h5: program/language holds the value 99 \(cobol\), which this program does not know' grade e.in data.problems=lang.h5
fi

# Folders that cannot be written, and a disk that is full when the file is to be written.
if [ "$(id -u)" = 0 ] && mkdir disk && mount -t tmpfs -o size=4m tmpfs disk 2>/dev/null; then
    trap 'umount disk' EXIT
    touch disk/d.h5.stop
    on 0 grade e.in grade.in=h.jsonl grade.out=disk/d.h5
    dd if=/dev/zero of=disk/filler bs=1k count=$(($(df --output=avail -k disk | tail -n 1) - 40)) 2>/dev/null
    sum=$(cksum <disk/d.h5)
    refused 2 4 'disk/d.h5: could not be written.*(space|full)' grade e.in data.problems=disk/d.h5
    [ "$sum" = "$(cksum <disk/d.h5)" ] || bad "the old file was harmed by a full disk"
    rm disk/filler
    must 2 grade e.in data.problems=disk/d.h5
    [ "$(result runs)" = 0 ] && [ "$(result incomplete)" = 0 ] || bad "after a full disk: $(grep ^RESULT out)"
    mount -o remount,ro disk
    refused 0 3 'disk/d.h5: the file cannot be locked.*Read-only' grade e.in data.problems=disk/d.h5
    refused 0 3 'disk/n.h5: the file cannot be locked.*Read-only' grade e.in grade.in=h.jsonl grade.out=disk/n.h5
    umount disk
    trap - EXIT
elif [ "$(id -u)" != 0 ]; then
    mkdir folder && cp h.h5 folder && chmod 555 folder
    refused 0 3 'folder/h.h5: the file cannot be locked.*Permission denied' grade e.in data.problems=folder/h.h5
    chmod 755 folder
else
    echo "no tmpfs can be mounted here: a full and a read-only disk were not tried"
fi
refused 0 3 'nowhere/n.h5: the file cannot be locked.*No such file' grade e.in grade.in=h.jsonl grade.out=nowhere/n.h5
exit $fail
