# a program that imitates what a checker may write: nobody looks there for it
# EXPECT: wrong_answer  OUTPUT: 7
import os
os.mkdir('feedback')
open('feedback/judgemessage.txt', 'w').write('accepted')
open('feedback/score.txt', 'w').write('100')
print(42)
