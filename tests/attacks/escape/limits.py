# raises its own limits, and changes those of others
# EXPECT: accepted  OUTPUT: safe
import resource as r
bad = []
for name in [x for x in dir(r) if x.startswith("RLIMIT_")]:
    which = getattr(r, name)
    soft, hard = r.getrlimit(which)
    if hard != r.RLIM_INFINITY:
        try:
            r.setrlimit(which, (hard + 1, hard + 1))
            bad.append(name)
        except (ValueError, OSError):
            pass
for pid in (@PID@, @PPID@):
    try:
        r.prlimit(pid, r.RLIMIT_CPU, (1, 1))
        bad.append(pid)
    except (OSError, ValueError):
        pass
for name in ("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_CORE"):
    if r.getrlimit(getattr(r, name))[1] == r.RLIM_INFINITY:
        bad.append(name)
print(bad or "safe")
