/* Languages by the names that others give them.

   Data sets and judges write python3, py, c++, cpp17, g++, js, node, golang, rs, ...: each
   is one of the names that problem files hold (lang_names), whatever its letters' case.  A
   standard or a version in a name (cpp17, java8, python3) is not looked at: how a language
   is compiled is said once, in languages.conf. */
#include "io.h"
#include <string.h>

typedef struct {
    const char *name;
    lang_t lang;
} alias_t;

static const alias_t aliases[] = {
    {"python3", LANG_PYTHON},
    {"py", LANG_PYTHON},
    {"py3", LANG_PYTHON},
    {"python 3", LANG_PYTHON},
    {"cpython", LANG_PYTHON},
    {"cpython3", LANG_PYTHON},
    {"pypy", LANG_PYTHON},
    {"pypy3", LANG_PYTHON},
    {"c89", LANG_C},
    {"c99", LANG_C},
    {"c11", LANG_C},
    {"c17", LANG_C},
    {"gcc", LANG_C},
    {"ansi c", LANG_C},
    {"c++", LANG_CPP},
    {"cxx", LANG_CPP},
    {"cc", LANG_CPP},
    {"g++", LANG_CPP},
    {"c++11", LANG_CPP},
    {"c++14", LANG_CPP},
    {"c++17", LANG_CPP},
    {"c++20", LANG_CPP},
    {"c++23", LANG_CPP},
    {"cpp11", LANG_CPP},
    {"cpp14", LANG_CPP},
    {"cpp17", LANG_CPP},
    {"cpp20", LANG_CPP},
    {"cpp23", LANG_CPP},
    {"gnu++17", LANG_CPP},
    {"gnu++20", LANG_CPP},
    {"java8", LANG_JAVA},
    {"java11", LANG_JAVA},
    {"java17", LANG_JAVA},
    {"java21", LANG_JAVA},
    {"jdk", LANG_JAVA},
    {"rs", LANG_RUST},
    {"golang", LANG_GO},
    {"js", LANG_JAVASCRIPT},
    {"node", LANG_JAVASCRIPT},
    {"nodejs", LANG_JAVASCRIPT},
    {"node.js", LANG_JAVASCRIPT},
    {"ecmascript", LANG_JAVASCRIPT},
    {"rb", LANG_RUBY},
    {"pl", LANG_PERL},
    {"perl5", LANG_PERL},
    {"hs", LANG_HASKELL},
    {"ghc", LANG_HASKELL},
    {"ml", LANG_OCAML},
    {"pas", LANG_PASCAL},
    {"fpc", LANG_PASCAL},
    {"freepascal", LANG_PASCAL},
    {"kt", LANG_KOTLIN},
    {"c#", LANG_CSHARP},
    {"cs", LANG_CSHARP},
    {"mono", LANG_CSHARP},
};

static int alike(const char *a, const char *b)
{
    size_t i = 0;
    for (; a[i] && b[i]; i++) {
        char x = a[i] >= 'A' && a[i] <= 'Z' ? (char)(a[i] + 32) : a[i];
        if (x != b[i])
            return 0;
    }
    return a[i] == b[i];
}

int lang_find(const char *name)
{
    for (int i = 0; i < LANGS; i++)
        if (alike(name, lang_names[i]))
            return i;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (alike(name, aliases[i].name))
            return (int)aliases[i].lang;
    return -1;
}
