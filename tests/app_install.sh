# An installed program works with the build tree out of sight, and decks, the shipped model and the
# documentation are beside it.
# RUN: np=1
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
make -s -C "$TOP" install BIN="$ALETHEIA" -o "$ALETHEIA" DESTDIR="$TEST_TMP/root" PREFIX=/opt/a >log 2>&1 ||
    { bad "make install failed"; cat log; }
for file in bin/aletheia share/aletheia/input/REFERENCE.in share/aletheia/jobs/train.sbatch \
    share/aletheia/input/models/pocket/config.json share/aletheia/README.md $(cd "$TOP" && printf 'share/aletheia/%s ' docs/*); do
    [ -e "root/opt/a/$file" ] || bad "$file is not installed"
done
ALETHEIA=$TEST_TMP/root/opt/a/bin/aletheia
echo 'print(int(input()) * 6)' >guest
all()
{
    "$ALETHEIA" help train | grep -q 'run.seed' || echo "help does not know its keys"
    echo 7 | "$ALETHEIA" exec python guest sandbox.allow_degraded=yes | grep -q '"accepted"' || echo "exec failed"
    "$ALETHEIA" sample model "a word" sampler.max_new=4 >/dev/null || echo "sample failed"
    "$ALETHEIA" train tiny.in run.dir=run run.steps=1 2>/dev/null | grep -q '^RESULT' || echo "train failed"
}
export -f all
export ALETHEIA
unset LSAN_OPTIONS                # they name a file of the tree that goes out of sight
export ASAN_OPTIONS=detect_leaks=0
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    unshare -m bash -c 'mount -t tmpfs tmpfs "$TOP" && all' >said 2>&1
else
    bash -c all >said 2>&1
fi
[ ! -s said ] || bad "$(cat said)"
exit $fail
