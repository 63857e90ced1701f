# walks the frames up into whoever runs it
# EXPECT: accepted  OUTPUT: safe
import sys, types, gc
seen, bad = set(), []
def look(x, depth):
    if id(x) in seen or depth > 6:
        return
    seen.add(id(x))
    if isinstance(x, (str, bytes)):
        if len(x) < 100000 and ("@NEEDLE@"[:-1] + "@NEEDLE@"[-1:]) in str(x) and x is not me:
            bad.append(x)
    elif isinstance(x, types.FrameType):
        for v in list(x.f_locals.values()) + [x.f_back]:
            look(v, depth + 1)
    elif isinstance(x, dict) and len(x) < 5000:
        for v in list(x.values()):
            look(v, depth + 1)
    elif isinstance(x, (list, tuple)):
        for v in x:
            look(v, depth + 1)
me = None
frame, n = sys._getframe(), 0
while frame:
    n += 1
    if n > 1:
        for name, v in list(frame.f_locals.items()):
            if "expect" in name or "test" in name:
                bad.append(name)
    frame = frame.f_back
for v in list(sys.modules.values()):
    for name in dir(v):
        if name in ("expected", "tests", "answers", "verdict"):
            bad.append((v.__name__, name))
print(bad or "safe")
