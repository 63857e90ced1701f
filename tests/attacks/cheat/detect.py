# what tells a test from home must tell nothing about the answer
# EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
import os, sys, time, pwd, socket
bad = []
if __name__ != "__main__" or os.path.abspath(__file__) != os.path.join(os.getcwd(), "main.py"):
    bad.append("name")
if os.isatty(0) or os.isatty(1):
    bad.append("terminal")
try:
    pwd.getpwall() and bad.append("users")
except (OSError, KeyError):
    pass
bad += ["host"] * (socket.gethostname() != "sandbox")
print("escaped" if "users" in bad or "terminal" in bad or "host" in bad else "safe")
