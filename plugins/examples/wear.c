/* wear: how worn batteries, eMMC and UFS storage are, as sysfs tells it.
 *
 * Configuration: {"sysfs": "/sys"}. On a host without any of them it is UNAVAILABLE. */
#define _POSIX_C_SOURCE 200809L
#include "hostward_probe.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const battery_labels[] = {"battery"};
static const char *const device_labels[] = {"device", "area"};

static const hw_metric health = {
    sizeof health, HW_GAUGE, "wear_battery_capacity_ratio", "ratio",
    "What the battery holds when it is full, as a share of what it held when it was new.", battery_labels, 1, 16,
};
static const hw_metric cycles = {
    sizeof cycles, HW_COUNTER, "wear_battery_cycles_total", NULL, "Full charges that the battery has been through.",
    battery_labels, 1, 16,
};
static const hw_metric life = {
    sizeof life, HW_GAUGE, "wear_storage_life_used_ratio", "ratio",
    "Share of its life that the storage has used, at most; it tells it in steps of a tenth. 1.1 is beyond its life.",
    device_labels, 2, 64,
};
static const hw_metric spare = {
    sizeof spare, HW_GAUGE, "wear_storage_spare_state", NULL,
    "Spare blocks: 1 enough, 2 four fifths are used, 3 nearly none are left.", device_labels, 1, 32,
};
static const hw_metric *const metrics[] = {&health, &cycles, &life, &spare};
enum { HEALTH, CYCLES, LIFE, SPARE };

static const hw_description description = {
    .struct_size = sizeof description, .interval_ms = 300000, .timeout_ms = 5000, .name = "wear", .version = "1.0",
    .about = "Wear of batteries and of flash storage.", .metrics = metrics, .metrics_count = 4,
    .config_schema = "{\"type\":\"object\",\"properties\":{\"sysfs\":{\"type\":\"string\"}}}",
};

struct instance {
  char root[256];
  int seen; /* whether this reading has found anything */
};

/* The text of a small file without its line feed. */
static int read_text(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  int read = fgets(text, (int)size, file) != NULL;
  fclose(file);
  if (read) text[strcspn(text, "\n")] = '\0';
  return read;
}

/* A number in a file below `dir`. One that is not there, or no number, is no value. */
static int read_number(const char *dir, const char *name, double *value) {
  char path[PATH_MAX], text[64], *end;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  if (!read_text(path, text, sizeof text)) return 0;
  *value = strtod(text, &end);
  return end != text && *end == '\0';
}

static void emit(struct instance *me, const hw_host *host, uint32_t metric, const char *const *values, uint32_t count, double value) {
  hw_text labels[2];
  for (uint32_t i = 0; i < count; i++) labels[i] = (hw_text){values[i], strlen(values[i])};
  me->seen = 1;
  host->emit(host, &(hw_sample){.struct_size = sizeof(hw_sample), .metric = metric, .value = value, .labels = labels, .labels_count = count});
}

static void battery(struct instance *me, const hw_host *host, const char *dir, const char *name) {
  double full, design, count;
  const char *const labels[] = {name};
  int has = (read_number(dir, "energy_full", &full) && read_number(dir, "energy_full_design", &design)) ||
            (read_number(dir, "charge_full", &full) && read_number(dir, "charge_full_design", &design));
  if (has && design > 0) emit(me, host, HEALTH, labels, 1, full / design);
  /* 0 is what drivers say that do not know. */
  if (read_number(dir, "cycle_count", &count) && count > 0) emit(me, host, CYCLES, labels, 1, count);
}

/* JEDEC's scale of eMMC and UFS: 0x01 is up to a tenth, 0x0b is beyond the end; 0 is unknown. */
static void used(struct instance *me, const hw_host *host, const char *name, const char *area, unsigned long step) {
  const char *const labels[] = {name, area};
  if (step >= 1 && step <= 11) emit(me, host, LIFE, labels, 2, (double)step / 10);
}

static void storage(struct instance *me, const hw_host *host, const char *dir, const char *name) {
  char path[PATH_MAX], text[64];
  const char *const labels[] = {name};
  unsigned long a, b, state;
  snprintf(path, sizeof path, "%s/device/life_time", dir);
  if (read_text(path, text, sizeof text) && sscanf(text, "%lx %lx", &a, &b) == 2) {
    used(me, host, name, "a", a);
    used(me, host, name, "b", b);
  }
  snprintf(path, sizeof path, "%s/device/pre_eol_info", dir);
  if (read_text(path, text, sizeof text) && sscanf(text, "%lx", &state) == 1 && state >= 1 && state <= 3)
    emit(me, host, SPARE, labels, 1, (double)state);
}

typedef void look(struct instance *, const hw_host *, const char *dir, const char *name);

/* Looks at each directory below root/class. */
static int32_t each(struct instance *me, const hw_host *host, const char *class, look *look) {
  char path[PATH_MAX], entry_path[PATH_MAX];
  struct dirent **entries;
  snprintf(path, sizeof path, "%s/%s", me->root, class);
  int count = scandir(path, &entries, NULL, alphasort);
  if (count < 0) return errno == ENOENT ? HW_OK : errno == EACCES ? HW_PERMISSION : HW_ERROR;
  for (int i = 0; i < count; i++) {
    int fits = snprintf(entry_path, sizeof entry_path, "%s/%s", path, entries[i]->d_name) < (int)sizeof entry_path;
    if (fits && entries[i]->d_name[0] != '.') look(me, host, entry_path, entries[i]->d_name);
    free(entries[i]);
  }
  free(entries);
  return HW_OK;
}

static int32_t say(const hw_host *host, int32_t status, const char *why) {
  host->reason(host, (hw_text){why, strlen(why)});
  return status;
}

static int32_t create(const hw_host *host, hw_text config, void **out) {
  struct instance *me = calloc(1, sizeof *me);
  if (!me) return say(host, HW_ERROR, "out of memory");
  strcpy(me->root, "/sys");
  char *json = strndup(config.bytes, config.length);
  const char *at = json ? strstr(json, "\"sysfs\"") : NULL;
  if (at) sscanf(at, "\"sysfs\" : \"%255[^\"\\]\"", me->root);
  free(json);
  *out = me;
  return HW_OK;
}

static int32_t collect(void *instance, const hw_host *host) {
  struct instance *me = instance;
  me->seen = 0;
  int32_t status = each(me, host, "class/power_supply", battery);
  if (status == HW_OK) status = each(me, host, "block", storage);
  if (status != HW_OK) return say(host, status, strerror(errno));
  return me->seen ? HW_OK : say(host, HW_UNAVAILABLE, "no battery, eMMC or UFS that tells its wear");
}

static const hw_probe probe = {sizeof probe, HW_ABI_MINOR, &description, create, collect, free};

const hw_probe *hostward_probe_v1(uint32_t host_minor) {
  (void)host_minor;
  return &probe;
}
