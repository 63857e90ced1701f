# an event loop, its executor, and a child process
# EXPECT: accepted  OUTPUT: 30 hello
import asyncio, subprocess
async def twice(x):
    await asyncio.sleep(0.001)
    return 2 * x
async def main():
    parts = await asyncio.gather(*(twice(i) for i in range(6)))
    loop = asyncio.get_running_loop()
    word = await loop.run_in_executor(None, lambda: subprocess.run(["/bin/echo", "hello"], capture_output=True).stdout)
    print(sum(parts), word.decode())
asyncio.run(main())
