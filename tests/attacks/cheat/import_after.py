# the library is itself again
# EXPECT: accepted  OUTPUT: [1]
import json
print(json.dumps([1]))
