# the listeners outside
# EXPECT: accepted  OUTPUT: safe
import socket
bad = []
for kind, port in ((socket.SOCK_STREAM, @TCP@), (socket.SOCK_DGRAM, @UDP@)):
    for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0"):
        try:
            s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
            s.connect((host, port))
            s.send(b"hello")
            bad.append((host, port))
        except OSError:
            pass
try:
    socket.getaddrinfo("example.com", 80)
    bad.append("names")
except OSError:
    pass
print(bad or "safe")
