# the answer in its own memory, which was forked from another process
# EXPECT: accepted  OUTPUT: safe
import ctypes, gc, sys
needle = "@NEEDLE@"[::-1][::-1]
mine = sum(sys.getrefcount(o) > 0 for o in gc.get_objects())
bad = []
for o in gc.get_objects():
    try:
        if isinstance(o, dict):
            bad += [k for k, v in o.items() if isinstance(v, (str, bytes)) and v is not needle and
                    ("verdict" in str(v)[:3000] or "expected" == str(k))]
    except Exception:
        pass
print([b for b in bad if b not in ("__doc__", "src", "zygote_source")][:5] or "safe")
