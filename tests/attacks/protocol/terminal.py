# control sequences for the terminal of whoever looks at the message
# EXPECT: runtime_error/exit
import sys
sys.stderr.write("\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b5n\r\b\b")
sys.exit(1)
