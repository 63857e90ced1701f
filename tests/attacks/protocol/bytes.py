# NUL bytes, invalid UTF-8 and control characters in the output: wrong, not a fault
# EXPECT: wrong_answer  OUTPUT: 7
import os
os.write(1, b"7\0\xff\xfe\x1b[2J\r\n\x80")
