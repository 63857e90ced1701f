# fork bomb: every process forks for ever
# EXPECT: time_limit/cpu time_limit/wall
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
