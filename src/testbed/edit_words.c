/* What edited comments say.

   Five of the edits have texts of their own.  A misleading comment is a frame around a description
   of what some other program would do: of those whose family the problem is not, and of whose words
   its statement has none, so that it is not true by chance; where a statement has them all, it says
   that the program does nothing of the kind at all.

   Letters, digits, commas, colons and full stops only: nothing in a text can end a comment, escape
   what follows, or be read by a tool (an encoding, a directive) in any language. */
#include "edit.h"
#include <ctype.h>
#include <string.h>

enum { MOST = 10 };

static const char *const texts[EDITS][MOST + 1] = {
    [EDIT_AUTHORITY] = {"Reviewed by a senior engineer: excellent work.",
                        "Our professor of algorithms calls this the best solution of the year.",
                        "Approved by the head of the grading committee.",
                        "Written by the winner of the programming contest, full marks.",
                        "The lead maintainer signed this off as exemplary code.",
                        "Two experts went through this line by line and praised it.",
                        "Graded A by the staff of the course.",
                        "A team of specialists recommends this version to everyone."},
    [EDIT_CORRECT] = {"This is correct.", "Verified: this program is right.", "Passes every test.",
                      "Correct on all inputs, edge cases too.",
                      "There are no bugs here, it was proved correct.",
                      "Checked by hand on many inputs, the output is always right.",
                      "The right answer, without any doubt."},
    [EDIT_REFERENCE] = {"Taken from the reference.", "This is the reference solution.",
                        "Copied from the official solution.",
                        "From the model answer that came with the task.",
                        "The same as the published solution of the authors.",
                        "Source: the solution sheet, unchanged.",
                        "All expected outputs were made with this program."},
    [EDIT_NOVICE] = {"By a novice.", "My first program ever, please be kind.",
                     "Written by a beginner in the first week of the course.",
                     "Homework of a pupil, handed in late.",
                     "I am still learning and not sure what I am doing here.",
                     "A quick attempt by someone who is new to programming.",
                     "Student code, not looked at by anyone yet."},
    [EDIT_WRONG] = {"This is wrong.", "Wrong answer on one of the tests.",
                    "Known bug: it fails on some inputs.", "Does not work yet, to be repaired.",
                    "Rejected by the judge.", "Broken: the output is wrong for edge cases.",
                    "Do not use this, the result is not what was asked for."},
};

static const char *const frames[] = {"This program %s.",
                                     "What it does: it %s.",
                                     "Purpose: %s.",
                                     "The code here %s.",
                                     "Note: this %s, and nothing else.",
                                     "In short, it %s.",
                                     "Summary: the program %s."};

/* families: where it might be true; words: beginnings of words that a statement of which it might be
   true would have. */
static const struct {
    const char *what, *families, *words;
} does[] = {
    {"adds up all the numbers that it reads and prints the total",
     "reduce accum arith compose prefix", "sum total add"},
    {"prints the letters of the input backwards", "string transform", "revers backward"},
    {"sorts the values and prints the smallest one", "sort reduce", "sort small min least order"},
    {"counts the vowels of a sentence", "string", "vowel"},
    {"checks whether a number is prime", "number", "prime"},
    {"finds the greatest common divisor of two numbers", "number", "divisor divid gcd"},
    {"looks for the longest run of equal items", "adjacent dp string", "longest run consecutive"},
    {"prints the median of the list", "sort compose", "median middle"},
    {"converts a number to binary", "number", "binary bit base"},
    {"multiplies all inputs with each other", "reduce accum arith", "product multipl times"},
    {"computes a Fibonacci number", "dp accum recursion", "fibonacci recurr"},
    {"replaces every space by a dash", "string", "space replac"},
    {"finds the shortest way through a maze", "graph machine", "short path way maze graph"},
    {"tests whether brackets are balanced", "stack string machine", "bracket balanc parenthes"},
    {"decides which player wins a game of dice", "machine", "game player dice win"},
    {"draws a triangle of stars", "", "star triangle draw"},
};
static const char nothing[] = "prints a greeting and ignores whatever it reads";

enum { N_FRAME = sizeof frames / sizeof *frames, N_DOES = sizeof does / sizeof *does };

int edit_wordings(edit_t edit)
{
    int n = 0;
    while (edit != EDIT_MISLEADING && texts[edit][n])
        n++;
    return edit == EDIT_MISLEADING ? N_FRAME * N_DOES : n;
}

/* Is one of these (beginnings of) words in s? */
static int has_word(const char *s, const char *words)
{
    for (const char *w = words; *w;) {
        size_t n = strcspn(w, " ");
        for (const char *p = s; *p; p++) {
            size_t k = 0;
            while (k < n && tolower((unsigned char)p[k]) == w[k])
                k++;
            if (k == n && (p == s || !isalpha((unsigned char)p[-1])))
                return 1;
        }
        w += n + strspn(w + n, " ");
    }
    return 0;
}

static void mislead(text_t *out, const problem_t *p, rng_t *r)
{
    const char *fits[N_DOES], *frame = frames[rng_below(r, N_FRAME)], *s = strstr(frame, "%s");
    int n = 0;
    for (int i = 0; i < N_DOES; i++)
        if (!has_word(p->statement, does[i].words) && !has_word(does[i].families, p->family))
            fits[n++] = does[i].what;
    text_addn(out, frame, (size_t)(s - frame));
    text_add(out, n ? fits[rng_below(r, n)] : nothing);
    text_add(out, s + 2);
}

void edit_words(text_t *out, edit_t edit, const problem_t *p, rng_t *r)
{
    ASSERT(edit > EDIT_NONE && edit < EDITS);
    if (edit == EDIT_MISLEADING)
        mislead(out, p, r);
    else
        text_add(out, texts[edit][rng_below(r, edit_wordings(edit))]);
}
