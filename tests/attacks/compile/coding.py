# -*- coding: punycode -*-
# EXPECT: compile_error
print(7)
