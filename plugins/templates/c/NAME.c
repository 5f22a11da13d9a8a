/* NAME: how many files a directory holds, and how large they are together.
 *
 * Build it with `make`, compare its answer with expected.prom with `make test`, and put it where hostward looks with `make install`.
 * What each function and struct means is said in hostward_probe.h. */
#define _POSIX_C_SOURCE 200809L
#include "hostward_probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const label_names[] = {"directory"};

static const hw_metric files = {
    .struct_size = sizeof files, .kind = HW_GAUGE, .name = "NAME_files", .help = "Files in the directory.",
    .labels = label_names, .labels_count = 1, .series_max = 1,
};
static const hw_metric bytes = {
    .struct_size = sizeof bytes, .kind = HW_GAUGE, .name = "NAME_size_bytes", .unit = "bytes",
    .help = "Size of the files in the directory.", .labels = label_names, .labels_count = 1, .series_max = 1,
};
static const hw_metric *const metrics[] = {&files, &bytes};
enum { FILES, BYTES }; /* their places in the array */

static const hw_description description = {
    .struct_size = sizeof description, .interval_ms = 10000, .timeout_ms = 2000, .name = "NAME", .version = "1.0",
    .about = "Files of a directory.", .metrics = metrics, .metrics_count = 2,
    .config_schema = "{\"type\":\"object\",\"properties\":{\"directory\":{\"type\":\"string\"}}}",
};

struct instance {
  char directory[PATH_MAX];
};

static int32_t fail(const hw_host *host, int32_t status, const char *why) {
  host->reason(host, (hw_text){why, strlen(why)});
  return status;
}

static int32_t fail_errno(const hw_host *host, const char *path) {
  char why[PATH_MAX + 100];
  int32_t status = errno == ENOENT ? HW_UNAVAILABLE : errno == EACCES ? HW_PERMISSION : HW_ERROR;
  snprintf(why, sizeof why, "%s: %s", path, strerror(errno));
  return fail(host, status, why);
}

/* The text after "key": in a JSON object of plain texts. Take a JSON library for more than this. */
static int text_of(hw_text config, const char *key, char *out, size_t size) {
  char *json = strndup(config.bytes, config.length), quoted[100];
  int found = 0;
  snprintf(quoted, sizeof quoted, "\"%s\"", key);
  char *at = json ? strstr(json, quoted) : NULL;
  if (at && (at = strchr(at + strlen(quoted), ':')) && (at = strchr(at, '"'))) {
    size_t length = strcspn(at + 1, "\"\\");
    if ((found = at[1 + length] == '"' && length < size)) {
      memcpy(out, at + 1, length);
      out[length] = '\0';
    }
  }
  free(json);
  return found;
}

static int32_t create(const hw_host *host, hw_text config, void **out) {
  struct instance *me = calloc(1, sizeof *me);
  if (!me) return fail(host, HW_ERROR, "out of memory");
  if (!text_of(config, "directory", me->directory, sizeof me->directory)) strcpy(me->directory, "/var/spool");
  *out = me;
  return HW_OK;
}

static void emit(const hw_host *host, uint32_t metric, const char *directory, double value) {
  hw_text labels[] = {{directory, strlen(directory)}};
  host->emit(host, &(hw_sample){.struct_size = sizeof(hw_sample), .metric = metric, .value = value, .labels = labels, .labels_count = 1});
}

static int32_t collect(void *instance, const hw_host *host) {
  struct instance *me = instance;
  DIR *dir = opendir(me->directory);
  if (!dir) return fail_errno(host, me->directory);
  double count = 0, size = 0;
  struct dirent *entry;
  while ((entry = readdir(dir))) {
    struct stat of;
    if (fstatat(dirfd(dir), entry->d_name, &of, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(of.st_mode)) {
      count += 1;
      size += (double)of.st_size;
    }
  }
  closedir(dir);
  emit(host, FILES, me->directory, count);
  emit(host, BYTES, me->directory, size);
  return HW_OK;
}

static const hw_probe probe = {sizeof probe, HW_ABI_MINOR, &description, create, collect, free};

const hw_probe *hostward_probe_v1(uint32_t host_minor) {
  (void)host_minor;
  return &probe;
}
