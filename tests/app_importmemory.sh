# An import needs no more memory for eight times the lines: what it holds is a batch, not the input and not the file.
# RUN: np=1
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
: >e.in
cat >make.py <<'END'
import sys
n, pad = int(sys.argv[1]), "y" * 600     # two candidates of 600 bytes a line, in problems of about 8 lists that lie far apart
with open(sys.argv[2], "w") as f:
    for i in range(n):
        f.write('{"prompt_id":"%d","query":"q%d","generator":"g","language":"c","num_candidates":2,"candidates":["%s%d","%s%d."],"chosen_position":0,'
                '"chosen_answer":"A","pass_rates":[1,0],"idx":"%d"}\n' % (i % (n // 8), i % (n // 8), pad, i, pad, i, i))
END
for n in 10000 80000; do
    $python make.py $n l$n
    must 0 import e.in import.in=train:l$n import.out=o$n.h5
    [ "$(result lists) $(result problems)" = "$n $((n / 8))" ] || bad "$(grep RESULT out)"
    eval "peak$n=$(result peak_mb | cut -d. -f1) size$n=$(($(stat -c %s l$n) / 1000000)) file$n=$(($(stat -c %s o$n.h5) / 1000000))"
done
[ $((size80000 - size10000)) -ge 80 ] && [ $((file80000 - file10000)) -ge 80 ] || bad "too small a trial: $size10000 and $size80000 MB"
[ $((peak80000 - peak10000)) -le 10 ] ||
    bad "peak (VmHWM) $peak10000 MB for $size10000 MB of lines, $peak80000 MB for $size80000 MB"
[ -z "${VERBOSE:-}" ] || echo "peak $peak10000 MB for $size10000 MB of lines, $peak80000 MB for $size80000 MB"
exit $fail
