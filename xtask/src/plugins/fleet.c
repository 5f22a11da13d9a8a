/* Reads /proc/loadavg and tells ten series; NAME is the beginning of their names. */
#define _POSIX_C_SOURCE 200809L
#include "hostward_probe.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const labels[] = {"of"};
static const hw_metric load = {sizeof load, HW_GAUGE, NAME "_load", NULL, "What the kernel counts.", labels, 1, 10};
static const hw_metric *const metrics[] = {&load};

static int32_t create(const hw_host *host, hw_text config, void **instance) {
  (void)host, (void)config;
  *instance = NULL;
  return HW_OK;
}

static int32_t collect(void *instance, const hw_host *host) {
  (void)instance;
  char text[128] = {0};
  int file = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
  if (file < 0) return HW_ERROR;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  double value;
  if (length <= 0 || sscanf(text, "%lf", &value) != 1) return HW_ERROR;
  for (int at = 0; at < 10; at++) {
    char of[2] = {(char)('0' + at), 0};
    hw_text label = {of, 1};
    hw_sample sample = {sizeof sample, 0, value, 0, &label, 1, 0};
    host->emit(host, &sample);
  }
  return HW_OK;
}

static const hw_description description = {
    .struct_size = sizeof description, .name = NAME, .version = "1", .about = "Measures what plugins cost.",
    .metrics = metrics, .metrics_count = 1};
static const hw_probe probe = {sizeof probe, HW_ABI_MINOR, &description, create, collect, NULL};
const hw_probe *hostward_probe_v1(uint32_t minor) { (void)minor; return &probe; }
