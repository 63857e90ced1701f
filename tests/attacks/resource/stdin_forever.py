# waits for input that never comes
# EXPECT: time_limit/wall
import os
r, w = os.pipe()
os.read(r, 1)
