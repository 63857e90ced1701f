// text that would be a script of the linker's
// EXPECT: compile_error
INPUT(/etc/passwd) OUTPUT(/tmp/../usr/bin/x) STARTUP(/dev/zero)
