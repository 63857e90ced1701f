# counts its tests and reads its own source: neither is to be had
# EXPECT: accepted  OUTPUT: safe safe  INPUT: twice  NEEDS: namespaces
import inspect, os, sys
bad = os.path.exists("main.py") + os.path.exists("/tmp/main.py")
bad += hasattr(sys, "count")
sys.count = 1
try:
    bad += len(inspect.getsource(sys.modules["__main__"])) > 0
except (OSError, TypeError):
    pass
print("safe" if not bad else "escaped")
print("safe")
