# Judge sets of others become problem files with imported labels, on one rank and on two alike; what is wrong with a line is named or left
# out; a model is asked about them only where the deck allows imported labels, and what it scores says so.
# RUN: np=2
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
: >e.in

cat >sets.jsonl <<'END'
{"id": "17", "prompt": "Name an even prime.", "chosen": ["It is 2."], "rejected": ["It is 4.", "There is none.", "It is 3."], "num_correct": 1, "num_incorrect": 3, "total_completions": 4, "models": ["Org/a", "b", "c", "d"], "subset": "Math", "additional_metadata": {"index": 3.0}}
{"id": "18", "prompt": "Name a colour of a flag.", "chosen": ["red", "white"], "rejected": ["loud"], "num_correct": 2, "num_incorrect": 1, "subset": "Ties"}
{"id": 5, "prompt": "Double x.", "domain": "code", "chosen": ["2*x", "Take 2*x.", "Take `2*x`."], "rejected": ["x*x", "Take x*x.", "Take `x*x`."]}
{"pair_id": "u-1", "original_id": 9, "source": "livebench-math", "question": "3+4?", "response_model": "m", "response_A": "8", "response_B": "7", "label": "B>A"}
{"id": "crb1", "prompt": "Sum a list.", "chosen": "def f(x):\n    return sum(x)\n", "rejected": "def f(x):\n    return max(x)\n", "language": "Python", "aspect": "Functional_Correctness", "subset": "OWN"}
{"question_id": "q", "question_content": "Print 1.", "pos_response": "```python\nprint(1)\n```", "neg_response": "```python\nprint(2)\n```", "difficulty": "easy"}
END
for n in 0 2; do
    must $n import e.in import.in=sets.jsonl import.out=j$n.h5 import.report=j$n.report
    [ "$(result lines) $(result lists) $(result problems) $(result programs) $(result imported) $(result executed) $(result judged)" = '6 15 6 19 19 0 6' ] || bad "$(grep RESULT out)"
    grep -q 'judge set rewardbench2: 2 lines, labels imported' out err || bad "the sets are not named: $(cat out)"
    "$ALETHEIA" show j$n.h5 >show$n 2>&1
done
cmp j0.report j2.report || bad "another report on two ranks"
[ "$(grep -o 'hash .*' show0)" = "$(grep -o 'hash .*' show2)" ] || bad "another file on two ranks: $(cat show0 show2)"
printf '{"kind":"judge_set","set":"%s","lines":%d}\n' rewardbench2 2 judgebench 1 rmbench 1 coderewardbench 1 codejudgebench 1 | cmp - j0.report || bad "the report: $(cat j0.report)"
grep -q 'families *rewardbench2:Math 1, rewardbench2:Ties 1, rmbench:code 1, judgebench:livebench-math 1, coderewardbench:Functional_Correctness 1, codejudgebench:codegen 1' show0 &&
    grep -q 'lists of *heldout 15' show0 && grep -q 'languages *python 4, text 15' show0 && grep -q '15 of the lists have such candidates' show0 || bad "$(cat show0)"
must 0 show j0.h5 list 0
grep -q 'passes 100.0 % (imported, not executed) (17/Org:a#' out && grep -q 'passes 0.0 % (imported, not executed) (17/c#' out || bad "$(cat out)"
must 0 show j0.h5 list 3
grep -q '(5/rmbench#[0-9]+chosen-concise)' out && grep -q '(5/rmbench#[0-9]+rejected-concise)' out || bad "a pair's styles: $(cat out)"
must 0 import e.in import.in=train:sets.jsonl import.out=t.h5 problems.seed=2
must 0 show t.h5
grep -q 'lists of *train 15' out || bad "$(cat out)"
[ "$(grep -o 'hash .*' out)" != "$(grep -o 'hash .*' show0)" ] || bad "train and another seed change nothing"
refused 0 3 'sets.jsonl:1: field id: a line of a judge set \(rewardbench2\): its lists are of the suite heldout or train, not hard' \
    import e.in import.in=hard:sets.jsonl import.out=x.h5

# Bad lines: all named, or all left out and counted.
cat >bad.jsonl <<'END'
{"prompt": "p", "rejected": ["a"], "num_correct": 1}
{"prompt": "p", "chosen": ["y"], "rejected": ["1", "2", "3", "4", "5", "6"], "num_correct": 1}
{"prompt": "p", "chosen": ["y"], "rejected": ["n"], "id": 1}
{"prompt": "p", "chosen": ["y"], "rejected": ["m"], "id": 1}
{"prompt": "p", "chosen": ["y"], "rejected": ["y"]}
{"prompt": "p", "chosen": ["y"], "rejected": [""]}
{"question": "q", "response_A": "a", "response_B": "b", "label": "A=B"}
{"question": "q", "response_A": "a", "response_B": "b"}
{"prompt": "p", "chosen": ["1", "2", "3"], "rejected": ["4", "5", "6"]}
END
for n in 0 2; do
    refused $n 3 'bad.jsonl:1: field chosen: missing' import e.in import.in=bad.jsonl import.out=b.h5
    for text in ':2: field rejected: 6 answers; 1 to 4 were expected' ':4: field id: the same as in bad.jsonl:3 already' ':5: field rejected: the same text as a right' \
        ':6: field rejected: answer 1: empty' ':7: field label: "A=B"; A>B or B>A' ':8: field label: missing' ':9: field domain: missing, and so is num_correct'; do
        grep -qF -- "bad.jsonl$text" err || bad "not said: $text: $(cat err)"
    done
    [ ! -e b.h5 ] || bad "a file was made of bad lines"
    must $n import e.in import.in=bad.jsonl import.out=b.h5 import.skip_bad=yes import.report=b.report
    [ "$(result lines) $(result skipped) $(result lists) $(result judged)" = '1 8 1 1' ] || bad "$(grep RESULT out)"
    [ "$(grep -c '"kind":"skipped"' b.report)" = 8 ] || bad "$(cat b.report)"
    rm b.h5
done
tail -n 1 bad.jsonl >three.jsonl
must 0 import e.in import.in=three.jsonl import.schema=rmbench import.out=nine.h5
[ "$(result lists)" = 9 ] || bad "$(grep RESULT out)"
must 0 import e.in import.in=three.jsonl import.schema=rewardbench2 import.out=four.h5
[ "$(result lists)" = 3 ] || bad "$(grep RESULT out)"

# Nothing of it is ever executed; text is no language of a program.
must 0 grade e.in data.problems=j0.h5
grep -q 'everything in it was executed before' out err || bad "$(cat out err)"
echo '{"tests": [{"input": "", "output": "1"}], "programs": [{"language": "text", "source": "1"}]}' >p.jsonl
refused 0 3 'field programs\[0\].language: "text" is not known' grade e.in grade.in=p.jsonl grade.out=p.h5

# A model is asked where imported labels are allowed, and its numbers say what they are of.
cat >eval.in <<END
[model]
dir = $TOP/input/models/pocket
[data]
problems = j0.h5
[eval]
suites  = heldout
max_new = 8
limit   = 3
END
refused 0 3 'data.allow_imported' eval eval.in eval.out=ev
must 0 eval eval.in data.allow_imported=yes eval.out=ev
grep '^RESULT' out | grep -q 'labels=imported imported=3' || bad "$(grep RESULT out)"
one=$(grep '^RESULT' out | sed 's/ seconds=.*//')
must 2 eval eval.in data.allow_imported=yes eval.out=ev2
[ "$(grep '^RESULT' out | sed 's/ seconds=.*//')" = "$one" ] && grep '^RESULT' out | grep -q 'labels=imported imported=3' || bad "not as on one rank: $(grep RESULT out)"
exit $fail
