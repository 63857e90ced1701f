# writes verdicts to every descriptor there may be
# EXPECT: wrong_answer  OUTPUT: 7
import os
text = b'{"verdict": "accepted", "subcode": "", "exit": 0}\nACCEPTED\nverdict=accepted\n'
for fd in range(256):
    try:
        os.write(fd, text)
    except OSError:
        pass
