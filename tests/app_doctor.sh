# The doctor's table says what there is, what is missing and what to do, and the mode that a
# run takes; without user namespaces, without a temporary folder and on a full disk there is
# one clear message and no verdict.
# RUN: np=1
. "$TOP/tests/shell.sh"

# The table on this machine: every row has a state, the languages and the mode stand in it.
must 0 grade --doctor
for what in kernel 'user namespaces' 'seccomp filter' landlock 'cgroup for memory' 'mounting proc' \
    'temporary folder' 'user ' RLIMIT_NPROC 'language python' 'language c ' cores; do
    grep -Eq "^(ok|missing) +$what" out || bad "no row about $what"
done
[ "$(grep -c '^mode ' out)" = 1 ] || bad "not one mode"
! sed 1d out | grep -Ev '^$|^mode ' | grep -Evq '^(ok|missing) ' || bad "a row without a state"
mode=$(sed -n 's/^mode *//p' out)
on 0 grade --doctor sandbox.cgroups=no
! grep -q '^mode .*cgroup' out || bad "cgroups=no has a control group"
echo 'print(7)' >seven.py
if echo "$mode" | grep -q cgroup; then
    on 0 exec python seven.py sandbox.cgroups=require
    grep -q '"accepted".*cgroup' out || { bad "cgroups=require where there is one"; cat out; }
else
    on 0 exec python seven.py sandbox.cgroups=require
    [ $code = 70 ] && grep -q 'cgroups = require' out || { bad "cgroups=require where there is none"; cat out; }
fi
refused 0 2 'auto\|no\|require' grade --doctor sandbox.cgroups=perhaps

# Without user namespaces, as an ordinary user; the program is copied to where he may read it.
home=$(mktemp -d /tmp/doctor.XXXXXX)
trap 'rm -rf "$home"' EXIT
cp "$ALETHEIA" "$home/aletheia" && cp seven.py "$home" && mkdir "$home/small" "$home/tmp"
chmod 755 "$home" "$home/aletheia" && chmod 777 "$home/tmp" "$home/small"
cat >"$home/wrap" <<'END'
echo 0 >/proc/sys/user/max_user_namespaces || exit 99
export TMPDIR=${TMPDIR:-$1/tmp}
cd "$1" && shift && exec "$@"
END
as="" && [ "$(id -u)" != 0 ] || as="setpriv --reuid 1000 --regid 1000 --clear-groups"
without() { $as unshare -Urm bash -c "$1 . $home/wrap" - "$home" "$home/aletheia" "${@:2}" >out 2>err </dev/null; code=$?; }
without "" help
if [ $code = 0 ]; then
    without "" exec python seven.py
    [ $code = 70 ] && grep -q 'allow_degraded = yes' err || { bad "exit $code without user namespaces"; cat out err; }
    without "" grade --doctor
    [ $code = 70 ] || bad "exit $code of the doctor where nothing can be run"
    grep -q '^missing  user namespaces .*max_user_namespaces' out || bad "the doctor does not say that namespaces are missing"
    grep -q '^mode     none' out || bad "the doctor has a mode"
    without "" exec python seven.py sandbox.allow_degraded=yes
    if grep -q 'nor landlock' err; then
        echo "no landlock in this kernel: the rest is not tested"
    else
        grep -q '"accepted".*"mode": "degraded' out || { bad "degraded"; cat out err; }
        without "export TMPDIR=/proc;" exec python seven.py sandbox.allow_degraded=yes
        [ $code = 70 ] && grep -q 'temporary folder /proc .*TMPDIR' err || { bad "no writable temporary folder"; cat out err; }
        without "mount -t tmpfs -o size=1m none $home/small && head -c 2000000 /dev/zero >$home/small/full 2>/dev/null; export TMPDIR=$home/small;" \
            exec python seven.py sandbox.allow_degraded=yes
        [ $code = 70 ] && grep -q 'scratch_kb asks for' err || { bad "a full disk"; cat out err; }
        ! ls "$home"/tmp/guest-* 2>/dev/null | grep -q . || bad "folders are left over"
    fi
else
    echo "no unshare that makes a user namespace: the rest is not tested"
fi
exit $fail
