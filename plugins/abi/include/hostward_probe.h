/* hostward_probe.h: what a shared object must offer to be a probe of hostward. Version 1.0.
 *
 * A plugin exports one function, hostward_probe_v1(), which gives a table of functions and a description of what it
 * measures. hostward loads the object in a process of its own, creates one instance, and asks it for numbers
 * once in each interval.
 *
 * Versions. The number in the function's name is the major version; objects of another one are not loaded. Minor
 *   versions only append members to structs, kinds, statuses and extensions. Every struct begins with its size as its
 *   author knew it: a reader takes the members that lie wholly within that size and treats the others as zero.
 * Text is UTF-8. In descriptions it ends with a NUL and contains none; in what is said later it has a length.
 * Ownership never crosses the boundary. A description is static: it stays valid and unchanged for as long as the process
 *   lives. Whatever is handed to the host (a sample, a message) is copied before the host returns, so it may lie on
 *   the stack. Nobody frees what the other one has allocated.
 * Threads. One instance is used by one thread at a time. hw_host.log may be called by any thread at any time after
 *   create() was entered; emit, reason and time_left_ms only by the thread that create() or collect() was called on,
 *   and only until that call returns.
 * Exceptions, panics and longjmp must not cross the boundary in either direction.
 * The process is the plugin's own, yet the host needs it: a plugin does not exit, replace signal actions, change the
 *   working directory, limits or locale, or touch the descriptors 0, 1 and 2. What it prints is a log, not
 *   a measurement. Objects are never unloaded; a new version is loaded by a new process.
 * Only types of fixed size are used: no enum, bool, long, FILE, errno or va_list.
 */
#ifndef HOSTWARD_PROBE_H
#define HOSTWARD_PROBE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define HW_EXPORT __attribute__((visibility("default")))
#else
#define HW_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define HW_ABI_MAJOR 1u
#define HW_ABI_MINOR 0u

/* What create() and collect() return. With anything but HW_OK the samples of this call are not used: a series that cannot
 * be read is absent, never zero. */
#define HW_OK 0
#define HW_ERROR 1       /* something went wrong */
#define HW_UNAVAILABLE 2 /* what is measured is not here: no such device, program or file; no failure */
#define HW_PERMISSION 3  /* it is here, but may not be read */
#define HW_CONFIG 4      /* the configuration is wrong */
#define HW_TIMEOUT 5     /* time was up */

/* Kinds of metrics. */
#define HW_GAUGE 1
#define HW_COUNTER 2 /* only ever grows, but for restarts; the name ends with _total */
#define HW_INFO 3    /* its labels are what it says and its value is 1; the name ends with _info */

/* What emit() returns. */
#define HW_TAKEN 0
#define HW_REFUSED 1 /* this sample is not valid, and the log says why; go on with the next */
#define HW_STOP 2    /* time is up, or a bound is reached; return from collect(), with HW_OK if the samples so far count */

/* Levels of log messages: those of syslog. */
#define HW_LOG_ERROR 3
#define HW_LOG_WARNING 4
#define HW_LOG_INFO 6
#define HW_LOG_DEBUG 7

/* What a plugin may need beyond an ordinary look at the host. It is told to the administrator; only the configuration
 * grants it. */
#define HW_NEEDS_NETWORK 1u      /* internet sockets */
#define HW_NEEDS_LOCAL_SOCKETS 2u /* unix sockets */
#define HW_NEEDS_RAW_DEVICES 4u  /* devices below /dev */
#define HW_NEEDS_ROOT 8u         /* the user root */

/* A text with its length; not terminated. */
typedef struct hw_text {
  const char *bytes; /* may be NULL if length is 0 */
  size_t length;
} hw_text;

/* One metric. */
typedef struct hw_metric {
  uint32_t struct_size;
  uint32_t kind;             /* HW_GAUGE, ... */
  const char *name;          /* as Prometheus has it, whole: [a-zA-Z_:][a-zA-Z0-9_:]* */
  const char *unit;          /* the base unit with which the name ends (before _total): "seconds", "bytes"; or NULL */
  const char *help;          /* a sentence; not empty */
  const char *const *labels; /* names of the labels, labels_count of them */
  uint32_t labels_count;
  uint32_t series_max;       /* a promise: there are never more series than this; 0 = 100 */
} hw_metric;

/* What a plugin is. */
typedef struct hw_description {
  uint32_t struct_size;
  uint32_t interval_ms; /* how often to ask, unless configured; 0 = 10000 */
  uint32_t timeout_ms;  /* how long one answer may take, unless configured; 0 = 5000 */
  uint32_t needs;       /* HW_NEEDS_..., added up */
  const char *name;     /* short and unique: [a-z][a-z0-9_]* */
  const char *version;
  const char *author;        /* or NULL */
  const char *about;         /* a sentence */
  const char *config_schema; /* JSON Schema of the configuration; NULL = there is none */
  /* An array of pointers, because hw_metric may grow: the elements of an array of structs would then lie elsewhere. */
  const hw_metric *const *metrics;
  const char *const *read_paths; /* files and directories it wants to read that the sandbox may not show */
  uint32_t metrics_count;
  uint32_t read_paths_count;
} hw_description;

/* One value. */
typedef struct hw_sample {
  uint32_t struct_size;
  uint32_t metric;       /* index into hw_description.metrics */
  double value;          /* not NaN: what has no value is left out; of counters finite and not negative */
  int64_t time_ms;       /* since the Unix epoch; 0 = now. Only for values that were read at another time. */
  const hw_text *labels; /* one value for each of the metric's labels, in their order */
  uint32_t labels_count;
  uint32_t reserved;     /* 0 */
} hw_sample;

/* What the host offers. Lives as long as the process. */
typedef struct hw_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  /* Writes a line into the log. */
  void (*log)(const struct hw_host *host, uint32_t level, hw_text message);
  /* Says in one sentence why the call that is going on will not return HW_OK. The last one counts. */
  void (*reason)(const struct hw_host *host, hw_text sentence);
  /* Hands over one value; only within collect(). */
  int32_t (*emit)(const struct hw_host *host, const hw_sample *sample);
  /* Milliseconds until the call that is going on must have returned; 0 or less: time is up. */
  int64_t (*time_left_ms)(const struct hw_host *host);
  /* A table of further functions by name, or NULL if this host has none of that name. */
  const void *(*extension)(const struct hw_host *host, const char *name);
} hw_host;

/* What the plugin offers. Static. */
typedef struct hw_probe {
  uint32_t struct_size;
  uint32_t abi_minor;
  const hw_description *description;
  /* Makes an instance and puts it into *instance. `config` is a JSON object, "{}" if nothing is configured. If it does not
   * return HW_OK there is no instance, destroy() is not called, and it is tried again at the next interval. */
  int32_t (*create)(const hw_host *host, hw_text config, void **instance);
  /* Reads once and emits what it saw. */
  int32_t (*collect)(void *instance, const hw_host *host);
  /* Ends an instance. May be NULL. */
  void (*destroy)(void *instance);
} hw_probe;

/* The one function that is looked up. NULL: this build cannot work with a host of this minor version. */
HW_EXPORT const hw_probe *hostward_probe_v1(uint32_t host_minor);

#ifdef __cplusplus
}
#endif
#endif
