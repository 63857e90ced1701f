# programs of the system that make namespaces
# EXPECT: accepted  OUTPUT: safe
import subprocess
bad = []
for words in (["/usr/bin/unshare", "-Ur", "/usr/bin/id"], ["/usr/bin/unshare", "-m", "/bin/true"],
              ["/usr/bin/nsenter", "-t", "1", "-U", "/bin/true"], ["/usr/sbin/chroot", "/", "/bin/true"],
              ["/usr/bin/setpriv", "--reuid", "0", "/bin/true"], ["/bin/mount", "-t", "tmpfs", "x", "/tmp"]):
    try:
        if subprocess.run(words, stdout=-3, stderr=-3).returncode == 0:
            bad.append(words)
    except OSError:
        pass
print(bad or "safe")
