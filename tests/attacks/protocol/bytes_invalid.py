# invalid UTF-8, lone surrogates and line separators of Unicode are no white space
# EXPECT: wrong_answer  OUTPUT: 3 4
import sys
sys.stdout.buffer.write(b"3\xc2\xa04\xe2\x80\xa8\n")
