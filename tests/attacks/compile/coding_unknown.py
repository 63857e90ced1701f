# -*- coding: no-such-thing -*-
# EXPECT: compile_error
print(7)
