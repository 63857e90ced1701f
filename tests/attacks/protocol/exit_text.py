# exit with a text is status 1
# EXPECT: runtime_error/exit  OUTPUT: 7
print(7)
raise SystemExit("done")
