# sees nothing of poison_a, nor of its own earlier tests
# EXPECT: accepted  OUTPUT: safe safe  INPUT: twice  NEEDS: namespaces
import builtins, sys, os, math
bad = [n for n in os.listdir(".") + os.listdir("/tmp") if n != "main.py"] + os.listdir("/dev/shm")
bad += [x for x in ("print_saved",) if hasattr(builtins, x)]
bad += ["sqrt"] * (math.sqrt(4) != 2) + ["sum"] * (sum([1]) != 1)
import heapq
bad += ["sys"] * hasattr(sys, "poisoned") + ["env"] * ("POISON" in os.environ)
bad += ["limit"] * (sys.getrecursionlimit() < 900)
open("leftover", "w").write("x")
builtins.print_saved = 1
sys.poisoned = 1
math.sqrt = None
print(bad or "safe")
print(bad or "safe")
