# The demonstration's script, on the tiny deck: every stage runs, and its last line is the
# RESULT that sums up.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
sed "s|^dir *= model|dir = $PWD/model|" tiny.in >demo.in
NP=2 DECK=$PWD/demo.in RUN=$PWD/run "$TOP/jobs/demo.sh" >out 2>err || { bad "jobs/demo.sh: exit $?"; tail -n 20 out err; }
number='-?[0-9]+(\.[0-9]+)?'
tail -n 1 out | grep -Eqx "RESULT suite=heldout chance=$number before=$number before_lo=$number before_hi=$number \
after=$number after_lo=$number after_hi=$number times_chance=$number seconds=[0-9]+" || { bad "the last line is"; tail -n 1 out; }
grep -Eq "^heldout +$number +$number \[$number, $number\] +$number \[$number, $number\] +$number$" out || bad "no row of heldout in the table"
tail -n 1 out | tr ' ' '\n' | awk -F= '{ v[$1] = $2 } END { d = v["times_chance"] * v["chance"] - v["after"]; exit !(d < 0.01 && d > -0.01) }' ||
    { bad "times_chance is not after / chance"; tail -n 1 out; }
for file in run/run.h5 run/ckpt/step-00000004.h5 run.parts/before/heldout.h5 run.parts/after/heldout.h5 run.parts/problems.h5; do
    [ -s "$file" ] || bad "$file was not made"
done
if /usr/bin/python3 -c 'import h5py, matplotlib' 2>/dev/null; then
    [ -s run.parts/curves.png ] && [ -s run.parts/suites.png ] || bad "no plots"
fi
before=$(cksum run/ckpt/*.h5)
! NP=2 DECK=$PWD/demo.in RUN=$PWD/run "$TOP/jobs/demo.sh" >out 2>err || bad "a second demo in the same place was not refused"
[ "$before" = "$(cksum run/ckpt/*.h5)" ] || bad "a second demo changed the first"
exit $fail
