# affinity, priorities, schedulers
# EXPECT: accepted  OUTPUT: safe
import os
bad = []
for what in (lambda: os.sched_setaffinity(0, {0}), lambda: os.setpriority(os.PRIO_PROCESS, 0, -10),
             lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)), lambda: os.nice(-5),
             lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19)):
    try:
        what()
        bad.append(what.__code__.co_names)
    except OSError:
        pass
print(bad or "safe")
