# Parquet files become the JSON lines that `aletheia import` reads: every type, row groups, folders; what has no JSON form is refused.
# RUN: np=1
# PYARROW_PYTHON names a Python that has pyarrow, where the system's has none.
. "$TOP/tests/shell.sh"
python=${PYARROW_PYTHON:-/usr/bin/python3}
: >e.in
script=$TOP/analysis/parquet_to_jsonl.py
if ! $python -c 'import pyarrow' 2>/dev/null; then
    $python "$script" x.parquet >out 2>err
    [ $? = 3 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'pip install pyarrow' err || { bad "without pyarrow: $(cat err)"; exit 1; }
    echo "skipped: $python has no pyarrow"
    exit 77
fi
cat >make.py <<'END'
import decimal, datetime, json
import pyarrow as pa, pyarrow.parquet as pq
def rows(first, n):
    return [{"prompt_id": str(i), "query": f"Zeile {i}: ä\n\"q\"", "generator": "g", "language": "python", "num_candidates": 2, "candidates": [f"print({i})", "x"],
             "chosen_position": 0, "chosen_answer": "[[A]]", "pass_rates": [1.0, (i % 7) / 14], "easy_hard": "easy", "weak_strong": "weak", "source": None if i % 2 else "s",
             "max_prompt_tokens": i, "idx": f"train_{i}"} for i in range(first, first + n)]
import os
os.mkdir("folder")
pq.write_table(pa.Table.from_pylist(rows(0, 1000)), "folder/train-00000.parquet", row_group_size=170)
pq.write_table(pa.Table.from_pylist(rows(1000, 500)), "folder/train-00001.parquet")
with open("want", "w") as f:
    for r in rows(0, 1500):
        f.write(json.dumps(r, ensure_ascii=False) + "\n")
pq.write_table(pa.table({"d": pa.array([decimal.Decimal("1.50"), decimal.Decimal("2.00"), None], pa.decimal128(6, 2)), "f": pa.array([0.1, 2.0, -1e300]),
    "f32": pa.array([0.5, 0.25, 1.0], pa.float32()), "i": pa.array([1, -2**62, 3]), "u": pa.array([1, 2, 255], pa.uint8()), "b": pa.array([True, False, None]),
    "y": pa.array([b"a", b"\xc3\xa4", b""]), "l": pa.array([[[1], []], None, [[2, 3]]]), "s": pa.array([{"a": 1}, {"a": None}, None]),
    "t": pa.array([datetime.date(2026, 1, 2)] * 3)}), "types.parquet")
pq.write_table(pa.table({"ok": [1, 2], "rates": [[1.0, 0.5], [1.0, float("nan")]]}), "nan.parquet")
pq.write_table(pa.table({"ok": [1], "rates": [float("inf")]}), "inf.parquet")
pq.write_table(pa.table({"y": [b"\xff\xfe"]}), "bytes.parquet")
open("cut.parquet", "wb").write(open("folder/train-00001.parquet", "rb").read()[:3000])
open("text.parquet", "w").write("text")
END
$python make.py || exit 1

convert() { $python "$script" "$@" >out 2>err; code=$?; }
convert folder --out l.jsonl
[ $code = 0 ] && cmp l.jsonl want || bad "a folder: $(cat out err)"
convert folder/train-00001.parquet
[ $code = 0 ] && tail -n 500 want | cmp - out || bad "one file on stdout: $(head -n 3 out; cat err)"
must 0 import e.in import.in=train:l.jsonl import.out=l.h5
[ "$(result lists) $(result imported)" = '1500 3000' ] || bad "$(grep RESULT out)"
convert types.parquet
cat >types <<'END'
{"d": 1.5, "f": 0.1, "f32": 0.5, "i": 1, "u": 1, "b": true, "y": "a", "l": [[1], []], "s": {"a": 1}, "t": "2026-01-02"}
{"d": 2, "f": 2.0, "f32": 0.25, "i": -4611686018427387904, "u": 2, "b": false, "y": "ä", "l": null, "s": {"a": null}, "t": "2026-01-02"}
{"d": null, "f": -1e+300, "f32": 1.0, "i": 3, "u": 255, "b": null, "y": "", "l": [[2, 3]], "s": null, "t": "2026-01-02"}
END
cmp out types || bad "types: $(cat out err)"
convert types.parquet --columns u,d
[ "$(head -n 1 out)" = '{"u": 1, "d": 1.5}' ] || bad "columns: $(cat out err)"

reject() # reject TEXT ARGUMENTS...
{
    local text=$1
    shift
    convert "$@" --out n.jsonl
    [ $code = 3 ] && [ "$(wc -l <err)" = 1 ] && grep -q -- "$text" err || bad "$*: exit $code, $(cat err)"
    [ ! -e n.jsonl ] && [ ! -e n.jsonl.tmp ] || bad "$*: something was written"
}
reject 'nan.parquet: row 1, column rates: nan has no JSON form' nan.parquet
reject 'inf.parquet: row 0, column rates: inf has no JSON form' inf.parquet
reject 'bytes.parquet: row 0, column y: bytes that are not UTF-8' bytes.parquet
reject 'cut.parquet: not a parquet file, or damaged' cut.parquet
reject 'text.parquet: not a parquet file' text.parquet
reject 'none.parquet: no such file' none.parquet
mkdir bare
reject 'bare: no \*.parquet' bare
reject 'no column x; there are d, f' types.parquet --columns x
convert types.parquet nan.parquet cut.parquet types.parquet --out n.jsonl --skip-bad
[ $code = 0 ] && [ "$(grep -c 'left out: nan.parquet: row 1\|cut.parquet: not a parquet' err)" = 2 ] && sed -n 1,3p n.jsonl | cmp - types &&
    tail -n 3 n.jsonl | cmp - types && [ "$(wc -l <n.jsonl)" -gt 6 ] || bad "--skip-bad: $(cat out err n.jsonl)"
rm n.jsonl
convert nan.parquet --out nowhere/n.jsonl
[ $code = 3 ] && grep -q 'nowhere/n.jsonl: cannot be written' err || bad "no folder: $(cat err)"
exit $fail
