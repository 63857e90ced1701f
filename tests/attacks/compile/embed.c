// embeds a file of the machine outside
// EXPECT: compile_error
static const char x[] = {
#embed "@FILE@"
};
int main(void) { return x[0]; }
