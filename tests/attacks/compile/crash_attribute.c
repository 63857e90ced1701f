// an optimisation that was never meant: the compiler's time
// EXPECT: compile_error accepted wrong_answer runtime_error time_limit
#define A(x) x x x x x x x x x x
#define I if (p[n++ % 9] & 1) goto *l[p[n] & 3];
int main(int n, char **v)
{
    void *l[] = { &&a, &&b, &&c, &&d };
    char *p = v[0];
a:  A(A(A(I)))
b:  A(A(A(I)))
c:  A(A(I))
d:  return 0;
}
