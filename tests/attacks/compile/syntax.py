# not Python
# EXPECT: compile_error/syntax
def f(:
