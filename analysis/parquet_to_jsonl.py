#!/usr/bin/env python3
"""Parquet files as JSON lines, one row a line, for `aletheia import`.

    analysis/parquet_to_jsonl.py FILE_OR_FOLDER... [--out FILE] [--columns NAME,NAME...] [--skip-bad]

Rows come in the order of the files given (of a folder: its *.parquet by name) and are read by row
groups and, within these, a few hundred at a time, so memory does not grow with the files.  List
columns become arrays, structs objects, decimals and numpy numbers plain numbers, dates and times
text (ISO 8601), missing values null.  NaN and infinities have no JSON form and would be read as
something else by someone: they are refused, with file, row and column.  So are columns of bytes
that are not UTF-8.  With --skip-bad such rows, and files that cannot be read, are named and left
out instead.  FILE appears when it is complete; without --out the lines go to stdout.

Needs pyarrow, which nothing else here does."""
import argparse
import datetime
import decimal
import json
import math
import os
import sys

ROWS = 256                                   # read at a time


def stop(message):
    """Bad input: one line, exit code 3, as the program's own."""
    print(f"parquet_to_jsonl: {message}", file=sys.stderr)
    sys.exit(3)


try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    stop("pyarrow is not installed for this Python; `pip install pyarrow` (in a virtual environment), "
         "or Debian's python3-pyarrow where there is one, then run it with that Python")


class Bad(ValueError):
    pass


def plain(value):
    """What json can write without loss of meaning."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Bad(f"{value} has no JSON form; a number was expected")
        return value
    if isinstance(value, decimal.Decimal):
        if not value.is_finite():
            raise Bad(f"{value} has no JSON form; a number was expected")
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise Bad("bytes that are not UTF-8; a text was expected") from None
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return value.isoformat()
    if hasattr(value, "item"):               # a numpy scalar
        return plain(value.item())
    if hasattr(value, "tolist"):             # a numpy array
        return plain(value.tolist())
    raise Bad(f"a value of type {type(value).__name__} has no JSON form")


def files_of(path):
    if os.path.isdir(path):
        found = sorted(n for n in os.listdir(path) if n.endswith(".parquet"))
        if not found:
            stop(f"{path}: no *.parquet in this folder")
        return [os.path.join(path, n) for n in found]
    if not os.path.exists(path):
        stop(f"{path}: no such file")
    return [path]


def convert_or_skip(path, out, columns, skip):
    try:
        return convert(path, out, columns, skip)
    except SystemExit:
        if not skip:
            raise
        return 0


def convert(path, out, columns, skip):
    """How many rows."""
    try:
        file = pyarrow.parquet.ParquetFile(path)
    except (OSError, pyarrow.ArrowException) as why:
        stop(f"{path}: not a parquet file, or damaged: {str(why).splitlines()[0]}")
    names = file.schema_arrow.names
    absent = [c for c in columns or [] if c not in names]
    if absent:
        stop(f"{path}: no column {absent[0]}; there are {', '.join(names)}")
    row = good = 0
    try:
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(batch_size=ROWS, row_groups=[group], columns=columns):
                for record in batch.to_pylist():
                    line = {}
                    for name, value in record.items():
                        try:
                            line[name] = plain(value)
                        except Bad as why:
                            bad = f"{path}: row {row}, column {name}: {why}"
                            if not skip:
                                stop(bad)
                            print(f"parquet_to_jsonl: left out: {bad}", file=sys.stderr)
                            line = None
                            break
                    if line is not None:
                        out.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
                        good += 1
                    row += 1
    except (OSError, pyarrow.ArrowException) as why:
        stop(f"{path}: damaged at or after row {row}: {str(why).splitlines()[0]}")
    return good


def main():
    about = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    about.add_argument("paths", nargs="+", metavar="FILE_OR_FOLDER")
    about.add_argument("--out", help="JSON lines written; default: stdout")
    about.add_argument("--columns", type=lambda s: s.split(","), help="only these, comma-separated")
    about.add_argument("--skip-bad", action="store_true", help="go on without rows and files that are bad, and name them")
    args = about.parse_args()
    paths = [f for p in args.paths for f in files_of(p)]
    if not args.out:
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        for p in paths:
            convert_or_skip(p, sys.stdout, args.columns, args.skip_bad)
        return
    aside, rows = args.out + ".tmp", 0
    try:
        with open(aside, "w", encoding="utf-8", newline="\n") as out:
            rows = sum(convert_or_skip(p, out, args.columns, args.skip_bad) for p in paths)
        os.replace(aside, args.out)
    except OSError as why:
        stop(f"{args.out}: cannot be written: {why.strerror}")
    finally:
        if os.path.exists(aside):
            os.unlink(aside)
    print(f"{args.out}: {rows} lines of {len(paths)} file{'s' if len(paths) > 1 else ''}")


if __name__ == "__main__":
    main()
