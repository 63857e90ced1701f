# changes, replaces and removes its source, for the next test to find
# EXPECT: accepted  OUTPUT: safe  INPUT: twice  NEEDS: namespaces
import os
bad = ["link"] * (os.readlink("main.py") != "/source/main.py") + ["time"] * (os.lstat("main.py").st_mtime != 0)
bad += ["text"] * (not open("main.py").read().startswith("# changes"))
for how in (lambda: open("/source/main.py", "a"), lambda: os.unlink("/source/main.py"), lambda: open("/source/x", "w"),
            lambda: os.chmod("/source/main.py", 0), lambda: os.utime("/source/main.py"),
            lambda: os.rename("/source/main.py", "/source/y"), lambda: os.truncate("main.py", 0)):
    try:
        how()
        bad.append("written")
    except OSError:
        pass
os.utime("main.py", (4711, 4711), follow_symlinks=False)
if os.fork() == 0:
    os.unlink("main.py")
    open("main.py", "w").write("print('forged')")
    os.link("main.py", "other")
    os._exit(0)
os.wait()
print(bad or "safe")
