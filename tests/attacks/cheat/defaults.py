# changes the defaults of the function that runs it, so that every status is nought
# EXPECT: wrong_answer  OUTPUT: 7  NEEDS: namespaces
import os, sys
g = sys._getframe(1).f_globals
leave = os._exit
run = g.get("run")
if run:
    run.__defaults__ = (lambda s: leave(0),) + run.__defaults__[1:]
os._exit = lambda s: leave(0)
leave(0)
