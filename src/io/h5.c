/* HDF5 files: how they come to be, and how they are opened.

   A file is written to PATH.tmp and gets its name at the commit:

       write all data, flush on every rank        (each rank's own pages reach the disk)
       attribute `committed` = 1, close
       open PATH.tmp again, alone, and look at it (kind, marker, length)
       fsync, rename to PATH, fsync the folder

   rename is atomic, so at any moment PATH is the previous file or the new one, whole.
   The marker is for copies: a file that was cut off, or a PATH.tmp renamed by hand, is
   told from a finished one.  A run that fails in between takes its PATH.tmp with it.

   Full disks.  MPI-IO does not promise to report a short write on the rank that asked
   for the data (an aggregator wrote it), and a library that has failed to write its
   metadata cannot close the file either.  So the first rank reserves each dataset's
   place with fallocate(2) right after HDF5 has chosen it and before any rank writes,
   and a generous estimate of the headers before they are flushed: that call says ENOSPC
   at once, on one rank, with nothing half done.  (Without it a full disk was seen to
   leave 4 ranks waiting for each other inside a collective write.)  File systems
   without fallocate are asked how much is free instead.  In all cases: PATH.tmp is
   removed, PATH stays, CODE_FIT.

   Opening.  The first rank looks at the file alone and with ordinary reads (is it
   there, is it HDF5, whose kind, which version, was it committed) and only then do all
   ranks open it together: so every refusal is one message, and no rank waits in a
   collective call that another has left.

   libhdf5 1.10 does not check all that it reads: a changed byte in the headers of a file
   of HDF5's oldest format may end it with SIGSEGV (H5O__attr_exists, for one).  The
   format since 1.8, in which we write, has checksums of all headers and is the only one
   that is opened.

   HDF5 is not thread-safe: one thread of a process calls.  Its error stack is silenced;
   the innermost entry becomes the end of our message.  Its exit handler is switched
   off: after a failure it would try to write the same file again.  Group NULL means
   this process alone, without MPI. */
#include "h5.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { METADATA_RESERVE = 1 << 16 }; /* room for the first headers and attributes */

int h5_rank(const h5_t *f)
{
    return f->g ? group_rank(f->g) : 0;
}

int h5_size(const h5_t *f)
{
    return f->g ? group_size(f->g) : 1;
}

static void library_begin(void)
{
    H5dont_atexit(); /* refused once the library runs; harmless */
    H5open();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static herr_t innermost(unsigned n, const H5E_error2_t *e, void *out)
{
    if (n == 0)
        snprintf(out, 512, "%s: %s", e->func_name ? e->func_name : "?", e->desc ? e->desc : "?");
    return 0;
}

/* What HDF5 says was the first thing to go wrong; call before any other HDF5 function. */
static void last_error(char out[512])
{
    snprintf(out, 512, "no reason given");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, out);
}

static char *folder_of(const char *path)
{
    char *d = mem_text(path), *slash = strrchr(d, '/');
    if (!slash)
        strcpy(d, d[0] ? "." : d);
    else if (slash == d)
        slash[1] = 0;
    else
        *slash = 0;
    return d;
}

/* Ends every rank: f could not be written.  `why` is known on the ranks that saw it. */
static void write_failed(h5_t *f, int bad, const char *doing, const char *name, const char *why)
{
    char room[160] = "";
    char *folder = folder_of(f->path);
    struct statvfs s;
    if (bad && !statvfs(folder, &s))
        snprintf(room, sizeof room, "; %.4g MB are free there",
                 (double)s.f_bavail * (double)s.f_frsize / 1e6);
    mem_free(folder);
    if (h5_rank(f) == 0)
        unlink(f->tmp);
    if (f->g)
        comm_barrier(f->g); /* removed before anyone ends the run */
    const char *told =
        "%s: could not be written (%s%s%s: %s%s).  Free some space or choose another "
        "folder, then run the same command again; a previous file of that name is "
        "untouched";
    if (f->g)
        fail_any(f->g, bad, CODE_FIT, told, f->path, doing, name[0] ? " " : "", name, why, room);
    fail(CODE_FIT, told, f->path, doing, name[0] ? " " : "", name, why, room);
}

static void must_why(h5_t *f, int bad, const char *doing, const char *name, const char *why)
{
    double any = bad != 0;
    if (f->g)
        comm_max_f64(f->g, &any, 1);
    if (any == 0)
        return;
    if (f->tmp)
        write_failed(f, bad, doing, name, why);
    const char *told = "%s: cannot read %s: the file is damaged or not what this program writes "
                       "(%s: %s); use another copy or the previous file";
    if (f->g)
        fail_any(f->g, bad, CODE_DATA, told, f->path, name, doing, why);
    fail(CODE_DATA, told, f->path, name, doing, why);
}

void h5_must(h5_t *f, int bad, const char *doing, const char *name)
{
    char why[512] = "";
    if (bad)
        last_error(why);
    must_why(f, bad, doing, name, why);
}

void h5_reserve(h5_t *f, int64_t at, int64_t bytes)
{
    int e = 0;
    f->end = at + bytes > f->end && at > 0 ? at + bytes : f->end;
    if (f->fd >= 0 && bytes > 0 && fallocate(f->fd, FALLOC_FL_KEEP_SIZE, at, bytes)) {
        e = errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL ? 0 : errno;
        struct statvfs s;
        if (e == 0 && !fstatvfs(f->fd, &s) &&
            (double)s.f_bavail * (double)s.f_frsize < (double)bytes)
            e = ENOSPC;
    }
    char doing[64];
    snprintf(doing, sizeof doing, "reserving %.4g kB", (double)bytes / 1000);
    must_why(f, e, doing, "", strerror(e));
}

static hid_t access_list(group_t *g)
{
    hid_t a = H5Pcreate(H5P_FILE_ACCESS);
    if (g) {
        MPI_Comm *comm = group_native(g);
        H5Pset_fapl_mpio(a, *comm, MPI_INFO_NULL);
        H5Pset_all_coll_metadata_ops(a, 1);
        H5Pset_coll_metadata_write(a, 1);
    }
#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MAJOR == 1 && H5_VERS_MINOR == 12 && H5_VERS_RELEASE == 0)
    H5Pset_file_locking(a, 0, 1); /* parallel file systems often have no locks */
#endif
    H5Pset_libver_bounds(a, H5F_LIBVER_V18, H5F_LIBVER_V110); /* V18: attributes beyond 64 KiB */
    H5Pset_alignment(a, 1 << 16, 4096);
    return a;
}

static h5_t *new_file(group_t *g, const char *path)
{
    h5_t *f = ALLOC(h5_t, 1);
    f->g = g;
    f->path = mem_text(path);
    f->fd = -1;
    f->access = H5Pcreate(H5P_DATASET_XFER);
    if (g)
        H5Pset_dxpl_mpio(f->access, H5FD_MPIO_COLLECTIVE);
    return f;
}

static void free_file(h5_t *f)
{
    if (f->tmp)
        fail_keep(f->tmp);
    H5Pclose(f->access);
    if (f->fd >= 0)
        close(f->fd);
    mem_free(f->path);
    mem_free(f->tmp);
    mem_free(f);
}

/* "4 ranks on 2 hosts, first host NAME" */
static void host_layout(h5_t *f)
{
    char mine[64] = "", text[160];
    gethostname(mine, sizeof mine - 1);
    int n = h5_size(f), hosts = 0;
    char(*all)[64] = mem_new((size_t)n * 64);
    if (f->g)
        comm_allgather(f->g, all, mine, sizeof mine);
    else
        memcpy(all[0], mine, sizeof mine);
    for (int i = 0; i < n; i++) {
        int seen = i > 0 && !strcmp(all[i], all[i - 1]);
        for (int j = 0; j < i && !seen; j++)
            seen = !strcmp(all[i], all[j]);
        hosts += !seen;
    }
    snprintf(text, sizeof text, "%d rank%s on %d host%s, first host %s", n, n == 1 ? "" : "s",
             hosts, hosts == 1 ? "" : "s", all[0]);
    h5_put_text(f, "/", "host_layout", text);
    mem_free(all);
}

h5_t *h5_create(group_t *g, const char *path, const char *kind, int version, const char *deck)
{
    library_begin();
    h5_t *f = new_file(g, path);
    text_t tmp = {0}, format = {0};
    text_addf(&tmp, "%s.tmp", path);
    f->tmp = mem_text(tmp.s);
    int e = 0;
    if (h5_rank(f) == 0) {
        unlink(f->tmp); /* of a run that was killed */
        f->fd = open(f->tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        e = f->fd < 0 ? errno : 0;
    }
    if (g)
        comm_bcast(g, &e, sizeof e, 0); /* all ranks go the same way */
    if (e == ENOSPC || e == EDQUOT)
        must_why(f, e, "creating it", "", strerror(e));
    if (h5_rank(f) == 0)
        fail_remove(f->tmp);
    const char *told = "%s: cannot be created: %s; the folder must exist and be writable";
    if (g)
        fail_any(g, e, CODE_DATA, told, path, strerror(e));
    else if (e)
        fail(CODE_DATA, told, path, strerror(e));
    hid_t a = access_list(g);
    f->file = H5Fcreate(f->tmp, H5F_ACC_TRUNC, H5P_DEFAULT, a);
    h5_must(f, f->file < 0, "creating it", "");
    f->headers = METADATA_RESERVE;
    h5_reserve(f, 0, f->headers);
    H5Pclose(a);
    text_addf(&format, "aletheia/%s", kind);
    h5_put_text(f, "/", "format", format.s);
    h5_put_int(f, "/", "version", version);
    h5_put_text(f, "/", "created_by", "aletheia " ALETHEIA_VERSION " " ALETHEIA_COMMIT);
    if (deck)
        h5_put_text(f, "/", "deck", deck);
    host_layout(f);
    text_reset(&tmp);
    text_reset(&format);
    return f;
}

/* 0, or errno: the finished tmp becomes path. */
static int publish(h5_t *f)
{
    struct stat s;
    if (fstat(f->fd, &s) || ftruncate(f->fd, s.st_size) || fsync(f->fd) || rename(f->tmp, f->path))
        return errno; /* ftruncate gives back what was reserved beyond the end */
    char *folder = folder_of(f->path);
    int d = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), e = 0;
    mem_free(folder);
    if (d < 0 || (fsync(d) && errno != EINVAL && errno != ENOTSUP))
        e = errno;
    if (d >= 0)
        close(d);
    return e;
}

void h5_commit(h5_t *f)
{
    h5_reserve(f, 0, f->end + f->headers); /* headers are written by the flush and the close */
    h5_must(f, H5Fflush(f->file, H5F_SCOPE_GLOBAL) < 0, "flushing", "");
    h5_put_int(f, "/", "committed", 1);
    h5_must(f, H5Fclose(f->file) < 0, "closing", "");
    text_t why = {0};
    int bad = 0;
    if (h5_rank(f) == 0 && h5_probe(f->tmp, NULL, INT32_MAX, &why))
        bad = 1;
    must_why(f, bad, "looking at it after writing", "", why.s ? why.s : "");
    int e = h5_rank(f) == 0 ? publish(f) : 0;
    must_why(f, e, "giving it its name", "", strerror(e));
    text_reset(&why);
    free_file(f);
}

/* The part of probe that needs HDF5's own reader. */
static int probe_inside(hid_t file, const char *kind, int max_version, text_t *why)
{
    char *format = NULL;
    int64_t version = 0, done = 0;
    int bad = 1;
    if (h5_attr_text(file, "/", "format", &format) != 1 || strncmp(format, "aletheia/", 9))
        text_addf(why,
                  "an HDF5 file, but none of aletheia's (its root attribute `format` should "
                  "be \"aletheia/%s\")",
                  kind ? kind : "...");
    else if (kind && strcmp(format + 9, kind))
        text_addf(why, "this is a file of kind %s, expected kind %s", format + 9, kind);
    else if (!h5_attr_int(file, "/", "version", &version) || version < 1)
        text_addf(why, "its root attribute `version` is missing or damaged");
    else if (version > max_version)
        text_addf(why,
                  "written by a newer program: version %lld of the %s format, this program "
                  "reads up to %d; use a newer aletheia",
                  (long long)version, format + 9, max_version);
    else if (!h5_attr_int(file, "/", "committed", &done) || done != 1)
        text_addf(why, "its writer ended before the file was complete; use the previous file");
    else
        bad = 0;
    mem_free(format);
    return bad;
}

int h5_probe(const char *path, const char *kind, int max_version, text_t *why)
{
    static const unsigned char signature[8] = "\x89HDF\r\n\x1a\n";
    unsigned char head[9] = {0};
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not be waited for */
    if (fd < 0 || fstat(fd, &s)) {
        text_addf(why, "%s", strerror(errno));
        return 1;
    }
    ssize_t got = S_ISREG(s.st_mode) ? read(fd, head, sizeof head) : -1;
    close(fd);
    if (got != sizeof head || memcmp(head, signature, 8)) {
        text_addf(why, "%s, expected an HDF5 file of kind %s",
                  S_ISDIR(s.st_mode) ? "this is a folder"
                  : s.st_size == 0   ? "the file is empty"
                                     : "this is not an HDF5 file",
                  kind ? kind : "aletheia/...");
        return 1;
    }
    if (head[8] < 2) { /* version of the superblock */
        text_addf(why, "in HDF5's oldest format, whose damage cannot be told: it has no checksums; "
                       "copy it with h5repack --low=1");
        return 1;
    }
    library_begin();
    hid_t a = access_list(NULL), file = H5Fopen(path, H5F_ACC_RDONLY, a);
    H5Pclose(a);
    if (file < 0) {
        text_addf(why,
                  "the file is truncated or damaged (%lld bytes are there); use another copy "
                  "or the previous file",
                  (long long)s.st_size);
        return 1;
    }
    int bad = probe_inside(file, kind, max_version, why);
    H5Fclose(file);
    return bad;
}

void h5_drop(h5_t *f)
{
    H5Fclose(f->file);
    if (h5_rank(f) == 0)
        unlink(f->tmp);
    free_file(f);
}

h5_t *h5_open(group_t *g, const char *path, const char *kind, int max_version)
{
    library_begin();
    h5_t *f = new_file(g, path);
    text_t why = {0};
    int bad = h5_rank(f) == 0 && h5_probe(path, kind, max_version, &why);
    if (g)
        fail_any(g, bad, CODE_DATA, "%s: %s", path, why.s ? why.s : "");
    else if (bad)
        fail(CODE_DATA, "%s: %s", path, why.s);
    text_reset(&why);
    hid_t a = access_list(g);
    f->file = H5Fopen(path, H5F_ACC_RDONLY, a);
    h5_must(f, f->file < 0, "opening", "the file");
    H5Pclose(a);
    return f;
}

void h5_close(h5_t *f)
{
    if (!f)
        return;
    H5Fclose(f->file);
    free_file(f);
}

const char *h5_path(const h5_t *f)
{
    return f->path;
}
