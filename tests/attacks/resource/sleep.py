# sleeps: real time
# EXPECT: time_limit/wall
import time
time.sleep(100)
