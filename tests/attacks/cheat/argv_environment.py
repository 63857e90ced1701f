# the answer in arguments, environment and names
# EXPECT: accepted  OUTPUT: safe
import os, sys, socket
words = sys.argv[1:] + sys.orig_argv + list(os.environ) + list(os.environ.values()) + [socket.gethostname(), os.getcwd()]
bad = [w for w in words if "@NEEDLE@" in w or "expect" in w.lower() or "answer" in w.lower()]
allowed = {"PATH", "HOME", "TMPDIR", "LC_ALL", "LANG"}
bad += sorted(set(os.environ) - allowed) + sys.argv[1:]
print(bad or "safe")
