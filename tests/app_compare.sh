# Evaluations of the pocket model compared: the same digits without a launcher and on 3 ranks; lists of another bank with
# the same problems are the same lists; who never says anything that can be parsed is compared too.
# RUN: np=3
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/pocket.sh"
pocket_make || { bad "no pocket model"; exit 1; }
asked="eval.suites=train eval.limit=20 eval.max_new=48 eval.max_prompt=480"

must 1 eval pocket.in $asked eval.samples=2 eval.out=x
must 2 eval pocket.in $asked eval.samples=2 eval.out=again
must 1 eval pocket.in $asked eval.samples=2 eval.out=y run.seed=4 eval.temperature=1.5
must 1 eval pocket.in $asked eval.out=mute eval.max_new=1

must 0 compare x y
cp out alone
grep -Eq '^RESULT pair=A-B suite=train measure=listacc lists=20 samples=2 a=0\.[0-9]+ b=0\.[0-9]+ diff=-?0\.[0-9]+ lo=-?0\.[0-9]+ hi=-?0\.[0-9]+ only_a=[0-9]+ only_b=[0-9]+ p=[0-9.e-]+ holm=[0-9.e-]+ verdict=(a|b|none)$' out ||
    { bad "the RESULT line"; cat out; }
for n in 1 3; do
    must $n compare x y
    cmp -s out alone || { bad "compare on $n ranks says something else"; diff out alone; }
done
must 1 compare again y/train.h5
[ "$(sed -n 's/.* a=/a=/p' out)" = "$(sed -n 's/.* a=/a=/p' alone)" ] || { bad "an evaluation on 2 ranks compares otherwise"; cat out; }
[ "$(result a)" = "$("$ALETHEIA" show x/train.h5 | awk '$1 == "listacc" { printf "%.4f", $2; exit }')" ] || bad "its accuracy is not the evaluation's"
must 1 compare x again
[ "$(result diff)" = 0.0000 ] && [ "$(result only_a)" = 0 ] || { bad "the same answers differ"; cat out; }
must 1 compare x/train.h5 ./x/train.h5
grep -q 'A and B are the same' out || bad "the same file twice is not said"
must 1 compare x mute y --samples 1
grep -q '^  B: none of its answers could be parsed' out && [ "$(grep -c ^RESULT out)" = 3 ] || { bad "a verifier that says nothing"; cat out; }
refused 3 3 'K = 2 answers to each list, .*K = 1: name --samples 1' compare x mute

# A few of the problems, drawn again: other numbers in the bank, the same content.
must 1 problems pocket.in problems.out=few.h5 problems.train=3
must 1 eval pocket.in $asked eval.samples=2 eval.out=few data.problems=few.h5 eval.limit=0
refused 3 3 'train.h5 has 20 lists, .*train.h5 has [0-9]* lists: [0-9]* are in both; name --common' compare x few
must 1 compare x few --common
[ "$(result lists)" -ge 5 ] && [ "$(result lists)" -lt 20 ] || { bad "lists of another bank"; cat out; }

refused 3 2 'one file has nothing to compare'                compare x
refused 3 3 'problems.h5: is no evaluation: expected a file' compare x problems.h5
refused 1 3 'none'                                           compare x none
refused 1 2 'no option --commn'                              compare x y --commn
must 0 compare --help
grep -q -- '--common' out || bad "no help"
exit $fail
