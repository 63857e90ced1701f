# pools of processes and of threads, executors, queues, locks and shared memory
# EXPECT: accepted  OUTPUT: 204 204 204 204 5 7  NEEDS: namespaces
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Lock, Pool, Process, Queue, Value, shared_memory
from multiprocessing.pool import ThreadPool
def square(x):
    return x * x
def put(q, n, lock):
    with lock:
        n.value += 2
    q.put(5)
if __name__ == "__main__":
    with Pool(3) as p:
        a = sum(p.map(square, range(2, 9))) + 1
    with ThreadPool(4) as p:
        b = sum(p.imap(square, range(2, 9))) + 1
    with ProcessPoolExecutor(2) as e:
        c = sum(e.map(square, range(2, 9))) + 1
    with ThreadPoolExecutor(8) as e:
        d = sum(e.map(square, range(2, 9))) + 1
    q, n, lock = Queue(), Value("i", 5), Lock()
    p = Process(target=put, args=(q, n, lock))
    p.start()
    got = q.get()
    p.join()
    m = shared_memory.SharedMemory(create=True, size=100)
    m.buf[3] = n.value
    other = shared_memory.SharedMemory(m.name)
    print(a, b, c, d, got, other.buf[3])
    m.unlink()
