# an exit handler turns a failure into success before the interpreter can report it: only bytes count
# EXPECT: wrong_answer  OUTPUT: 7
import atexit, os
atexit.register(os._exit, 0)
raise ValueError("not solved")
