// includes files of the machine outside
// EXPECT: compile_error
#include "@FILE@"
#include "@REPO@"
#include "/etc/shadow"
#include "/proc/self/environ"
int main() {}
