# counts its tests and looks for what came before: neither is to be had, only its own source
# EXPECT: accepted  OUTPUT: safe safe  INPUT: twice  NEEDS: namespaces
import inspect, os, sys
bad = os.listdir("/source") != ["main.py"]
bad += os.stat("main.py").st_size != len(open("/source/main.py").read())
bad += os.lstat("main.py").st_mtime != 0
bad += hasattr(sys, "count")
sys.count = 1
bad += inspect.getsource(sys.modules["__main__"]) != open(__file__).read()
print("safe" if not bad else "escaped")
print("safe")
