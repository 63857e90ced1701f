# leaves its answer for the next test wherever something might stay
# EXPECT: accepted  OUTPUT: fresh fresh  INPUT: twice
import os, builtins, sys, tempfile
places = ["/tmp/a", "/dev/shm/a", "/var/tmp/a", "/run/a", "a", os.path.expanduser("~/.a"), "/usr/lib/python3/a",
          os.path.join(os.path.dirname(os.__file__), "__pycache__", "a.pyc")]
found = [p for p in places if os.path.exists(p)]
found += [k for k in os.environ if k == "A"] + [1 for _ in (1,) if hasattr(builtins, "cached") or hasattr(sys, "cached")]
for p in places:
    try:
        open(p, "w").write("7")
    except OSError:
        pass
os.environ["A"] = builtins.cached = sys.cached = "7"
print("cached" if found else "fresh")
print("cached" if found else "fresh")
