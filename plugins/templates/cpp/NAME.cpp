// NAME: how many files a directory holds, and how large they are together.
//
// Build it with `make`, compare its answer with expected.prom with `make test`, and put it where hostward looks with `make install`.
// What each function and struct means is said in hostward_probe.h. No exception may leave a function that hostward calls.
#include "hostward_probe.h"

#include <exception>
#include <filesystem>
#include <regex>
#include <string>
#include <system_error>

namespace fs = std::filesystem;

namespace {

const char *const label_names[] = {"directory"};
const hw_metric files = {sizeof(hw_metric), HW_GAUGE, "NAME_files", nullptr, "Files in the directory.", label_names, 1, 1};
const hw_metric bytes = {
    sizeof(hw_metric), HW_GAUGE, "NAME_size_bytes", "bytes", "Size of the files in the directory.", label_names, 1, 1};
const hw_metric *const metrics[] = {&files, &bytes};
enum : uint32_t { FILES, BYTES };  // their places in the array

const hw_description description = {
    sizeof(hw_description), 10000, 2000, 0, "NAME", "1.0", nullptr, "Files of a directory.",
    R"({"type":"object","properties":{"directory":{"type":"string"}}})", metrics, nullptr, 2, 0};

struct Instance {
  std::string directory = "/var/spool";
};

int32_t fail(const hw_host *host, int32_t status, const std::string &why) {
  host->reason(host, {why.data(), why.size()});
  return status;
}

// Runs what may throw.
template <typename Work>
int32_t guarded(const hw_host *host, Work work) noexcept {
  try {
    work();
    return HW_OK;
  } catch (const std::system_error &error) {
    const auto missing = error.code() == std::errc::no_such_file_or_directory;
    const auto refused = error.code() == std::errc::permission_denied;
    return fail(host, missing ? HW_UNAVAILABLE : refused ? HW_PERMISSION : HW_ERROR, error.what());
  } catch (const std::exception &error) {
    return fail(host, HW_ERROR, error.what());
  } catch (...) {
    return HW_ERROR;
  }
}

// The configuration is a JSON object of plain texts; take a JSON library for more than this.
int32_t create(const hw_host *host, hw_text config, void **out) {
  return guarded(host, [&] {
    const std::string json(config.bytes, config.length);
    Instance instance;
    std::smatch found;
    if (std::regex_search(json, found, std::regex(R"re("directory"\s*:\s*"([^"\\]*)")re"))) instance.directory = found[1];
    *out = new Instance(instance);
  });
}

void emit(const hw_host *host, uint32_t metric, const std::string &directory, double value) {
  const hw_text label = {directory.data(), directory.size()};
  const hw_sample sample = {sizeof(hw_sample), metric, value, 0, &label, 1, 0};
  host->emit(host, &sample);
}

int32_t collect(void *instance, const hw_host *host) {
  return guarded(host, [&] {
    const auto &directory = static_cast<Instance *>(instance)->directory;
    double count = 0, size = 0;
    for (const auto &entry : fs::directory_iterator(directory)) {
      if (!entry.is_regular_file() || entry.is_symlink()) continue;
      count += 1;
      size += static_cast<double>(entry.file_size());
    }
    emit(host, FILES, directory, count);
    emit(host, BYTES, directory, size);
  });
}

void destroy(void *instance) { delete static_cast<Instance *>(instance); }

const hw_probe probe = {sizeof(hw_probe), HW_ABI_MINOR, &description, create, collect, destroy};

}  // namespace

const hw_probe *hostward_probe_v1(uint32_t) { return &probe; }
