# prints without end
# EXPECT: output_limit/stdout
while True:
    print("y" * 1000)
