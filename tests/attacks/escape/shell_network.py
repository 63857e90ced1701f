# the shells' own network and other programs that talk
# EXPECT: accepted  OUTPUT: safe
import subprocess
bad = []
for line in ("exec 3<>/dev/tcp/127.0.0.1/@TCP@ && echo out >&3", "echo out >/dev/udp/127.0.0.1/@UDP@",
             "curl -s -m 1 http://127.0.0.1:@TCP@/", "perl -MIO::Socket -e 'IO::Socket::INET->new(\"127.0.0.1:@TCP@\") or die'"):
    r = subprocess.run(["/bin/bash", "-c", line], stdout=-3, stderr=-3)
    if r.returncode == 0:
        bad.append(line)
print(bad or "safe")
