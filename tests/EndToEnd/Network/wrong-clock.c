/*
 * Loaded before the C library (LD_PRELOAD): the wall clock is wrong by the seconds that stand in the file $WRONG_CLOCK, read at each
 * look. Clocks that nobody can set stay right. No header: the compiler needs none then.
 */
struct timespec { long seconds; long nanoseconds; };
struct timeval { long seconds; long microseconds; };

extern long syscall(long number, ...);
extern int open(const char *path, int flags, ...);
extern long read(int file, void *bytes, unsigned long count);
extern int close(int file);
extern char *getenv(const char *name);
extern long atol(const char *text);

enum { REALTIME = 0, REALTIME_COARSE = 5 }; /* linux/time.h */

#ifdef __x86_64__
enum { CLOCK_GETTIME = 228 };
#else
enum { CLOCK_GETTIME = 113 };
#endif

static long error_seconds(void)
{
    char text[32];
    long count = 0;
    const char *path = getenv("WRONG_CLOCK");
    int file = path ? open(path, 0) : -1;
    if (file >= 0) {
        count = read(file, text, sizeof text - 1);
        close(file);
    }

    text[count > 0 ? count : 0] = 0;
    return atol(text);
}

int clock_gettime(int clock, struct timespec *time)
{
    long result = syscall(CLOCK_GETTIME, clock, time);
    if (result == 0 && (clock == REALTIME || clock == REALTIME_COARSE))
        time->seconds += error_seconds();
    return result;
}

int gettimeofday(struct timeval *time, void *zone)
{
    struct timespec now;
    int result = clock_gettime(REALTIME, &now);
    time->seconds = now.seconds;
    time->microseconds = now.nanoseconds / 1000;
    return result;
}

long time(long *result)
{
    struct timespec now;
    clock_gettime(REALTIME, &now);
    if (result)
        *result = now.seconds;
    return now.seconds;
}
