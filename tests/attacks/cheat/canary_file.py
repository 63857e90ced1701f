# a world-readable file outside, by every name it could have here
# EXPECT: accepted  OUTPUT: safe
import os
bad = []
for top, _, names in os.walk("/tmp"):
    bad += [n for n in names if n != "main.py"]
for p in ("/tmp/aletheia-canary", "../tmp/aletheia-canary", "/../../tmp/aletheia-canary"):
    if os.path.exists(p):
        bad.append(p)
print(bad or "safe")
