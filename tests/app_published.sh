# Function problems as they are published - check(candidate) functions, lists of asserts with a setup, prompts and completions - are graded as
# they stand; a test that the grader cannot take among good ones is named, or graded as one of its own.
# RUN: np=2
# TIMEOUT: 200
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
: >e.in
$python - <<'END2' || exit 1
import json
f = open("p.jsonl", "w")
def put(**k):
    f.write(json.dumps(k) + "\n")
put(task_id="Own/0", prompt="from typing import List\n\n\ndef close(xs: List[float], t: float) -> bool:\n    \"\"\" Are two closer than t? \"\"\"\n",
    entry_point="close", canonical_solution="    return any(abs(a - b) < t for i, a in enumerate(xs) for b in xs[i + 1:])\n",
    test="\n\nMETADATA = {\n    'author': 'x',\n}\n\n\ndef check(candidate):\n    assert candidate([1.0, 2.0, 3.9], 0.3) == False\n    assert candidate([1.0, 2.8, 3.0], 0.3) == True\n")
put(task_id="Own/1", prompt="def mean(xs):\n", entry_point="mean", canonical_solution="    return sum(xs) / len(xs)\n",
    test="import random\n\ndef check(candidate):\n    for i in range(10):\n        xs = [random.random() for _ in range(5)]\n        assert abs(candidate(xs) - sum(xs) / 5) < 1e-6\n",
    programs=[dict(id="good", language="py", completion="    return sum(xs) / len(xs)\n"), dict(id="bad", language="py", completion="    return 0.5\n"),
              dict(id="exits", language="py", completion="    import os; os._exit(0)\n")])
put(task_id=2, text="Find every a.", code="import re\r\ndef f(x):\r\n  return re.findall('a', x)", test_list=["assert f('aba') == ['a','a']", "assert set(f('b')) == set()"],
    test_setup_code="", challenge_test_list=["assert f('') == []"])
put(task_id=3, prompt="Area of a circle.", code="def area(r):\n  return 3.14159265358979 * r * r", test_imports=["import math"],
    test_list=["assert math.isclose(area(1), 3.14159265, rel_tol=1e-6)"], source_file="x.ipynb")
put(id="mixed", setup="from fractions import Fraction", calls=["assert half(1) == Fraction(1, 2)", "x = half(3)\nassert x > 1 and x < 2", "for i in range(3):\n    assert half(i) * 2 == i"],
    programs=[dict(id="a", language="python", source="from fractions import Fraction\ndef half(x): return Fraction(x, 2)"),
              dict(id="b", language="python", source="def half(x): return x // 2")])
END2
for n in 1 2; do
    must $n grade e.in grade.in=p.jsonl grade.out=p$n.h5 grade.report=p.out
    rates=$($python -c 'import json
for l in open("p.out"):
    o = json.loads(l)
    print(o["problem"], o["program"], o["tests"], o["pass_rate"])' | tr '\n' ';')
    [ "$rates" = 'Own/0 canonical 1 1.0;Own/1 good 1 1.0;Own/1 bad 1 0.0;Own/1 exits 1 0.0;2 canonical 2 1.0;3 canonical 1 1.0;mixed a 3 1.0;mixed b 3 0.0;' ] || bad "$rates"
done

program='"programs": [{"id": "a", "language": "python", "source": "def f(x=0): return 0.1+0.2\nprint(3)"}]'
printf '%s\n' '{"id": "good1", "tests": [{"call": "assert f()"}], '"$program"'}' '{"id": "bad", "tests": [{"call": "assert f()"}, {"call": "assert f() > 0.2"}], '"$program"'}' \
    '{"id": "good2", "tests": [{"input": "", "output": "3"}], '"$program"'}' >c.jsonl
on 1 grade e.in grade.in=c.jsonl grade.out=c.h5 grade.report=c.out
case $code in
0)  [ "$(grep -c '"problem":"good[12]",.*"verdicts":{"accepted":1},"pass_rate":1.0}' c.out)" = 2 ] && [ "$(result incomplete)" = 0 ] || bad "$(cat c.out)" ;;
*)  one_message 3 'c.jsonl:2: field tests: test 2: .*problem bad' "a test that cannot be taken" ;;
esac
printf '%s\n' '{"id": "cut", "tests": [{"call": "assert f()"}, {"call": "assert f("}], '"$program"'}' '{"id": "indent", "calls": ["if 1:\nassert f()"], '"$program"'}' >>c.jsonl
refused 1 3 'c.jsonl:4: field tests: test 2: .*problem cut' grade e.in grade.in=c.jsonl grade.out=d.h5
grep -q 'c.jsonl:5: field tests: test 1: .*problem indent' err || bad "not both are named: $(cat err)"
exit $fail
